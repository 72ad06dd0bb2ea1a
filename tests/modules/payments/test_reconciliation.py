"""After any sequence of calls and faults: the invariants hold, and the gateway's totals equal the clearing account."""

import asyncio
import random
from uuid import UUID

import asyncpg
import pytest

from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.errors import GatewayConnectionError
from luxewin.modules.payments.gateways.circuit_breaker import CircuitBreaker
from luxewin.modules.payments.gateways.resilient import ResilientGateway
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
from luxewin.modules.payments.public import AttemptStatus, RefundStatus
from tests.conftest import TestDatabase
from tests.modules.payments.payment_flow import PaymentFlow

TOKENS = ["tok_visa", "tok_visa", "tok_unknown", "tok_declined", "tok_insufficient_funds", "tok_3ds", "tok_nobody"]
FAULTS = [None, None, None, Fault.OUTAGE, Fault.LOST_ANSWER, Fault.WRONG_AMOUNT]
REFUND_FAULTS = [None, None, Fault.OUTAGE, Fault.LOST_ANSWER, Fault.REFUSAL]


class RandomPayments:
    """A random sequence from a seed, in one shop: payments and refunds, some of them with faults or interrupted."""

    def __init__(self, flow: PaymentFlow, simulator: Simulator, seed: str) -> None:
        self.flow = flow
        self.simulator = simulator
        self.chance = random.Random(seed)  # noqa: S311 - a test must be repeatable
        self.attempts: list[UUID] = []
        self.refunds: list[UUID] = []

    async def take_step(self) -> None:
        """Take one random step."""
        step = self.chance.choice([self.pay, self.pay, self.confirm, self.look_up_again, self.refund, self.refund])
        try:
            await step()
        except DomainError:
            return

    async def pay(self) -> None:
        amount = Money(self.chance.randint(1, 10**6), self.chance.choice(["USD", "EUR", "JPY"]))
        attempt = await self.flow.begin(token=self.chance.choice(TOKENS), amount=amount)
        self.attempts.append(attempt.id)
        if self.chance.random() < 0.1:
            return  # killed before the call
        if fault := self.chance.choice(FAULTS):
            self.simulator.inject_fault("charge", fault)
        outcome = await self.flow.charge(attempt)
        if self.chance.random() < 0.1:
            return  # killed after the call
        await self.flow.settle(attempt.id, outcome)

    async def confirm(self) -> None:
        for attempt_id in self.attempts:
            attempt = await self.flow.attempt(attempt_id)
            if attempt.status is AttemptStatus.REQUIRES_ACTION:
                approve = self.chance.random() < 0.7
                outcome = await self.flow.gateway.confirm(attempt.id, attempt.reference, approve=approve)
                await self.flow.settle(attempt.id, outcome)

    async def look_up_again(self) -> None:
        if self.attempts:
            await self.resolve(self.chance.choice(self.attempts))

    async def refund(self) -> None:
        captured = [a for a in [await self.flow.attempt(one) for one in self.attempts] if a.captured.minor]
        if not captured:
            return
        attempt = self.chance.choice(captured)
        refund_id = await self.flow.grant(attempt, self.chance.randint(1, attempt.amount.minor))
        self.refunds.append(refund_id)
        if fault := self.chance.choice(REFUND_FAULTS):
            self.simulator.inject_fault("refund", fault)
        begun = await self.flow.begin_refund(refund_id)
        outcome = await self.flow.gateway.refund(begun.instruction)
        if self.chance.random() < 0.8:
            await self.flow.settle_refund(refund_id, outcome)

    async def resolve(self, attempt_id: UUID) -> None:
        outcome = await self.flow.gateway.look_up(attempt_id)
        if outcome is None:
            outcome = await self.flow.gateway.void(attempt_id, None)
        await self.flow.settle(attempt_id, outcome)

    async def finish(self) -> None:
        """Finish everything like the worker's sweeps, by querying the gateway."""
        self.simulator.clear_faults()
        for attempt_id in self.attempts:
            await self.resolve(attempt_id)
        for refund_id in self.refunds:
            refund = await self.flow.refund(refund_id)
            if refund.status in {RefundStatus.GRANTED, RefundStatus.EXECUTING, RefundStatus.UNKNOWN}:
                await self.flow.execute(refund_id)


