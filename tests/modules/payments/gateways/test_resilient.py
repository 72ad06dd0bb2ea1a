"""Timeout, limit of concurrent calls and circuit breaker: without a response an outcome is unknown."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.payments.errors import GatewayUnavailable
from luxewin.modules.payments.gateways.circuit_breaker import CircuitBreaker
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import Charge, OutcomeStatus, RefundInstruction, RefundOutcomeStatus

CHARGE = Charge(attempt_id=new_id(), amount=Money(100, "USD"), token="tok_visa", merchant="merchant")
REFUND = RefundInstruction(new_id(), "a charge", Money(1, "USD"))
CALLS: dict[str, Callable[[ResilientGateway], Any]] = {
    "charge": lambda resilient: resilient.charge(CHARGE),
    "confirm": lambda resilient: resilient.confirm(CHARGE.attempt_id, None, approve=True),
    "capture": lambda resilient: resilient.capture(CHARGE.attempt_id, None),
    "void": lambda resilient: resilient.void(CHARGE.attempt_id, None),
    "look_up": lambda resilient: resilient.look_up(CHARGE.attempt_id),
    "refund": lambda resilient: resilient.refund(REFUND),
    "look_up_refund": lambda resilient: resilient.look_up_refund(REFUND.refund_id),
}


def fresh() -> Charge:
    return replace(CHARGE, attempt_id=new_id())


@pytest.mark.parametrize("operation", CALLS)
@pytest.mark.parametrize("how", [Fault.OUTAGE, Fault.LOST_ANSWER, Fault.HANG])
async def test_a_call_without_a_response_has_an_unknown_outcome(
    simulator: Simulator, operation: str, how: Fault
) -> None:
    simulator.inject_fault(operation, how)
    outcome = await CALLS[operation](ResilientGateway(simulator, call_seconds=0.2))
    assert outcome.status in {OutcomeStatus.UNKNOWN, RefundOutcomeStatus.UNKNOWN}
    assert outcome.reason == "no_answer"


async def test_an_unknown_charge_is_found_by_look_up_and_was_charged_once(simulator: Simulator) -> None:
    resilient, charge = ResilientGateway(simulator), replace(CHARGE, attempt_id=new_id(), token="tok_unknown")
    assert (await resilient.charge(charge)).status is OutcomeStatus.UNKNOWN
    found = await resilient.look_up(charge.attempt_id)
    assert found is not None
    assert (found.status, found.amount) == (OutcomeStatus.CAPTURED, charge.amount)
    assert await resilient.charge(charge) == found


async def test_a_report_without_a_response_is_unavailable(simulator: Simulator) -> None:
    simulator.inject_fault("report", Fault.OUTAGE)
    with pytest.raises(GatewayUnavailable):
        await ResilientGateway(simulator).report("merchant")


async def test_a_call_that_waits_too_long_for_a_slot_is_refused_and_not_made(simulator: Simulator) -> None:
    resilient = ResilientGateway(simulator, max_concurrency=1, queue_seconds=0.05)
    simulator.inject_fault("charge", Fault.HANG)
    hanging = asyncio.create_task(resilient.charge(fresh()))
    await asyncio.sleep(0)
    late = fresh()
    with pytest.raises(GatewayUnavailable):
        await resilient.charge(late)
    assert await simulator.look_up(late.attempt_id) is None
    hanging.cancel()
    with pytest.raises(asyncio.CancelledError):
        await hanging
    assert (await resilient.charge(late)).status is OutcomeStatus.CAPTURED


async def test_the_circuit_opens_after_failures_and_closes_after_a_call_succeeds(simulator: Simulator) -> None:
    now = [0.0]
    resilient = ResilientGateway(
        simulator, breaker=CircuitBreaker(max_failures=3, reset_seconds=10, clock=lambda: now[0])
    )
    simulator.inject_fault("charge", Fault.OUTAGE, times=4)
    for _ in range(3):
        assert (await resilient.charge(fresh())).status is OutcomeStatus.UNKNOWN
    with pytest.raises(GatewayUnavailable) as refused:
        await resilient.charge(fresh())
    assert refused.value.facts == {"retry_after_seconds": 10}
    now[0] = 10.0
    assert (await resilient.charge(fresh())).status is OutcomeStatus.UNKNOWN
    with pytest.raises(GatewayUnavailable):
        await resilient.charge(fresh())
    now[0] = 20.0
    for _ in range(2):
        assert (await resilient.charge(fresh())).status is OutcomeStatus.CAPTURED


async def test_an_open_circuit_lets_one_call_through_after_the_reset_time() -> None:
    now = [0.0]
    breaker = CircuitBreaker(max_failures=1, reset_seconds=10, clock=lambda: now[0])
    breaker.record_failure()
    now[0] = 10.0
    breaker.check()
    with pytest.raises(GatewayUnavailable):
        breaker.check()
    breaker.record_success()
    breaker.check()


async def test_a_decline_does_not_count_as_a_failure(simulator: Simulator) -> None:
    resilient = ResilientGateway(simulator, breaker=CircuitBreaker(max_failures=1))
    for _ in range(3):
        declined = replace(CHARGE, attempt_id=new_id(), token="tok_declined")
        assert (await resilient.charge(declined)).status is OutcomeStatus.DECLINED
