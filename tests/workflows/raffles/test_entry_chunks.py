"""Parts of a locked list: together they make the list, and one entry is proved without reading all."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.modules.raffles.domain.chunked_tree import CHUNK_SIZE
from luxewin.modules.raffles.public import MerkleTreeCache
from luxewin.modules.raffles.repository import draws
from luxewin.modules.raffles.repository import entries as repository
from luxewin.modules.raffles.service import read_entries
from tests.workflows.market import Market
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    publish_raffle,
    read_public,
)


async def sell_tickets(market: Market) -> dict[str, Any]:
    """Sell the tickets 1 to 9, and refund 3 and 4."""
    raffle = await publish_raffle(market)
    people = customers(market, 4)
    for person, quantity in zip(people, (2, 2, 2, 3), strict=True):
        await buy_tickets(person, raffle, quantity)
    (purchase,) = expect(await people[1].request("GET", "/purchases"), 200)["data"]
    expect(await market.staff.post(f"/orders/{purchase['order_id']}/cancel", {"reason": "queried for"}), 200)
    return raffle


async def test_the_parts_make_the_complete_list(market: Market) -> None:
    raffle = await sell_tickets(market)
    expect_error(
        await market.guest().request("GET", f"/raffles/{raffle['id']}/entries?limit=3"), 409, "raffles.not_locked"
    )
    await lock_raffle(market, raffle)
    complete = await read_public(market, raffle, "entries")
    numbers, commits = list[int](), ""
    after: int | None = 0
    while after is not None:
        part = await read_public(market, raffle, f"entries?after={after}&limit=3")
        numbers += [number for first, last in part["numbers"] for number in range(first, last + 1)]
        commits += part["commits"]
        after = part["next_after"]
    assert numbers == [1, 2, 5, 6, 7, 8, 9]
    assert commits == complete["commits"]


async def test_a_proof_without_entries_is_otherwise_the_same(market: Market) -> None:
    raffle = await sell_tickets(market)
    await draw_raffle(market, raffle)
    complete = await read_public(market, raffle, "proof")
    assert {**await read_public(market, raffle, "proof?entries=false"), "entries": complete["entries"]} == complete


@pytest.fixture
def queried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The limits of the queries for entries."""
    limits: list[int] = []
    original = repository.entries_after

    async def counted(*args: Any, limit: int) -> list[tuple[int, bytes]]:
        limits.append(limit)
        return await original(*args, limit=limit)

    monkeypatch.setattr(repository, "entries_after", counted)
    return limits


async def test_a_list_is_read_once_and_then_one_chunk_for_each_entry(market: Market, queried: list[int]) -> None:
    raffle = await sell_tickets(market)
    await lock_raffle(market, raffle)
    trees, raffle_id = MerkleTreeCache(), UUID(raffle["id"])
    async with market.database.begin(market.tenant, ANONYMOUS) as tx:
        first = await read_entries.inclusion(tx, raffle_id, 5, trees=trees)
        queried.clear()
        assert await read_entries.inclusion(tx, raffle_id, 5, trees=trees) == first
    assert queried == [CHUNK_SIZE]


async def test_no_inclusion_is_proved_in_a_list_that_differs_from_the_receipt(market: Market) -> None:
    raffle = await sell_tickets(market)
    await lock_raffle(market, raffle)
    change = "UPDATE raffles_tickets SET status = $2 WHERE raffle_id = $1 AND number = 6"
    await market.as_owner(change, raffle["id"], "void")
    expect_error(
        await market.guest().request("GET", f"/raffles/{raffle['id']}/proof?ticket=5"), 409, "raffles.list_changed"
    )
    await market.as_owner(change, raffle["id"], "valid")
    assert (await read_public(market, raffle, "proof?ticket=5"))["position"] == 2


async def test_the_cache_evicts_the_least_recently_used_tree(market: Market, queried: list[int]) -> None:
    trees, locks = MerkleTreeCache(capacity=1), []
    raffles = [await sell_tickets(market) for _ in range(2)]
    for raffle in raffles:
        await lock_raffle(market, raffle)
    async with market.database.begin(market.tenant, ANONYMOUS) as tx:
        for raffle in raffles:
            lock = await draws.lock_of(tx, UUID(raffle["id"]))
            assert lock is not None
            locks.append(lock)
            await trees.tree_of(tx, lock)
        queried.clear()
        await trees.tree_of(tx, locks[1])
        assert queried == []
        await trees.tree_of(tx, locks[0])
    assert queried != []
