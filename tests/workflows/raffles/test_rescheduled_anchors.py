"""Rescheduled raffles that promise an anchor: each version of the rules is anchored in time."""

import time
from dataclasses import replace

from luxewin.modules.raffles.public import ConfiguredAnchors
from tests.chain.conftest import anchors_on
from tests.workflows.raffles.anchored_market import (
    MARGIN,
    PATIENT_LIMITS,
    AnchoredMarket,
    configure_anchors,
    final_anchors_of,
    must_be_refunded,
)
from tests.workflows.raffles.scenario import (
    expect,
    expect_error,
    lock_raffle,
    read_public,
    read_raffle,
    set_clock,
)
from tests.workflows.raffles.test_drawing import must_verify
from tests.workflows.raffles.test_rescheduling import reschedule
from verify import verify_draw


async def test_a_rescheduled_raffle_has_every_version_of_its_rules_anchored(setup: AnchoredMarket) -> None:
    market = setup.market
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    expect(await reschedule(market, raffle, minutes=30), 200)
    await setup.run_worker(blocks=1)
    expect_error(await reschedule(market, raffle, hours=1), 409, "raffles.rules_not_anchored")
    await setup.finish_anchors()
    expect(await reschedule(market, raffle, hours=1), 200)
    await setup.finish_anchors()
    assert set(await final_anchors_of(setup, raffle)) == {"rules:1", "rules:2", "rules:3"}
    assert (await lock_raffle(market, raffle))["status"] == "open"
    set_clock(market, hours=2, seconds=30)
    await market.draw()
    await setup.finish_anchors()
    assert (await read_raffle(market, raffle))["status"] == "anchored"
    set_clock(market, hours=3)
    await market.draw()
    proof = await read_public(market, raffle, "proof")
    must_verify(proof)
    assert verify_draw.look_up_anchor(proof, setup.node.url)
    assert (len(proof["rules"]), setup.mined_count()) == (3, 4)


async def test_new_rules_that_miss_their_deadline_cancel_the_raffle(setup: AnchoredMarket) -> None:
    market = setup.market
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    expect(await reschedule(market, raffle, hours=2), 200)
    set_clock(market, hours=1, seconds=30)
    setup.node.mine(3, at=int(time.time()) + 3_700)
    await setup.run_worker()
    assert (await read_raffle(market, raffle))["status"] == "cancelled"
    await must_be_refunded(setup)
    assert setup.mined_count() == 1


async def test_a_raffle_is_not_rescheduled_if_its_rules_could_not_be_anchored_in_time(setup: AnchoredMarket) -> None:
    market = setup.market
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    set_clock(market, hours=1, seconds=-MARGIN)
    problem = expect_error(await reschedule(market, raffle, hours=2), 409, "raffles.postponed_too_late")
    assert problem["margin_seconds"] == MARGIN


async def test_a_raffle_is_not_rescheduled_if_its_anchor_is_no_longer_configured(
    setup: AnchoredMarket,
) -> None:
    market = setup.market
    raffle = await setup.publish_raffle()
    await setup.finish_anchors()
    market.anchors = ConfiguredAnchors(None, margin_seconds=MARGIN)
    expect_error(await reschedule(market, raffle, hours=2), 503, "raffles.anchor_missing")
    elsewhere = replace(setup.location, contract=bytes(20))
    configure_anchors(market, anchors_on(setup.node.url, location=elsewhere, limits=PATIENT_LIMITS))
    expect_error(await reschedule(market, raffle, hours=2), 503, "raffles.anchor_missing")