@pytest.mark.parametrize("seed", range(12))
async def test_after_any_sequence_of_payments_the_gateways_totals_equal_the_clearing_account(
    database: Database, tenant: Tenancy, simulator: Simulator, seed: int
) -> None:
    flow = PaymentFlow(database, tenant, ResilientGateway(simulator, breaker=CircuitBreaker(max_failures=10**6)))
    payments_run = RandomPayments(flow, simulator, f"day {seed}")
    for _ in range(40):
        await payments_run.take_step()
    assert await flow.violations() == []
    await payments_run.finish()
    assert await flow.violations() == []
    assert await flow.discrepancies() == []
    totals = await flow.gateway.report(str(tenant.id))
    assert totals is not None
    assert sum(total.captured_minor for total in totals) > 0


async def test_two_concurrent_sweeps_finish_each_payment_once(
    database: Database, tenant: Tenancy, simulator: Simulator
) -> None:
    flow = PaymentFlow(database, tenant, ResilientGateway(simulator, breaker=CircuitBreaker(max_failures=10**6)))
    payments_run = RandomPayments(flow, simulator, "one day, two sweeps")
    for _ in range(40):
        await payments_run.take_step()
    await asyncio.gather(payments_run.finish(), payments_run.finish(), return_exceptions=True)
    await payments_run.finish()
    assert await flow.violations() == []
    assert await flow.discrepancies() == []


async def test_a_capture_that_is_not_recorded_is_a_discrepancy(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    await flow.charge(attempt)
    (found,) = await flow.discrepancies()
    assert (found.gateway, found.currency, found.gateway_minor, found.clearing_minor) == ("simulator", "USD", 12_900, 0)
    await flow.settle(attempt.id, await flow.charge(attempt))
    assert await flow.discrepancies() == []


async def test_a_recorded_capture_that_the_gateway_does_not_have_is_a_discrepancy(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    await flow.settle(attempt.id, payments.Outcome(payments.OutcomeStatus.CAPTURED, "made up", attempt.amount))
    (found,) = await flow.discrepancies()
    assert (found.gateway_minor, found.clearing_minor) == (0, 12_900)


async def test_a_lost_response_is_an_unknown_outcome_that_ends_in_one_charge(
    flow: PaymentFlow, simulator: Simulator
) -> None:
    attempt = await flow.begin(token="tok_unknown")
    with pytest.raises(GatewayConnectionError):
        await flow.charge(attempt)
    await flow.settle(attempt.id, payments.Outcome.unknown("no_answer"))
    assert (await flow.summary(attempt.order_id)).status == "unknown"
    found = await simulator.look_up(attempt.id)
    assert found is not None
    assert (await flow.settle(attempt.id, found)).captured == attempt.amount
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 12_900
    assert await flow.discrepancies() == []


BREAKS = {
    "0 ≤ refunded ≤ captured ≤ authorised, recomputed from the payment's events": (
        "UPDATE payments_events SET amount_minor = amount_minor + 1 WHERE tenant_id = $1 AND type = 'captured'"
    ),
    "The captured and disputed amounts of an attempt are the sums of its events": (
        "UPDATE payments_attempts SET disputed_minor = 1 WHERE tenant_id = $1"
    ),
    "The granted amount of an attempt is the sum of its refunds that have not failed": (
        "UPDATE payments_attempts SET refund_granted_minor = refund_granted_minor - 1 WHERE tenant_id = $1"
    ),
    "A refund is executed if and only if an event records it": (
        "DELETE FROM payments_events WHERE tenant_id = $1 AND type = 'refunded'"
    ),
    "Every captured, quarantined, refunded or disputed amount is posted, and no other amount is": (
        "DELETE FROM ledger_postings WHERE tenant_id = $1 AND amount_minor > 0"
    ),
}


@pytest.mark.parametrize(("invariant", "tampering"), BREAKS.items())
async def test_every_invariant_returns_the_row_that_violates_it(
    flow: PaymentFlow, test_database: TestDatabase, invariant: str, tampering: str
) -> None:
    attempt = await flow.pay()
    await flow.execute(await flow.grant(attempt, 100))
    connection = await asyncpg.connect(**test_database.owner)
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute("SET LOCAL session_replication_role = replica")
        assert await connection.fetchrow(payments.INVARIANTS[invariant], flow.tenant.id) is None
        await connection.execute(tampering, flow.tenant.id)
        broken = await connection.fetchrow(payments.INVARIANTS[invariant], flow.tenant.id)
        assert broken is not None
        assert broken["tenant_id"] == flow.tenant.id
    finally:
        await transaction.rollback()
        await connection.close()


def test_every_invariant_has_a_test_that_violates_it() -> None:
    assert BREAKS.keys() == payments.INVARIANTS.keys()
