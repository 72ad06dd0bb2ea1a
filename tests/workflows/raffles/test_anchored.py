"""Raffles that promise an anchor: on a local chain, through the worker's job, with faults and interruptions."""

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
from luxewin.modules.raffles.public import TransactionStore
from tests.chain.anchor_contract import RECEIPT, AnchorContract
from tests.chain.anvil import Anvil
from tests.chain.conftest import anchors_on
from tests.chain.test_interruptions import Killed, killed_at
from tests.workflows.market import Market
from tests.workflows.raffles.anchored_market import (
    MARGIN,
    PATIENT_LIMITS,
    AnchoredMarket,
    configure_anchors,
    final_anchors_of,
    must_be_refunded,
)
from tests.workflows.raffles.scenario import (
    draft_raffle,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    read_public,
    read_raffle,
    set_clock,
)
from tests.workflows.raffles.test_drawing import must_verify
from verify import verify_draw

RULES = "rules:1"
EVERY_CRASH_POINT = "LUXEWIN_TEST_AT_LENGTH" in os.environ


async def test_an_anchored_raffle_is_drawn_and_its_anchor_is_found_on_the_chain(setup: AnchoredMarket) -> None:
    market, node = setup.market, setup.node
    raffle = await setup.publish_raffle()
    location = setup.location.document()
    assert raffle["anchor"] == {**location, "margin_seconds": MARGIN}
    await setup.finish_anchors()
    assert (await lock_raffle(market, raffle))["status"] == "locked"
    assert (await read_public(market, raffle, "receipt"))["anchor"] is None
    await setup.finish_anchors()
    assert (await read_raffle(market, raffle))["status"] == "anchored"
    assert (await draw_raffle(market, raffle))["status"] == "drawn"
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert proof["anchor"] == (await read_public(market, raffle, "receipt"))["anchor"]
    assert verify_draw.look_up_anchor(proof, node.url)
    assert setup.mined_count() == 2
    assert proof["rules"][0]["on_missed_anchor"] == "cancel"


async def test_without_its_anchor_a_raffle_is_not_drawn(setup: AnchoredMarket) -> None:
    raffle = await setup.publish_raffle()
    assert (await draw_raffle(setup.market, raffle))["status"] == "locked"


async def test_a_raffle_with_an_anchor_is_not_published_if_none_is_configured(market: Market) -> None:
    draft = await draft_raffle(market, with_anchor=True)
    expect_error(await market.staff.post(f"/raffles/{draft['id']}/publish"), 503, "raffles.anchor_missing")
    assert expect(await market.staff.request("GET", f"/raffles/{draft['id']}"), 200)["status"] == "draft"


async def test_the_margin_has_to_fit_into_the_delay(setup: AnchoredMarket) -> None:
    draft = await draft_raffle(setup.market, with_anchor=True, draw_delay_seconds=2 * MARGIN - 1)
    expect_error(await setup.market.staff.post(f"/raffles/{draft['id']}/publish"), 400, "raffles.delay_too_short")


async def test_rules_not_anchored_before_the_closing_cancel_the_raffle(setup: AnchoredMarket) -> None:
    raffle = await setup.publish_raffle()
    set_clock(setup.market, hours=1, seconds=30)
    setup.node.mine(3, at=int(time.time()) + 3_700)
    await setup.run_worker()
    assert (await read_raffle(setup.market, raffle))["status"] == "cancelled"
    await must_be_refunded(setup)
    assert setup.mined_count() == 0


async def test_a_missed_receipt_cancels_the_raffle_and_its_list_stays_public(
    setup: AnchoredMarket,
) -> None:
    market = setup.market
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    await lock_raffle(market, raffle)
    before = await read_public(market, raffle, "receipt"), await read_public(market, raffle, "entries")
    setup.node.mine(at=await setup.receipt_before(raffle))
    await setup.run_worker()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    await setup.run_worker(blocks=2)
    assert (await read_raffle(market, raffle))["status"] == "cancelled"
    await must_be_refunded(setup)
    assert (await read_public(market, raffle, "receipt"), await read_public(market, raffle, "entries")) == before
    assert (await read_raffle(market, raffle))["tickets_entered"] == 0


