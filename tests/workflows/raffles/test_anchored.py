"""A raffle that promises an anchor: on a real chain, through the worker's own duty, whatever happens in between."""

import asyncio
import os
import time
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.database import Database
from luxewin.modules.raffles.anchors.chain import Chain
from luxewin.modules.raffles.anchors.protocol import NonceTaken
from luxewin.modules.raffles.domain.anchoring import SignedAnchor, TransactionState
from luxewin.modules.raffles.public import KeptTransactions
from tests.chain.anvil import Anvil
from tests.chain.conftest import anchors_on
from tests.chain.ledger import RECEIPT, Ledger
from tests.chain.test_cuts import Killed, killed_at
from tests.workflows.market import Market
from tests.workflows.raffles.anchorage import MARGIN, PATIENT, Anchorage, final, must_have_given_back, offer
from tests.workflows.raffles.fair import (
    at,
    drafted,
    drawn,
    locked,
    read,
    refused,
    seen,
    told,
)
from tests.workflows.raffles.test_drawing import must_verify
from verify import verify_draw

RULES = "rules:1"
EVERY_POINT = "LUXEWIN_TEST_AT_LENGTH" in os.environ


async def test_an_anchored_raffle_is_drawn_and_a_stranger_finds_it_on_the_chain(anchorage: Anchorage) -> None:
    market, node = anchorage.market, anchorage.node
    raffle = await anchorage.published()
    place = anchorage.place.document()
    assert raffle["anchor"] == {**place, "margin_seconds": MARGIN}
    await anchorage.anchored()
    assert (await locked(market, raffle))["status"] == "locked"
    assert (await read(market, raffle, "receipt"))["anchor"] is None
    await anchorage.anchored()
    assert (await seen(market, raffle))["status"] == "anchored"
    assert (await drawn(market, raffle))["status"] == "drawn"
    proof = await read(market, raffle, "proof")
    must_verify(proof)
    assert proof["anchor"] == (await read(market, raffle, "receipt"))["anchor"]
    assert verify_draw.look_up_anchor(proof, node.url)
    assert anchorage.sent() == 2
    assert proof["rules"][0]["on_missed_anchor"] == "cancel"


