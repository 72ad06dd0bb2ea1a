"""Placing and paying an order: no transaction waits for the gateway, and no outcome is lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar, assert_never
from uuid import UUID

from luxewin.kit.errors import Conflict, Contended, Unavailable
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.idempotency import Intent
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, OrderDetails
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, AttemptStatus, Gateways, Outcome, Settled
from luxewin.workflows.pay_order.results import (
    ActionRequired,
    CheckoutResult,
    Declined,
    Paid,
    PaymentResult,
    Pending,
    Placed,
)
from luxewin.workflows.pay_order.schemas import PaymentMeans
from luxewin.workflows.pay_order.steps import begin_payment, charge, settle

D = TypeVar("D")
_NOT_RECORDED_YET = "The order is placed, and its payment is being recorded; repeat this request with the same key"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description(Generic[D]):
    """The functions that read the description of a result's order.

    `of_first_payment` describes an order that the same request placed and paid, without reading it again. If it is
    None, the description is read in a second transaction, after the locks of the settling transaction are released.
    """

    of: Callable[[Transaction, Order], Awaitable[D]]
    of_first_payment: Callable[[Transaction, Order, Order, Settled], Awaitable[D]] | None = None


ORDER_DETAILS: Description[OrderDetails] = Description(
    of=orders.details_of, of_first_payment=orders.details_of_first_payment
)


async def pay_order(
    run: WorkflowRun[PaymentResult[OrderDetails]], order_id: UUID, method: PaymentMeans
) -> PaymentResult[OrderDetails]:
    """Pay an order that was placed before; the intent's id is the id of the attempt."""
    context = run.context
    context.service(Gateways).get(method.gateway)

    async def begin(tx: Transaction, intent: Intent) -> Attempt:
        if intent.resumed:
            return await payments.attempt(tx, intent.id)
        order = await orders.visible_order(tx, context, context.service(orders.OrderTokens), order_id)
        must_match(context, order.version)
        order = await orders.prepare_payment(tx, order, context)
        return await begin_payment(tx, order, attempt_id=intent.id, gateway=method.gateway, token=method.token)

    async def dry_run_effect(tx: Transaction, intent: Intent) -> PaymentResult[OrderDetails]:
        attempt = await begin(tx, intent)
        await tx.flush()
        return await result_of(tx, order_id, attempt.id, ORDER_DETAILS)

    if context.is_dry_run:
        return await run.dry_run(dry_run_effect)
    return await _finish(run, await run.claim(begin), ORDER_DETAILS, placed=None)


async def place_and_pay(
    run: WorkflowRun[CheckoutResult[D]],
    place: Callable[[Transaction, UUID], Awaitable[Order]],
    *,
    method: PaymentMeans | None,
    description: Description[D],
) -> CheckoutResult[D]:
    """Place an order, and pay it if `method` is set; the intent's id is the id of the order and of the attempt."""
    context = run.context
    if method is not None:
        context.service(Gateways).get(method.gateway)

    async def begin(tx: Transaction, intent: Intent) -> Placed[D] | _Begun:
        if intent.resumed:
            return _Begun(None, await payments.attempt(tx, intent.id))
        order = await place(tx, intent.id)
        if method is None or not order.awaits_payment:
            placed = await describe_placed(tx, order)
            run.conclude(tx, placed)
            return placed
        attempt = await begin_payment(tx, order, attempt_id=intent.id, gateway=method.gateway, token=method.token)
        return _Begun(order, attempt)

    async def describe_placed(tx: Transaction, order: Order) -> Placed[D]:
        await tx.flush()
        return Placed(await description.of(tx, order))

    async def dry_run_effect(tx: Transaction, intent: Intent) -> CheckoutResult[D]:
        return await describe_placed(tx, await place(tx, intent.id))

    if context.is_dry_run:
        return await run.dry_run(dry_run_effect)
    begun = await run.claim(begin)
    if isinstance(begun, Placed):
        return begun
    return await _finish(run, begun.attempt, description, placed=begun.order)