async def test_while_no_node_answers_nothing_is_drawn_or_cancelled(setup: AnchoredMarket) -> None:
    market = setup.market
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    await lock_raffle(market, raffle)
    await setup.run_worker()
    setup.node.mine(2)
    setup.with_limits(replace(PATIENT_LIMITS, step_seconds=0.5))
    setup.node.suspend()
    assert (await draw_raffle(market, raffle))["status"] == "locked"
    await setup.run_worker()
    setup.node.resume()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    setup.with_limits(PATIENT_LIMITS)
    await setup.run_worker()
    assert (await draw_raffle(market, raffle))["status"] == "drawn"
    assert setup.mined_count() == 2


async def test_after_a_reorganisation_the_same_transaction_is_sent_again(setup: AnchoredMarket) -> None:
    raffle = await setup.publish_raffle()
    await setup.run_worker()
    await setup.run_worker(blocks=1)
    assert [row["state"] for row in await setup.transactions()] == ["mined"]
    setup.node.reorganise(1)
    await setup.finish_anchors()
    (row,) = await setup.transactions()
    assert (row["state"], setup.mined_count()) == ("confirmed", 1)
    assert await final_anchors_of(setup, raffle) == {RULES: row["hash"]}


async def test_a_transaction_that_a_node_drops_is_sent_again(setup: AnchoredMarket) -> None:
    raffle = await setup.publish_raffle()
    await setup.run_worker()
    (row,) = await setup.transactions()
    setup.node.drop(row["hash"])
    await setup.finish_anchors()
    assert await final_anchors_of(setup, raffle) == {RULES: row["hash"]}
    assert setup.mined_count() == 1


async def test_a_slow_transaction_is_replaced_with_higher_fees(setup: AnchoredMarket) -> None:
    raffle = await setup.publish_raffle()
    await setup.run_worker()
    set_clock(setup.market, seconds=PATIENT_LIMITS.bump_seconds + 1)
    await setup.run_worker()
    first, second = await setup.transactions()
    assert first["nonce"] == second["nonce"]
    assert first["max_fee_wei"] < second["max_fee_wei"]
    await setup.finish_anchors()
    assert [row["state"] for row in await setup.transactions()] == ["replaced", "confirmed"]
    assert await final_anchors_of(setup, raffle) == {RULES: second["hash"]}
    assert setup.mined_count() == 1


async def test_with_a_conflicting_anchor_nothing_is_sent_or_drawn(
    setup: AnchoredMarket,
) -> None:
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    await lock_raffle(setup.market, raffle)
    contract = AnchorContract(setup.node, "0x" + setup.location.contract.hex())
    setup.node.request("anvil_impersonateAccount", setup.sender)
    contract.send(setup.sender, RECEIPT, UUID(raffle["id"]).bytes, 1, b"x" * 32)
    await setup.finish_anchors()
    assert (await draw_raffle(setup.market, raffle))["status"] == "locked"
    assert [row["purpose"] for row in await setup.transactions()] == [RULES]


async def test_nothing_is_signed_for_another_chain(setup: AnchoredMarket) -> None:
    await setup.publish_raffle()
    with Anvil(chain_id=5, genesis=int(time.time())) as other:
        setup.anchors = anchors_on(other.url, location=setup.location, limits=PATIENT_LIMITS)
        await setup.run_worker()
    assert await setup.transactions() == []


async def test_with_a_nonce_gap_no_second_transaction_is_signed(setup: AnchoredMarket) -> None:
    raffle = await setup.publish_raffle()
    lost = setup.spend_nonce(0)
    await setup.run_worker()
    setup.node.drop(lost)
    for _ in range(3):
        await setup.run_worker(blocks=2)
    (row,) = await setup.transactions()
    assert (row["nonce"], row["state"], await final_anchors_of(setup, raffle)) == (1, "sent", {})
    setup.spend_nonce(0)
    await setup.finish_anchors()
    assert await final_anchors_of(setup, raffle) == {RULES: row["hash"]}
    assert len(await setup.transactions()) == 1


