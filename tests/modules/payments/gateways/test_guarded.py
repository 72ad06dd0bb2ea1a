"""The guard: no answer is an unknown outcome, a crowd waits or is sent away, and a silent gateway is left alone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.payments.errors import GatewayUnavailable
from luxewin.modules.payments.gateways.guarded import Breaker, Guarded
from luxewin.modules.payments.gateways.simulator import Misbehaviour, Simulator
from luxewin.modules.payments.public import Charge, OutcomeStatus, RefundOrder, RefundOutcomeStatus

CHARGE = Charge(attempt_id=new_id(), amount=Money(100, "USD"), token="tok_visa", merchant="a guarded merchant")
REFUND = RefundOrder(new_id(), "a charge", Money(1, "USD"))
CALLS: dict[str, Callable[[Guarded], Any]] = {
    "charge": lambda guarded: guarded.charge(CHARGE),
    "confirm": lambda guarded: guarded.confirm(CHARGE.attempt_id, None, approve=True),
    "capture": lambda guarded: guarded.capture(CHARGE.attempt_id, None),
    "void": lambda guarded: guarded.void(CHARGE.attempt_id, None),
    "look_up": lambda guarded: guarded.look_up(CHARGE.attempt_id),
    "refund": lambda guarded: guarded.refund(REFUND),
    "look_up_refund": lambda guarded: guarded.look_up_refund(REFUND.refund_id),
}


def fresh() -> Charge:
    return replace(CHARGE, attempt_id=new_id())


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("how", [Misbehaviour.OUTAGE, Misbehaviour.LOST_ANSWER, Misbehaviour.HANG])
async def test_a_call_without_an_answer_has_an_unknown_outcome(
    simulator: Simulator, operation: str, how: Misbehaviour
) -> None:
    simulator.misbehave(operation, how)
    outcome = await CALLS[operation](Guarded(simulator, call_seconds=0.2))
    assert outcome.status in {OutcomeStatus.UNKNOWN, RefundOutcomeStatus.UNKNOWN}
    assert outcome.reason == "no_answer"


async def test_an_unknown_charge_is_found_by_look_up_and_was_charged_once(simulator: Simulator) -> None:
    guarded, charge = Guarded(simulator), replace(CHARGE, attempt_id=new_id(), token="tok_unknown")
    assert (await guarded.charge(charge)).status is OutcomeStatus.UNKNOWN
    found = await guarded.look_up(charge.attempt_id)
    assert found is not None
    assert (found.status, found.amount) == (OutcomeStatus.CAPTURED, charge.amount)
    assert await guarded.charge(charge) == found


async def test_a_report_without_an_answer_is_no_report(simulator: Simulator) -> None:
    simulator.misbehave("report", Misbehaviour.OUTAGE)
    with pytest.raises(GatewayUnavailable):
        await Guarded(simulator).report("a guarded merchant")


async def test_who_finds_no_place_in_time_is_sent_away_and_nothing_was_asked(simulator: Simulator) -> None:
    guarded = Guarded(simulator, at_once=1, wait_seconds=0.05)
    simulator.misbehave("charge", Misbehaviour.HANG)
    hanging = asyncio.create_task(guarded.charge(fresh()))
    await asyncio.sleep(0)
    late = fresh()
    with pytest.raises(GatewayUnavailable):
        await guarded.charge(late)
    assert await simulator.look_up(late.attempt_id) is None
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert (await guarded.charge(late)).status is OutcomeStatus.CAPTURED


async def test_a_silent_gateway_is_left_alone_until_one_call_finds_it_well(simulator: Simulator) -> None:
    now = [0.0]
    guarded = Guarded(simulator, breaker=Breaker(silences=3, pause_seconds=10, clock=lambda: now[0]))
    simulator.misbehave("charge", Misbehaviour.OUTAGE, times=4)
    for _ in range(3):
        assert (await guarded.charge(fresh())).status is OutcomeStatus.UNKNOWN
    with pytest.raises(GatewayUnavailable) as refused:
        await guarded.charge(fresh())
    assert refused.value.facts == {"retry_after_seconds": 10}
    now[0] = 10.0
    assert (await guarded.charge(fresh())).status is OutcomeStatus.UNKNOWN
    with pytest.raises(GatewayUnavailable):
        await guarded.charge(fresh())
    now[0] = 20.0
    for _ in range(2):
        assert (await guarded.charge(fresh())).status is OutcomeStatus.CAPTURED


async def test_after_the_pause_one_call_tries_and_the_others_still_wait() -> None:
    now = [0.0]
    breaker = Breaker(silences=1, pause_seconds=10, clock=lambda: now[0])
    breaker.silent()
    now[0] = 10.0
    breaker.admit()
    with pytest.raises(GatewayUnavailable):
        breaker.admit()
    breaker.answered()
    breaker.admit()


async def test_a_decline_does_not_count_as_silence(simulator: Simulator) -> None:
    guarded = Guarded(simulator, breaker=Breaker(silences=1))
    for _ in range(3):
        declined = replace(CHARGE, attempt_id=new_id(), token="tok_declined")
        assert (await guarded.charge(declined)).status is OutcomeStatus.DECLINED
