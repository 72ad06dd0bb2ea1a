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
from luxewin.modules.payments.gateways.simulator.fault_injection import Fault
from luxewin.modules.payments.gateways.simulator.gateway import Simulator
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
from tests.modules.payments.payment_flow import PaymentFlow

UNKNOWN = RefundOutcome.unknown("no_answer")
FAILED = RefundOutcome(RefundOutcomeStatus.FAILED, "re", "account_closed")


async def test_a_refund_is_owed_when_granted_and_leaves_the_gateway_when_executed(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 5_000)
    assert await flow.balance(AccountKind.REFUNDS_PAYABLE) == -5_000
    assert (await flow.summary(attempt.order_id)).status is PaymentStatus.PAID
    refund = await flow.execute(refund_id)
    assert refund.status is RefundStatus.EXECUTED
    assert await flow.balance(AccountKind.REFUNDS_PAYABLE) == 0
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 7_900
    assert (await flow.summary(attempt.order_id)).status is PaymentStatus.PART_REFUNDED
    await flow.execute(await flow.grant(attempt, 7_900))
    assert (await flow.summary(attempt.order_id)).status is PaymentStatus.REFUNDED
    assert await flow.published_events() == ["payments.payment_captured", *["payments.refund_executed"] * 2]
    assert await flow.discrepancies() == []


async def test_of_fifty_parallel_refunds_only_those_that_fit_are_granted(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    granted = await asyncio.gather(*(flow.grant(attempt, 1_000) for _ in range(50)), return_exceptions=True)
    assert Counter(type(one) for one in granted) == {UUID: 12, RefundExceedsCapture: 38}
    assert (await flow.attempt(attempt.id)).refund_granted.minor == 12_000


@pytest.mark.parametrize("minor", [0, -1])
async def test_a_refund_of_zero_is_refused(flow: PaymentFlow, minor: int) -> None:
    attempt = await flow.pay()
    with pytest.raises(InvalidInput):
        await flow.grant(attempt, minor)


@pytest.mark.parametrize("token", ["tok_declined", "tok_3ds"])
async def test_an_uncaptured_payment_cannot_be_refunded(flow: PaymentFlow, token: str) -> None:
    with pytest.raises(RefundExceedsCapture):
        await flow.grant(await flow.pay(token=token), 1)


async def test_a_refund_of_another_currency_is_refused(flow: PaymentFlow, database: Database, tenant: Tenancy) -> None:
    attempt = await flow.pay()
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
    flow: PaymentFlow, simulator: Simulator
) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 5_000)
    simulator.inject_fault("refund", Fault.LOST_ANSWER)
    begun = await flow.begin_refund(refund_id)
    with pytest.raises(Exception, match="response was lost"):
        await simulator.refund(begun.instruction)
    unknown = await flow.settle_refund(refund_id, UNKNOWN)
    assert unknown.status is RefundStatus.UNKNOWN
    assert (await flow.begin_refund(refund_id)).instruction == begun.instruction
    executed = await flow.settle_refund(refund_id, await simulator.refund(begun.instruction))
    assert executed.status is RefundStatus.EXECUTED
    assert await flow.discrepancies() == []


async def test_a_failed_refund_is_still_owed_releases_its_reservation_and_can_be_tried_again(
    flow: PaymentFlow, simulator: Simulator
) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 12_900)
    simulator.inject_fault("refund", Fault.REFUSAL)
    failed = await flow.execute(refund_id)
    assert (failed.status, failed.failure) == (RefundStatus.FAILED, "refused_on_command")
    assert await flow.balance(AccountKind.REFUNDS_PAYABLE) == -12_900
    assert (await flow.attempt(attempt.id)).refund_granted.minor == 0
    executed = await flow.execute(refund_id)
    assert (executed.status, executed.failure) == (RefundStatus.EXECUTED, None)
    assert executed.tries == 2
    assert await flow.published_events() == [
        "payments.payment_captured",
        "payments.refund_failed",
        "payments.refund_executed",
    ]
    assert await flow.discrepancies() == []


async def test_a_failed_refund_cannot_be_tried_again_after_others_have_used_the_rest_of_the_capture(
    flow: PaymentFlow,
) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 12_900)
    await flow.begin_refund(refund_id)
    await flow.settle_refund(refund_id, FAILED)
    await flow.grant(attempt, 1)
    with pytest.raises(RefundExceedsCapture):
        await flow.begin_refund(refund_id)
    assert (await flow.refund(refund_id)).status is RefundStatus.FAILED


