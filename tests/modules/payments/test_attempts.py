"""Attempts in the database: one live attempt per order, one capture per attempt, whatever is repeated."""

import asyncio
from collections import Counter
from uuid import uuid4

import asyncpg
import pytest
from prometheus_client import REGISTRY

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import InvalidInput
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import (
    Attempt,
    AttemptStatus,
    CardDataRefused,
    Outcome,
    OutcomeStatus,
    PaymentChanged,
    PaymentInProgress,
    PaymentStatus,
    PaymentUnknown,
)
from tests.modules.payments.payment_flow import USD_129, PaymentFlow

CAPTURED = Outcome(OutcomeStatus.CAPTURED, "ref", USD_129)
DECLINED = Outcome(OutcomeStatus.DECLINED, "ref", reason="card_declined")
UNKNOWN = Outcome.unknown("no_answer")


async def test_a_capture_is_posted_published_and_counted_once(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    assert (await flow.summary(attempt.order_id)).status is PaymentStatus.UNPAID
    settled = await flow.settle(attempt.id, CAPTURED)
    assert settled.captured == USD_129
    assert await flow.attempt(attempt.id) == settled.attempt
    again = await flow.settle(attempt.id, CAPTURED)
    assert (again.captured, list(again.writes)) == (None, [])
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 12_900
    assert await flow.balance(AccountKind.ORDER_CLEARING) == -12_900
    summary = await flow.summary(attempt.order_id)
    assert (summary.authorised_minor, summary.captured_minor, summary.status) == (12_900, 12_900, PaymentStatus.PAID)
    assert await flow.published_events() == ["payments.payment_captured"]


async def test_a_capture_that_is_recorded_concurrently_is_posted_once(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    outcomes = await asyncio.gather(*(flow.settle(attempt.id, CAPTURED) for _ in range(12)), return_exceptions=True)
    captured = [o for o in outcomes if not isinstance(o, BaseException) and o.captured is not None]
    lost = [o for o in outcomes if isinstance(o, BaseException)]
    assert len(captured) == 1
    assert all(isinstance(one, PaymentChanged) for one in lost)
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 12_900


async def test_a_stale_reading_cannot_move_an_attempt(flow: PaymentFlow, database: Database, tenant: Tenancy) -> None:
    stale = await flow.begin()
    await flow.settle(stale.id, DECLINED)
    with pytest.raises(PaymentChanged):
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(*payments.settle(tx, stale, CAPTURED).writes)
    assert (await flow.attempt(stale.id)).status is AttemptStatus.DECLINED
    assert await flow.published_events() == ["payments.payment_declined"]


async def test_an_attempt_that_was_read_before_an_allowed_change_is_stale(
    flow: PaymentFlow, database: Database, tenant: Tenancy
) -> None:
    stale = await flow.begin()
    await flow.settle(stale.id, UNKNOWN)
    with pytest.raises(PaymentChanged):
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(*payments.settle(tx, stale, CAPTURED).writes)
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 0
    assert (await flow.settle(stale.id, CAPTURED)).attempt.version == 3


async def test_an_order_has_one_live_attempt_until_it_is_declined(flow: PaymentFlow) -> None:
    order_id = new_id()
    first = await flow.begin(order_id=order_id)
    with pytest.raises(PaymentInProgress):
        await flow.begin(order_id=order_id)
    await flow.settle(first.id, UNKNOWN)
    with pytest.raises(PaymentInProgress):
        await flow.begin(order_id=order_id)
    await flow.settle(first.id, DECLINED)
    second = await flow.begin(order_id=order_id)
    await flow.settle(second.id, CAPTURED)
    with pytest.raises(PaymentInProgress):
        await flow.begin(order_id=order_id)
    async with flow.database.begin(flow.tenant, SYSTEM) as tx:
        assert [one.id for one in await payments.attempts_of(tx, order_id)] == [first.id, second.id]
        live = await payments.live_attempt(tx, order_id)
    assert live is not None
    assert live.id == second.id


async def test_of_concurrent_attempts_to_pay_an_order_one_begins(flow: PaymentFlow) -> None:
    order_id = new_id()
    begun = await asyncio.gather(*(flow.begin(order_id=order_id) for _ in range(10)), return_exceptions=True)
    assert Counter(type(one) for one in begun) == {Attempt: 1, PaymentInProgress: 9}


@pytest.mark.parametrize("amount", [Money(12_901, "USD"), Money(12_900, "EUR")])
async def test_a_wrong_capture_goes_to_suspense_and_pays_nothing(flow: PaymentFlow, amount: Money) -> None:
    attempt = await flow.begin()
    settled = await flow.settle(attempt.id, Outcome(OutcomeStatus.CAPTURED, "ref", amount))
    assert settled.captured is None
    assert (settled.attempt.status, settled.attempt.reason) == (AttemptStatus.QUARANTINED, "wrong_amount")
    assert await flow.balance(AccountKind.GATEWAY_CLEARING, currency=amount.currency) == amount.minor
    assert await flow.balance(AccountKind.SUSPENSE, attempt.id, amount.currency) == -amount.minor
    assert await flow.balance(AccountKind.ORDER_CLEARING) == 0
    assert (await flow.summary(attempt.order_id)).status is PaymentStatus.UNPAID
    assert await flow.published_events() == ["payments.payment_quarantined"]
    await flow.begin(order_id=attempt.order_id)


async def test_a_capture_after_the_end_goes_to_suspense(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    await flow.settle(attempt.id, DECLINED)
    settled = await flow.settle(attempt.id, CAPTURED)
    assert (settled.attempt.status, settled.attempt.reason) == (AttemptStatus.QUARANTINED, "captured_too_late")
    assert await flow.balance(AccountKind.SUSPENSE, attempt.id) == -12_900


async def test_an_authorised_amount_is_posted_only_when_it_is_captured(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    reserved = await flow.settle(attempt.id, Outcome(OutcomeStatus.AUTHORISED, "ref", USD_129))
    assert reserved.captured is None
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 0
    assert (await flow.summary(attempt.order_id)).status is PaymentStatus.AUTHORISED
    assert (await flow.settle(attempt.id, CAPTURED)).captured == USD_129
    assert (await flow.summary(attempt.order_id)).authorised_minor == 12_900


async def test_a_token_is_stored_only_while_the_charge_may_have_to_be_repeated(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    assert (await flow.settle(attempt.id, UNKNOWN)).attempt.token == "tok_visa"
    assert (await flow.attempt(attempt.id)).token == "tok_visa"
    await flow.settle(attempt.id, CAPTURED)
    assert (await flow.attempt(attempt.id)).token is None


async def test_card_data_and_payments_of_zero_are_refused_before_anything_is_stored(
    flow: PaymentFlow,
) -> None:
    with pytest.raises(CardDataRefused):
        await flow.begin(token="4242 4242 4242 4242")
    for amount in (Money(0, "USD"), Money(-1, "USD")):
        with pytest.raises(InvalidInput):
            await flow.begin(amount=amount)


async def test_unfinished_attempts_are_found_and_retried_with_a_delay_that_doubles(
    flow: PaymentFlow, database: Database, tenant: Tenancy
) -> None:
    begun, unknown, waiting, done = [await flow.begin() for _ in range(4)]
    await flow.settle(unknown.id, UNKNOWN)
    await flow.settle(waiting.id, Outcome(OutcomeStatus.REQUIRES_ACTION, "ref"))
    await flow.settle(done.id, CAPTURED)

    async def due(older_than_seconds: float = 0) -> set[object]:
        async with database.system() as connection:
            found = await payments.due_attempts(connection, older_than_seconds, limit=10_000)
        return {one.attempt_id for one in found if one.tenant_id == tenant.id}

    assert await due() == {begun.id, unknown.id, waiting.id}
    assert await due(3600) == set()
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(payments.look_up_later(tx, await payments.attempt(tx, begun.id)))
    assert await due() == {unknown.id, waiting.id}
    assert (await flow.attempt(begun.id)).version == begun.version


async def test_an_attempt_that_never_reached_its_gateway_ends_declined(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    assert await flow.gateway.look_up(attempt.id) is None
    voided = await flow.gateway.void(attempt.id, None)
    assert (await flow.settle(attempt.id, voided)).attempt.status is AttemptStatus.DECLINED
    assert (await flow.charge(attempt)).status is OutcomeStatus.VOIDED
    assert await flow.discrepancies() == []


async def test_a_payment_of_another_tenant_is_unknown(
    flow: PaymentFlow, database: Database, other_tenant: Tenancy
) -> None:
    attempt = await flow.begin()
    theirs = PaymentFlow(database, other_tenant, flow.gateway)
    for attempt_id in (attempt.id, uuid4()):
        with pytest.raises(PaymentUnknown) as refused:
            await theirs.attempt(attempt_id)
        assert refused.value.facts == {}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE payments_events SET amount_minor = 0",
        "DELETE FROM payments_events",
        "UPDATE payments_attempts SET amount_minor = 1",
        "DELETE FROM payments_attempts",
        "UPDATE payments_refunds SET amount_minor = 1",
        "SELECT * FROM simulator.charges",
    ],
)
async def test_the_application_cannot_change_events_or_read_the_simulators_ledger(
    database: Database, tenant: Tenancy, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.begin(tenant, SYSTEM) as tx:
            await tx.connection.execute(statement)


async def test_the_database_itself_refuses_more_granted_than_captured_and_unnamed_states(
    flow: PaymentFlow, database: Database, tenant: Tenancy
) -> None:
    await flow.pay()
    for change in ("refund_granted_minor = 12901", "captured_minor = 1", "status = 'paid'", "token = 'tok_visa'"):
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.begin(tenant, SYSTEM) as tx:
                await tx.connection.execute(f"UPDATE payments_attempts SET {change}")


async def test_every_movement_of_money_has_one_audit_entry(
    flow: PaymentFlow, database: Database, tenant: Tenancy
) -> None:
    attempt = await flow.pay()
    await flow.execute(await flow.grant(attempt, 100))

    async def actions(tx: Transaction) -> list[str]:
        return [row["action"] for row in await tx.fetch("SELECT action FROM kit_audit ORDER BY at, id")]

    assert await database.run(tenant, SYSTEM, actions) == [
        "payments.captured",
        "payments.refund_granted",
        "payments.refund_executed",
    ]


async def test_unknown_outcomes_are_counted_with_their_age(database: Database, flow: PaymentFlow) -> None:
    async def unknown() -> tuple[float | None, float | None]:
        async with database.system() as connection:
            await payments.measure_unknown(connection)
        names = ("luxewin_payments_unknown", "luxewin_payments_unknown_oldest_seconds")
        count, oldest = (REGISTRY.get_sample_value(name, {"kind": "payment"}) for name in names)
        return count, oldest

    (before, _), attempt = await unknown(), await flow.begin()
    assert before is not None
    await flow.settle(attempt.id, UNKNOWN)
    count, oldest = await unknown()
    assert count == before + 1
    assert oldest is not None
    assert oldest > 0
    await flow.settle(attempt.id, DECLINED)
    assert (await unknown())[0] == before
