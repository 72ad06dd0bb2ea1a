"""Refunds: never more than was captured, executed once, and owed until then."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import InvalidInput
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.gateways.simulator import Misbehaviour, Simulator
from luxewin.modules.payments.public import (
    PaymentChanged,
    PaymentStatus,
    RefundExceedsCapture,
    RefundOutcome,
    RefundOutcomeStatus,
    RefundStatus,
    RefundUnknown,
    TransitionRefused,
)
from tests.modules.payments.till import Till

UNKNOWN = RefundOutcome.unknown("no_answer")
FAILED = RefundOutcome(RefundOutcomeStatus.FAILED, "re", "account_closed")


async def test_a_refund_is_owed_when_granted_and_leaves_the_gateway_when_executed(till: Till) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 5_000)
    assert await till.balance(AccountKind.REFUNDS_PAYABLE) == -5_000
    assert (await till.summary(attempt.order_id)).status is PaymentStatus.PAID
    refund = await till.execute(refund_id)
    assert refund.status is RefundStatus.EXECUTED
    assert await till.balance(AccountKind.REFUNDS_PAYABLE) == 0
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 7_900
    assert (await till.summary(attempt.order_id)).status is PaymentStatus.PART_REFUNDED
    await till.execute(await till.grant(attempt, 7_900))
    assert (await till.summary(attempt.order_id)).status is PaymentStatus.REFUNDED
    assert await till.facts() == ["payments.payment_captured", *["payments.refund_executed"] * 2]
    assert await till.disagreements() == []


async def test_of_fifty_parallel_refunds_only_those_that_fit_are_granted(till: Till) -> None:
    attempt = await till.pay()
    granted = await asyncio.gather(*(till.grant(attempt, 1_000) for _ in range(50)), return_exceptions=True)
    assert Counter(type(one) for one in granted) == {UUID: 12, RefundExceedsCapture: 38}
    assert (await till.attempt(attempt.id)).refund_granted.minor == 12_000


@pytest.mark.parametrize("minor", [0, -1])
async def test_a_refund_gives_something_back(till: Till, minor: int) -> None:
    attempt = await till.pay()
    with pytest.raises(InvalidInput):
        await till.grant(attempt, minor)


@pytest.mark.parametrize("token", ["tok_declined", "tok_3ds"])
async def test_what_was_not_captured_is_not_refunded(till: Till, token: str) -> None:
    with pytest.raises(RefundExceedsCapture):
        await till.grant(await till.pay(token=token), 1)


async def test_a_refund_of_another_currency_is_refused(till: Till, database: Database, tenant: Tenancy) -> None:
    attempt = await till.pay()
    with pytest.raises(RefundExceedsCapture):
        async with database.begin(tenant, SYSTEM) as tx:
            tx.write(
                *payments.grant_refund(
                    tx,
                    refund_id=attempt.order_id,
                    order_id=attempt.order_id,
                    attempt=attempt,
                    amount=Money(1, "EUR"),
                    reason="none",
                )
            )


async def test_an_unknown_refund_is_repeated_under_its_own_key_and_executed_once(
    till: Till, simulator: Simulator
) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 5_000)
    simulator.misbehave("refund", Misbehaviour.LOST_ANSWER)
    begun = await till.begin_refund(refund_id)
    with pytest.raises(Exception, match="got lost"):
        await simulator.refund(begun.instruction)
    unknown = await till.settle_refund(refund_id, UNKNOWN)
    assert unknown.status is RefundStatus.UNKNOWN
    assert (await till.begin_refund(refund_id)).instruction == begun.instruction
    executed = await till.settle_refund(refund_id, await simulator.refund(begun.instruction))
    assert executed.status is RefundStatus.EXECUTED
    assert await till.disagreements() == []


async def test_a_failed_refund_stays_payable_frees_what_it_reserved_and_can_be_tried_again(
    till: Till, simulator: Simulator
) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 12_900)
    simulator.misbehave("refund", Misbehaviour.REFUSAL)
    failed = await till.execute(refund_id)
    assert (failed.status, failed.failure) == (RefundStatus.FAILED, "refused_on_command")
    assert await till.balance(AccountKind.REFUNDS_PAYABLE) == -12_900
    assert (await till.attempt(attempt.id)).refund_granted.minor == 0
    executed = await till.execute(refund_id)
    assert (executed.status, executed.failure) == (RefundStatus.EXECUTED, None)
    assert executed.tries == 2
    assert await till.facts() == [
        "payments.payment_captured",
        "payments.refund_failed",
        "payments.refund_executed",
    ]
    assert await till.disagreements() == []


async def test_a_failed_refund_cannot_be_tried_again_once_others_have_used_what_it_freed(till: Till) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 12_900)
    await till.begin_refund(refund_id)
    await till.settle_refund(refund_id, FAILED)
    await till.grant(attempt, 1)
    with pytest.raises(RefundExceedsCapture):
        await till.begin_refund(refund_id)
    assert (await till.refund(refund_id)).status is RefundStatus.FAILED


async def test_of_many_who_hear_of_one_refund_at_once_one_books_it(till: Till) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 5_000)
    begun = await till.begin_refund(refund_id)
    outcome = await till.gateway.refund(begun.instruction)
    settled = await asyncio.gather(*(till.settle_refund(refund_id, outcome) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(one, PaymentChanged) or one.status is RefundStatus.EXECUTED for one in settled)  # type: ignore[union-attr]  # either a refund or that refusal
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 7_900
    assert (await till.facts()).count("payments.refund_executed") == 1


async def test_of_many_who_hear_of_one_failure_at_once_one_frees_what_the_refund_had_reserved(till: Till) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 3_000)
    await till.grant(attempt, 9_900)
    await till.begin_refund(refund_id)
    settled = await asyncio.gather(*(till.settle_refund(refund_id, FAILED) for _ in range(10)), return_exceptions=True)
    assert any(not isinstance(one, BaseException) for one in settled)
    assert (await till.attempt(attempt.id)).refund_granted.minor == 9_900
    assert (await till.facts()).count("payments.refund_failed") == 1


async def test_an_executed_refund_is_final(till: Till) -> None:
    attempt = await till.pay()
    refund_id = await till.grant(attempt, 5_000)
    await till.execute(refund_id)
    with pytest.raises(TransitionRefused):
        await till.begin_refund(refund_id)
    with pytest.raises(TransitionRefused):
        await till.settle_refund(refund_id, FAILED)


async def test_what_nobody_finished_is_found(till: Till, database: Database, tenant: Tenancy) -> None:
    attempt = await till.pay()
    granted, executing, unknown, executed = [await till.grant(attempt, 100) for _ in range(4)]
    await till.begin_refund(executing)
    await till.begin_refund(unknown)
    await till.settle_refund(unknown, UNKNOWN)
    await till.execute(executed)

    async def due() -> set[UUID]:
        async with database.system() as connection:
            found = await payments.due_refunds(connection, 0, limit=10_000)
        return {one.refund_id for one in found if one.tenant_id == tenant.id}

    assert await due() == {granted, executing, unknown}
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(payments.look_up_refund_later(tx, await payments.refund(tx, granted)))
    assert await due() == {executing, unknown}


async def test_another_tenant_sees_no_refund(till: Till, database: Database, other_tenant: Tenancy) -> None:
    refund_id = await till.grant(await till.pay(), 100)
    with pytest.raises(RefundUnknown):
        await database.run(other_tenant, SYSTEM, lambda tx: payments.refund(tx, refund_id))


async def test_a_disputed_payment_gives_back_no_more_than_what_the_dispute_left(till: Till) -> None:
    attempt = await till.pay()
    await till.dispute(attempt.id, Money(10_000, "USD"), "dp_1")
    with pytest.raises(RefundExceedsCapture):
        await till.grant(attempt, 2_901)
    await till.grant(attempt, 2_900)


async def test_a_dispute_is_booked_once_however_often_it_is_told(till: Till) -> None:
    attempt = await till.pay()
    for _ in range(3):
        await till.dispute(attempt.id, attempt.amount, "dp_1")
    assert await till.balance(AccountKind.DISPUTES) == 12_900
    assert await till.balance(AccountKind.GATEWAY_CLEARING) == 0
    summary = await till.summary(attempt.order_id)
    assert (summary.disputed_minor, summary.status) == (12_900, PaymentStatus.DISPUTED)
    assert await till.facts() == ["payments.payment_captured", "payments.payment_disputed"]


async def test_of_simultaneous_tellings_of_one_dispute_one_is_booked(till: Till) -> None:
    attempt = await till.pay()
    told = await asyncio.gather(
        *(till.dispute(attempt.id, attempt.amount, "dp_1") for _ in range(8)), return_exceptions=True
    )
    assert all(one is None or isinstance(one, PaymentChanged) for one in told)
    assert await till.balance(AccountKind.DISPUTES) == 12_900


async def test_what_was_not_captured_is_not_disputed(till: Till) -> None:
    attempt = await till.begin()
    with pytest.raises(PaymentChanged):
        await till.dispute(attempt.id, attempt.amount, "dp_1")