async def result_of(tx: Transaction, order_id: UUID, attempt_id: UUID, description: Description[D]) -> PaymentResult[D]:
    """Return the result of an attempt as it is recorded now."""
    order = await orders.find_order(tx, order_id)
    if order is None:
        raise orders.OrderUnknown
    attempt = await payments.attempt(tx, attempt_id)
    match attempt.status:
        case AttemptStatus.DECLINED | AttemptStatus.VOIDED | AttemptStatus.EXPIRED:
            return Declined(order_id=order_id, payment_id=attempt_id, reason=attempt.reason)
        case AttemptStatus.CREATED | AttemptStatus.UNKNOWN | AttemptStatus.QUARANTINED:
            return Pending(await description.of(tx, order))
        case AttemptStatus.REQUIRES_ACTION | AttemptStatus.AUTHORISED:
            return ActionRequired(await description.of(tx, order))
        case AttemptStatus.CAPTURED:
            return Paid(await description.of(tx, order))
        case _:
            assert_never(attempt.status)


async def settle_and_conclude(
    run: WorkflowRun[PaymentResult[D]],
    attempt: Attempt,
    outcome: Outcome | None,
    description: Description[D],
) -> PaymentResult[D]:
    """Record an outcome, and conclude the run with the attempt's final status, in one transaction."""

    async def last_step(tx: Transaction) -> PaymentResult[D]:
        if outcome is not None:
            await settle(tx, attempt.id, outcome)
            await tx.flush()
        result = await result_of(tx, attempt.order_id, attempt.id, description)
        run.conclude(tx, result)
        return result

    return await run.context.transaction(last_step)


@dataclass(frozen=True, slots=True)
class _Begun:
    """A payment that was begun; `order` is None if an earlier try placed it."""

    order: Order | None
    attempt: Attempt


async def _finish(
    run: WorkflowRun[PaymentResult[D]],
    attempt: Attempt,
    description: Description[D],
    *,
    placed: Order | None,
) -> PaymentResult[D]:
    """Charge, record the outcome, and conclude the run.

    `placed` is the order if this request placed it, so that it need not be read again.

    Raises:
        Unavailable: the outcome could not be recorded yet.
    """
    try:
        outcome = None
        if attempt.status is AttemptStatus.CREATED:
            gateway = run.context.service(Gateways).get(attempt.gateway)
            outcome = await charge(gateway, run.context.tenant, attempt)
        if placed is not None and outcome is not None and outcome.captures(attempt.amount):
            paid = await _pay_at_once(run, placed, attempt, outcome, description)
            if paid is not None:
                return paid
        return await settle_and_conclude(run, attempt, outcome, description)
    except Contended as contended:
        # Not an error of the request: the order is placed, and may have been paid by now.
        raise Unavailable(_NOT_RECORDED_YET, retry_after_seconds=1) from contended


async def _pay_at_once(
    run: WorkflowRun[PaymentResult[D]],
    placed: Order,
    attempt: Attempt,
    outcome: Outcome,
    description: Description[D],
) -> Paid[D] | None:
    """Record the capture of an order that was just placed; None if order or attempt were changed concurrently."""
    describe = description.of_first_payment

    async def capture(tx: Transaction) -> tuple[Order, Settled]:
        settled = payments.settle(tx, attempt, outcome)
        tx.write(*settled.writes)
        return await orders.receive_payment(tx, settled.attempt, attempt.amount, known=placed), settled

    async def capture_and_describe(tx: Transaction) -> Paid[D]:
        order, settled = await capture(tx)
        assert describe is not None, "called only if of_first_payment is set"
        return conclude_paid(tx, Paid(await describe(tx, placed, order, settled)))

    async def read_back(tx: Transaction, order: Order) -> Paid[D]:
        return conclude_paid(tx, Paid(await description.of(tx, order)))

    def conclude_paid(tx: Transaction, paid: Paid[D]) -> Paid[D]:
        run.conclude(tx, paid)
        return paid

    try:
        if describe is not None:
            return await run.context.transaction(capture_and_describe)
        order, _ = await run.context.transaction(capture)
        return await run.context.transaction(partial(read_back, order=order))
    except Contended:
        raise
    except Conflict:
        return None
