"""Attempts in the database: one live attempt an order, one capture an attempt, whoever hears of it and how often."""

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
from tests.modules.payments.till import USD_129, Till

CAPTURED = Outcome(OutcomeStatus.CAPTURED, "ref", USD_129)
DECLINED = Outcome(OutcomeStatus.DECLINED, "ref", reason="card_declined")
UNKNOWN = Outcome.unknown("no_answer")


async def test_a_capture_is_booked_told_and_counted_once(till: Till) -> None:
    attempt = await till.begin()
    assert (await till.summary(attempt.order_id)).status is PaymentStatus.UNPAID
    settled = await till.settle(attempt.id, CAPTURED)
    assert settled.captured == USD_129
    assert await till.attempt(attempt.id) == settled.attempt
    again = await till.settle(attempt.id, CAPTURED)
    assert (again.captured, list(again.writes)) == (None, [])
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 12_900
    assert await till.balance(AccountKind.ORDER_CLEARING) == -12_900
    summary = await till.summary(attempt.order_id)
    assert (summary.authorised_minor, summary.captured_minor, summary.status) == (12_900, 12_900, PaymentStatus.PAID)
    assert await till.facts() == ["payments.payment_captured"]


async def test_of_many_who_hear_of_one_capture_at_once_one_books_it(till: Till) -> None:
    attempt = await till.begin()
    outcomes = await asyncio.gather(*(till.settle(attempt.id, CAPTURED) for _ in range(12)), return_exceptions=True)
    captured = [o for o in outcomes if not isinstance(o, BaseException) and o.captured is not None]
    lost = [o for o in outcomes if isinstance(o, BaseException)]
    assert len(captured) == 1
    assert all(isinstance(one, PaymentChanged) for one in lost)
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 12_900


async def test_a_stale_reading_cannot_move_an_attempt(till: Till, database: Database, tenant: Tenancy) -> None:
    stale = await till.begin()
    await till.settle(stale.id, DECLINED)
    with pytest.raises(PaymentChanged):
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(*payments.settle(tx, stale, CAPTURED).writes)
    assert (await till.attempt(stale.id)).status is AttemptStatus.DECLINED
    assert await till.facts() == ["payments.payment_declined"]


async def test_a_reading_from_before_an_allowed_change_is_as_stale_as_any(
    till: Till, database: Database, tenant: Tenancy
) -> None:
    stale = await till.begin()
    await till.settle(stale.id, UNKNOWN)
    with pytest.raises(PaymentChanged):
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(*payments.settle(tx, stale, CAPTURED).writes)
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 0
    assert (await till.settle(stale.id, CAPTURED)).attempt.version == 3


async def test_an_order_has_one_live_attempt_and_a_decline_frees_it(till: Till) -> None:
    order_id = new_id()
    first = await till.begin(order_id=order_id)
    with pytest.raises(PaymentInProgress):
        await till.begin(order_id=order_id)
    await till.settle(first.id, UNKNOWN)
    with pytest.raises(PaymentInProgress):
        await till.begin(order_id=order_id)
    await till.settle(first.id, DECLINED)
    second = await till.begin(order_id=order_id)
    await till.settle(second.id, CAPTURED)
    with pytest.raises(PaymentInProgress):
        await till.begin(order_id=order_id)
    async with till.database.begin(till.tenant, SYSTEM) as tx:
        assert [one.id for one in await payments.attempts_of(tx, order_id)] == [first.id, second.id]
        live = await payments.live_attempt(tx, order_id)
    assert live is not None
    assert live.id == second.id


async def test_of_simultaneous_attempts_to_pay_one_order_one_begins(till: Till) -> None:
    order_id = new_id()
    begun = await asyncio.gather(*(till.begin(order_id=order_id) for _ in range(10)), return_exceptions=True)
    assert Counter(type(one) for one in begun) == {Attempt: 1, PaymentInProgress: 9}


@pytest.mark.parametrize("amount", [Money(12_901, "USD"), Money(12_900, "EUR")])
async def test_a_wrong_capture_goes_to_suspense_and_pays_nothing(till: Till, amount: Money) -> None:
    attempt = await till.begin()
    settled = await till.settle(attempt.id, Outcome(OutcomeStatus.CAPTURED, "ref", amount))
    assert settled.captured is None
    assert (settled.attempt.status, settled.attempt.reason) == (AttemptStatus.QUARANTINED, "wrong_amount")
    assert await till.balance(AccountKind.GATEWAY_CLEARING, currency=amount.currency) == amount.minor
    assert await till.balance(AccountKind.SUSPENSE, attempt.id, amount.currency) == -amount.minor
    assert await till.balance(AccountKind.ORDER_CLEARING) == 0
    assert (await till.summary(attempt.order_id)).status is PaymentStatus.UNPAID
    assert await till.facts() == ["payments.payment_quarantined"]
    await till.begin(order_id=attempt.order_id)


async def test_a_capture_after_the_end_goes_to_suspense(till: Till) -> None:
    attempt = await till.begin()
    await till.settle(attempt.id, DECLINED)
    settled = await till.settle(attempt.id, CAPTURED)
    assert (settled.attempt.status, settled.attempt.reason) == (AttemptStatus.QUARANTINED, "captured_too_late")
    assert await till.balance(AccountKind.SUSPENSE, attempt.id) == -12_900