async def test_raffles_of_two_shops_share_the_account_and_no_nonce(setup: AnchoredMarket, other_market: Market) -> None:
    configure_anchors(other_market, setup.anchors)
    other = AnchoredMarket(other_market, setup.node, setup.anchors, setup.location)
    raffles = [await setup.publish_raffle(), await other.publish_raffle()]
    for _ in range(4):
        await asyncio.gather(setup.run_worker(), other.run_worker())
        setup.node.mine(2)
    nonces = [row["nonce"] for row in (*await setup.transactions(), *await other.transactions())]
    assert sorted(nonces) == [0, 1]
    assert [len(await final_anchors_of(one, raffle)) for one, raffle in zip((setup, other), raffles, strict=True)] == [
        1,
        1,
    ]


async def test_the_store_keeps_one_purpose_for_a_nonce_and_one_live_nonce_for_a_purpose(
    setup: AnchoredMarket,
) -> None:
    market = setup.market
    raffles = [UUID((await setup.publish_raffle())["id"]) for _ in range(2)]
    await setup.run_worker()
    store = TransactionStore(market.database, market.tenant.id)
    first, second = [(await store.of_purpose(raffle_id, RULES))[0] for raffle_id in raffles]
    assert {first.nonce, second.nonce} == {0, 1}
    assert await store.highest_nonce(setup.location) == 1
    await store.save(first)
    assert await store.of_purpose(first.raffle_id, RULES) == [replace(first, state=TransactionState.SENT)]
    for clash in (other_transaction(first, nonce=second.nonce), other_transaction(first, nonce=7)):
        with pytest.raises(NonceTaken):
            await store.save(clash)
    for one in (first, second):
        await store.mark(one.hash, TransactionState.REPLACED)
    raced = [other_transaction(one, nonce=9, mark=location) for location, one in enumerate((first, second))]
    outcomes = await asyncio.gather(*(store.save(one) for one in raced), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes if outcome is not None] == [NonceTaken]
    assert len(await store.with_nonce(setup.location, 9)) == 1


CALLS: list[tuple[type[Any], str]] = [
    *((Chain, name) for name in vars(Chain) if not name.startswith("_") and name != "connect"),
    *((TransactionStore, name) for name in vars(TransactionStore) if not name.startswith("_")),
    (Database, "run"),
]


async def test_interrupted_at_any_step_there_is_one_transaction_per_anchor(setup: AnchoredMarket) -> None:
    """One for the rules and one for the receipt, wherever the worker is interrupted; and the draw has a valid proof.

    By default every second crash point is tested, since nothing happens between one call and the next.
    """
    market, passed = setup.market, set[str]()
    for cut in range(1, 400, 1 if EVERY_CRASH_POINT else 2):
        raffle = await setup.publish_raffle(people=1)
        sent = setup.mined_count()
        points = await anchor_with_restart(setup, raffle, cut, final_anchors=1)
        await lock_raffle(market, raffle)
        points += await anchor_with_restart(setup, raffle, cut - len(points), final_anchors=2)
        passed |= set(points)
        assert (await draw_raffle(market, raffle))["status"] == "drawn", points[-1]
        assert setup.mined_count() - sent == 2, points[-1]
        assert verify_draw.look_up_anchor(await read_public(market, raffle, "proof"), setup.node.url)
        if len(points) < cut:
            break
    else:
        raise AssertionError("no run passed every crash point")
    assert {"after save", "before broadcast", "after broadcast", "after mark", "after run"} <= passed


async def anchor_with_restart(
    setup: AnchoredMarket, raffle: dict[str, Any], cut: int, *, final_anchors: int
) -> list[str]:
    """Run the worker until a raffle has this many final anchors, restarting it when it is killed; return the points."""
    with killed_at(cut, CALLS) as points:
        while len(await final_anchors_of(setup, raffle)) < final_anchors:
            try:
                await setup.run_worker(blocks=1)
            except Killed:
                setup.with_limits(PATIENT_LIMITS)
    return points


def other_transaction(signed: SignedAnchor, *, nonce: int, mark: int = 0) -> SignedAnchor:
    """Return another transaction of the same purpose."""
    return replace(signed, nonce=nonce, hash=bytes([nonce, mark]) * 16)
