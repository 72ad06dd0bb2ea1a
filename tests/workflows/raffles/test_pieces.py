"""Parts of a locked list: pieces make the whole, and one entry is shown without reading them all."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.modules.raffles.domain.branches import PIECE
from luxewin.modules.raffles.public import Trees
from luxewin.modules.raffles.repository import draws, pieces
from luxewin.modules.raffles.service import show_entries
from tests.workflows.market import Market
from tests.workflows.raffles.fair import bought, buyers, drawn, locked, published, read, refused, told


async def sold(market: Market) -> dict[str, Any]:
    """Sell 1 to 9, and take 3 and 4 back."""
    raffle = await published(market)
    people = buyers(market, 4)
    for person, quantity in zip(people, (2, 2, 2, 3), strict=True):
        await bought(person, raffle, quantity)
    (purchase,) = told(await people[1].ask("GET", "/purchases"), 200)["data"]
    told(await market.staff.post(f"/orders/{purchase['order_id']}/cancel", {"reason": "asked for"}), 200)
    return raffle


async def test_pieces_make_the_whole_list(market: Market) -> None:
    raffle = await sold(market)
    refused(await market.guest().ask("GET", f"/raffles/{raffle['id']}/entries?limit=3"), 409, "raffles.not_locked")
    await locked(market, raffle)
    whole = await read(market, raffle, "entries")
    numbers, commits = list[int](), ""
    after: int | None = 0
    while after is not None:
        piece = await read(market, raffle, f"entries?after={after}&limit=3")
        numbers += [number for first, last in piece["numbers"] for number in range(first, last + 1)]
        commits += piece["commits"]
        after = piece["next_after"]
    assert numbers == [1, 2, 5, 6, 7, 8, 9]
    assert commits == whole["commits"]


async def test_a_proof_without_its_entries_is_the_same_otherwise(market: Market) -> None:
    raffle = await sold(market)
    await drawn(market, raffle)
    whole = await read(market, raffle, "proof")
    assert {**await read(market, raffle, "proof?entries=false"), "entries": whole["entries"]} == whole


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many entries each question asked for."""
    limits: list[int] = []
    answer = pieces.entries_after

    async def counted(*args: Any, limit: int) -> list[tuple[int, bytes]]:
        limits.append(limit)
        return await answer(*args, limit=limit)

    monkeypatch.setattr(pieces, "entries_after", counted)
    return limits


async def test_a_list_is_read_once_and_then_a_piece_for_each_entry(market: Market, asked: list[int]) -> None:
    raffle = await sold(market)
    await locked(market, raffle)
    trees, raffle_id = Trees(), UUID(raffle["id"])
    async with market.database.begin(market.tenant, ANONYMOUS) as tx:
        first = await show_entries.inclusion(tx, raffle_id, 5, trees=trees)
        asked.clear()
        assert await show_entries.inclusion(tx, raffle_id, 5, trees=trees) == first
    assert asked == [PIECE]


async def test_a_list_that_is_not_the_receipts_is_shown_to_nobody(market: Market) -> None:
    raffle = await sold(market)
    await locked(market, raffle)
    change = "UPDATE raffles_tickets SET status = $2 WHERE raffle_id = $1 AND number = 6"
    await market.as_owner(change, raffle["id"], "void")
    refused(await market.guest().ask("GET", f"/raffles/{raffle['id']}/proof?ticket=5"), 409, "raffles.list_changed")
    await market.as_owner(change, raffle["id"], "valid")
    assert (await read(market, raffle, "proof?ticket=5"))["position"] == 2


async def test_trees_keep_the_last_few_and_grow_the_others_again(market: Market, asked: list[int]) -> None:
    trees, locks = Trees(most=1), []
    raffles = [await sold(market) for _ in range(2)]
    for raffle in raffles:
        await locked(market, raffle)
    async with market.database.begin(market.tenant, ANONYMOUS) as tx:
        for raffle in raffles:
            lock = await draws.lock_of(tx, UUID(raffle["id"]))
            assert lock is not None
            locks.append(lock)
            await trees.of(tx, lock)
        asked.clear()
        await trees.of(tx, locks[1])
        assert asked == []
        await trees.of(tx, locks[0])
    assert asked != []