async def test_an_authorised_amount_is_reserved_and_only_its_capture_is_booked(till: Till) -> None:
    attempt = await till.begin()
    reserved = await till.settle(attempt.id, Outcome(OutcomeStatus.AUTHORISED, "ref", USD_129))
    assert reserved.captured is None
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 0
    assert (await till.summary(attempt.order_id)).status is PaymentStatus.AUTHORISED
    assert (await till.settle(attempt.id, CAPTURED)).captured == USD_129
    assert (await till.summary(attempt.order_id)).authorised_minor == 12_900


async def test_a_token_is_kept_only_while_the_charge_may_have_to_be_repeated(till: Till) -> None:
    attempt = await till.begin()
    assert (await till.settle(attempt.id, UNKNOWN)).attempt.token == "tok_visa"
    assert (await till.attempt(attempt.id)).token == "tok_visa"
    await till.settle(attempt.id, CAPTURED)
    assert (await till.attempt(attempt.id)).token is None


async def test_card_data_and_payments_of_nothing_are_refused_before_anything_is_stored(till: Till) -> None:
    with pytest.raises(CardDataRefused):
        await till.begin(token="4242 4242 4242 4242")
    for amount in (Money(0, "USD"), Money(-1, "USD")):
        with pytest.raises(InvalidInput):
            await till.begin(amount=amount)


async def test_what_nobody_finished_is_found_and_puts_off_each_time_twice_as_long(
    till: Till, database: Database, tenant: Tenancy
) -> None:
    begun, unknown, waiting, done = [await till.begin() for _ in range(4)]
    await till.settle(unknown.id, UNKNOWN)
    await till.settle(waiting.id, Outcome(OutcomeStatus.REQUIRES_ACTION, "ref"))
    await till.settle(done.id, CAPTURED)

    async def due(older_than_seconds: float = 0) -> set[object]:
        async with database.system() as connection:
            found = await payments.due_attempts(connection, older_than_seconds, limit=10_000)
        return {one.attempt_id for one in found if one.tenant_id == tenant.id}

    assert await due() == {begun.id, unknown.id, waiting.id}
    assert await due(3600) == set()
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(payments.look_up_later(tx, await payments.attempt(tx, begun.id)))
    assert await due() == {unknown.id, waiting.id}
    assert (await till.attempt(begun.id)).version == begun.version


async def test_an_attempt_that_never_reached_its_gateway_ends_declined(till: Till) -> None:
    attempt = await till.begin()
    assert await till.gateway.look_up(attempt.id) is None
    voided = await till.gateway.void(attempt.id, None)
    assert (await till.settle(attempt.id, voided)).attempt.status is AttemptStatus.DECLINED
    assert (await till.charge(attempt)).status is OutcomeStatus.VOIDED
    assert await till.disagreements() == []


async def test_another_tenant_sees_no_payment_and_cannot_tell_it_from_none(
    till: Till, database: Database, other_tenant: Tenancy
) -> None:
    attempt = await till.begin()
    theirs = Till(database, other_tenant, till.gateway)
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
async def test_the_application_cannot_rewrite_what_happened_nor_read_the_simulators_books(
    database: Database, tenant: Tenancy, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.begin(tenant, SYSTEM) as tx:
            await tx.connection.execute(statement)


async def test_the_database_itself_refuses_more_granted_than_captured_and_unnamed_states(
    till: Till, database: Database, tenant: Tenancy
) -> None:
    await till.pay()
    for change in ("refund_granted_minor = 12901", "captured_minor = 1", "status = 'paid'", "token = 'tok_visa'"):
        with pytest.raises(asyncpg.CheckViolationError):
            async with database.begin(tenant, SYSTEM) as tx:
                await tx.connection.execute(f"UPDATE payments_attempts SET {change}")


async def test_every_change_of_money_leaves_one_audit_row(till: Till, database: Database, tenant: Tenancy) -> None:
    attempt = await till.pay()
    await till.execute(await till.grant(attempt, 100))

    async def actions(tx: Transaction) -> list[str]:
        return [row["action"] for row in await tx.fetch("SELECT action FROM kit_audit ORDER BY at, id")]

    assert await database.run(tenant, SYSTEM, actions) == [
        "payments.captured",
        "payments.refund_granted",
        "payments.refund_executed",
    ]


async def test_what_nobody_knows_is_counted_with_its_age_until_it_is_known(database: Database, till: Till) -> None:
    async def unknown() -> tuple[float | None, float | None]:
        async with database.system() as connection:
            await payments.measure_unknown(connection)
        names = ("luxewin_payments_unknown", "luxewin_payments_unknown_oldest_seconds")
        count, oldest = (REGISTRY.get_sample_value(name, {"kind": "payment"}) for name in names)
        return count, oldest

    (before, _), attempt = await unknown(), await till.begin()
    assert before is not None
    await till.settle(attempt.id, UNKNOWN)
    count, oldest = await unknown()
    assert count == before + 1
    assert oldest is not None
    assert oldest > 0
    await till.settle(attempt.id, DECLINED)
    assert (await unknown())[0] == before