async def test_without_its_anchor_nothing_is_drawn_however_late(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    assert (await drawn(anchorage.market, raffle))["status"] == "locked"


async def test_a_raffle_is_not_published_with_an_anchor_that_nobody_offers(market: Market) -> None:
    draft = await drafted(market, with_anchor=True)
    refused(await market.staff.post(f"/raffles/{draft['id']}/publish"), 503, "raffles.anchor_missing")
    assert told(await market.staff.ask("GET", f"/raffles/{draft['id']}"), 200)["status"] == "draft"


async def test_the_margin_has_to_fit_into_the_delay(anchorage: Anchorage) -> None:
    draft = await drafted(anchorage.market, with_anchor=True, draw_delay_seconds=2 * MARGIN - 1)
    refused(await anchorage.market.staff.post(f"/raffles/{draft['id']}/publish"), 400, "raffles.delay_too_short")


async def test_rules_that_were_not_anchored_before_the_closing_end_the_raffle(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    at(anchorage.market, hours=1, seconds=30)
    anchorage.node.mine(3, at=int(time.time()) + 3_700)
    await anchorage.step()
    assert (await seen(anchorage.market, raffle))["status"] == "cancelled"
    await must_have_given_back(anchorage)
    assert anchorage.sent() == 0


async def test_a_receipt_that_comes_too_late_ends_the_raffle_and_its_list_stays_public(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffle = await anchorage.published()
    await anchorage.anchored()
    await locked(market, raffle)
    before = await read(market, raffle, "receipt"), await read(market, raffle, "entries")
    anchorage.node.mine(at=await anchorage.receipt_before(raffle))
    await anchorage.step()
    assert (await seen(market, raffle))["status"] == "locked"
    await anchorage.step(blocks=2)
    assert (await seen(market, raffle))["status"] == "cancelled"
    await must_have_given_back(anchorage)
    assert (await read(market, raffle, "receipt"), await read(market, raffle, "entries")) == before
    assert (await seen(market, raffle))["tickets_entered"] == 0


async def test_while_no_node_answers_nothing_is_drawn_and_nothing_is_given_up(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffle = await anchorage.published()
    await anchorage.anchored()
    await locked(market, raffle)
    await anchorage.step()
    anchorage.node.mine(2)
    anchorage.with_limits(replace(PATIENT, step_seconds=0.5))
    anchorage.node.stop()
    assert (await drawn(market, raffle))["status"] == "locked"
    await anchorage.step()
    anchorage.node.resume()
    assert (await seen(market, raffle))["status"] == "locked"
    anchorage.with_limits(PATIENT)
    await anchorage.step()
    assert (await drawn(market, raffle))["status"] == "drawn"
    assert anchorage.sent() == 2


async def test_a_reorganised_chain_gets_the_same_transaction_again(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    await anchorage.step()
    await anchorage.step(blocks=1)
    assert [row["state"] for row in await anchorage.rows()] == ["mined"]
    anchorage.node.reorganise(1)
    await anchorage.anchored()
    (row,) = await anchorage.rows()
    assert (row["state"], anchorage.sent()) == ("confirmed", 1)
    assert await final(anchorage, raffle) == {RULES: row["hash"]}


async def test_a_transaction_that_a_node_forgets_is_sent_again(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    await anchorage.step()
    (row,) = await anchorage.rows()
    anchorage.node.forget(row["hash"])
    await anchorage.anchored()
    assert await final(anchorage, raffle) == {RULES: row["hash"]}
    assert anchorage.sent() == 1


async def test_a_slow_transaction_is_replaced_by_a_dearer_one_and_counted_once(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    await anchorage.step()
    at(anchorage.market, seconds=PATIENT.bump_seconds + 1)
    await anchorage.step()
    first, second = await anchorage.rows()
    assert first["nonce"] == second["nonce"]
    assert first["max_fee_wei"] < second["max_fee_wei"]
    await anchorage.anchored()
    assert [row["state"] for row in await anchorage.rows()] == ["replaced", "confirmed"]
    assert await final(anchorage, raffle) == {RULES: second["hash"]}
    assert anchorage.sent() == 1


async def test_where_something_else_is_anchored_nothing_more_is_sent_and_nothing_drawn(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    await anchorage.anchored()
    await locked(anchorage.market, raffle)
    ledger = Ledger(anchorage.node, "0x" + anchorage.place.contract.hex())
    anchorage.node.ask("anvil_impersonateAccount", anchorage.sender)
    ledger.send(anchorage.sender, RECEIPT, UUID(raffle["id"]).bytes, 1, b"x" * 32)
    await anchorage.anchored()
    assert (await drawn(anchorage.market, raffle))["status"] == "locked"
    assert [row["purpose"] for row in await anchorage.rows()] == [RULES]


async def test_nothing_is_signed_for_another_chain(anchorage: Anchorage) -> None:
    await anchorage.published()
    with Anvil(chain_id=5, genesis=int(time.time())) as other:
        anchorage.anchors = anchors_on(other.url, place=anchorage.place, limits=PATIENT)
        await anchorage.step()
    assert await anchorage.rows() == []


async def test_a_gap_in_the_nonces_is_waited_for_and_no_second_transaction_is_signed(anchorage: Anchorage) -> None:
    raffle = await anchorage.published()
    lost = anchorage.spend_nonce(0)
    await anchorage.step()
    anchorage.node.forget(lost)
    for _ in range(3):
        await anchorage.step(blocks=2)
    (row,) = await anchorage.rows()
    assert (row["nonce"], row["state"], await final(anchorage, raffle)) == (1, "sent", {})
    anchorage.spend_nonce(0)
    await anchorage.anchored()
    assert await final(anchorage, raffle) == {RULES: row["hash"]}
    assert len(await anchorage.rows()) == 1


async def test_raffles_of_two_shops_share_the_account_and_no_nonce(anchorage: Anchorage, other_market: Market) -> None:
    offer(other_market, anchorage.anchors)
    other = Anchorage(other_market, anchorage.node, anchorage.anchors, anchorage.place)
    raffles = [await anchorage.published(), await other.published()]
    for _ in range(4):
        await asyncio.gather(anchorage.step(), other.step())
        anchorage.node.mine(2)
    nonces = [row["nonce"] for row in (*await anchorage.rows(), *await other.rows())]
    assert sorted(nonces) == [0, 1]
    assert [len(await final(one, raffle)) for one, raffle in zip((anchorage, other), raffles, strict=True)] == [1, 1]


async def test_the_store_keeps_one_purpose_for_a_nonce_and_one_live_nonce_for_a_purpose(anchorage: Anchorage) -> None:
    market = anchorage.market
    raffles = [UUID((await anchorage.published())["id"]) for _ in range(2)]
    await anchorage.step()
    store = KeptTransactions(market.database, market.tenant.id)
    first, second = [(await store.of(raffle_id, RULES))[0] for raffle_id in raffles]
    assert {first.nonce, second.nonce} == {0, 1}
    assert await store.highest_nonce(anchorage.place) == 1
    await store.save(first)
    assert await store.of(first.raffle_id, RULES) == [replace(first, state=TransactionState.SENT)]
    for clash in (fresh(first, nonce=second.nonce), fresh(first, nonce=7)):
        with pytest.raises(NonceTaken):
            await store.save(clash)
    for one in (first, second):
        await store.mark(one.hash, TransactionState.REPLACED)
    raced = [fresh(one, nonce=9, mark=place) for place, one in enumerate((first, second))]
    outcomes = await asyncio.gather(*(store.save(one) for one in raced), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [NonceTaken]
    assert len(await store.at(anchorage.place, 9)) == 1


CROSSED: list[tuple[type[Any], str]] = [
    *((Chain, name) for name in vars(Chain) if not name.startswith("_") and name != "visited"),
    *((KeptTransactions, name) for name in vars(KeptTransactions) if not name.startswith("_")),
    (Database, "run"),
]


async def test_killed_at_every_step_of_the_anchor_there_is_one_transaction(anchorage: Anchorage) -> None:
    """Of the rules and of the receipt one each, wherever the worker dies; and the same proof follows.

    It dies on one side of every step, or on both where every crash point is asked for: between the end of one step and
    the beginning of the next nothing happens.
    """
    market, crossed = anchorage.market, set[str]()
    for cut in range(1, 400, 1 if EVERY_POINT else 2):
        raffle = await anchorage.published(people=1)
        sent = anchorage.sent()
        edges = await survived(anchorage, raffle, cut, anchored=1)
        await locked(market, raffle)
        edges += await survived(anchorage, raffle, cut - len(edges), anchored=2)
        crossed |= set(edges)
        assert (await drawn(market, raffle))["status"] == "drawn", edges[-1]
        assert anchorage.sent() - sent == 2, edges[-1]
        assert verify_draw.look_up_anchor(await read(market, raffle, "proof"), anchorage.node.url)
        if len(edges) < cut:
            break
    else:
        raise AssertionError("it never ran to its end")
    assert {"after save", "before broadcast", "after broadcast", "after mark", "after run"} <= crossed


async def survived(anchorage: Anchorage, raffle: dict[str, Any], cut: int, *, anchored: int) -> list[str]:
    """Let a worker take steps, another one from where it is killed, until so much of a raffle is anchored."""
    with killed_at(cut, CROSSED) as edges:
        while len(await final(anchorage, raffle)) < anchored:
            try:
                await anchorage.step(blocks=1)
            except Killed:
                anchorage.with_limits(PATIENT)
    return edges


def fresh(signed: SignedAnchor, *, nonce: int, mark: int = 0) -> SignedAnchor:
    """Return another transaction of the same purpose."""
    return replace(signed, nonce=nonce, hash=bytes([nonce, mark]) * 16)