async def test_an_executed_refund_that_is_recorded_concurrently_is_posted_once(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 5_000)
    begun = await flow.begin_refund(refund_id)
    outcome = await flow.gateway.refund(begun.instruction)
    settled = await asyncio.gather(*(flow.settle_refund(refund_id, outcome) for _ in range(10)), return_exceptions=True)
    assert all(isinstance(one, PaymentChanged) or one.status is RefundStatus.EXECUTED for one in settled)  # type: ignore[union-attr]  # either a refund or that refusal
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 7_900
    assert (await flow.published_events()).count("payments.refund_executed") == 1


async def test_a_failed_refund_that_is_recorded_concurrently_releases_its_reservation_once(
    flow: PaymentFlow,
) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 3_000)
    await flow.grant(attempt, 9_900)
    await flow.begin_refund(refund_id)
    settled = await asyncio.gather(*(flow.settle_refund(refund_id, FAILED) for _ in range(10)), return_exceptions=True)
    assert any(not isinstance(one, BaseException) for one in settled)
    assert (await flow.attempt(attempt.id)).refund_granted.minor == 9_900
    assert (await flow.published_events()).count("payments.refund_failed") == 1


async def test_an_executed_refund_is_final(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    refund_id = await flow.grant(attempt, 5_000)
    await flow.execute(refund_id)
    with pytest.raises(TransitionRefused):
        await flow.begin_refund(refund_id)
    with pytest.raises(TransitionRefused):
        await flow.settle_refund(refund_id, FAILED)


async def test_unfinished_refunds_are_found(flow: PaymentFlow, database: Database, tenant: Tenancy) -> None:
    attempt = await flow.pay()
    granted, executing, unknown, executed = [await flow.grant(attempt, 100) for _ in range(4)]
    await flow.begin_refund(executing)
    await flow.begin_refund(unknown)
    await flow.settle_refund(unknown, UNKNOWN)
    await flow.execute(executed)

    async def due() -> set[UUID]:
        async with database.system() as connection:
            found = await payments.due_refunds(connection, 0, limit=10_000)
        return {one.refund_id for one in found if one.tenant_id == tenant.id}

    assert await due() == {granted, executing, unknown}
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(payments.look_up_refund_later(tx, await payments.refund(tx, granted)))
    assert await due() == {executing, unknown}


async def test_another_tenant_sees_no_refund(flow: PaymentFlow, database: Database, other_tenant: Tenancy) -> None:
    refund_id = await flow.grant(await flow.pay(), 100)
    with pytest.raises(RefundUnknown):
        await database.run(other_tenant, SYSTEM, lambda tx: payments.refund(tx, refund_id))


async def test_a_disputed_payment_refunds_no_more_than_the_undisputed_amount(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    await flow.dispute(attempt.id, Money(10_000, "USD"), "dp_1")
    with pytest.raises(RefundExceedsCapture):
        await flow.grant(attempt, 2_901)
    await flow.grant(attempt, 2_900)


async def test_a_dispute_that_is_reported_repeatedly_is_posted_once(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    for _ in range(3):
        await flow.dispute(attempt.id, attempt.amount, "dp_1")
    assert await flow.balance(AccountKind.DISPUTES) == 12_900
    assert await flow.balance(AccountKind.GATEWAY_CLEARING) == 0
    summary = await flow.summary(attempt.order_id)
    assert (summary.disputed_minor, summary.status) == (12_900, PaymentStatus.DISPUTED)
    assert await flow.published_events() == ["payments.payment_captured", "payments.payment_disputed"]


async def test_a_dispute_that_is_reported_concurrently_is_posted_once(flow: PaymentFlow) -> None:
    attempt = await flow.pay()
    results = await asyncio.gather(
        *(flow.dispute(attempt.id, attempt.amount, "dp_1") for _ in range(8)), return_exceptions=True
    )
    assert all(one is None or isinstance(one, PaymentChanged) for one in results)
    assert await flow.balance(AccountKind.DISPUTES) == 12_900


async def test_an_uncaptured_payment_cannot_be_disputed(flow: PaymentFlow) -> None:
    attempt = await flow.begin()
    with pytest.raises(PaymentChanged):
        await flow.dispute(attempt.id, attempt.amount, "dp_1")
