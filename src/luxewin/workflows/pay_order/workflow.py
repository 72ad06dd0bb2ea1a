"""How an order is placed and paid: no transaction waits for the gateway, and no outcome is lost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar, assert_never
from uuid import UUID

from luxewin.kit.errors import Conflict, Contended, Unavailable
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
    """How a result describes its order.

    `of_first_payment` describes, without a read, an order that the same request has placed and paid; without it the
    description is read in a transaction of its own, after the one that settles, whose locks are held no longer.
    """

    of: Callable[[Transaction, Order], Awaitable[D]]
    of_first_payment: Callable[[Transaction, Order, Order, Settled], Awaitable[D]] | None = None


ORDER_DETAILS: Description[OrderDetails] = Description(
    of=orders.details_of, of_first_payment=orders.details_of_first_payment
)


async def pay_order(
    run: WorkflowRun[PaymentResult[OrderDetails]], order_id: UUID, means: PaymentMeans
) -> PaymentResult[OrderDetails]:
    """Pay an order that was placed before; the intent's id is the attempt's."""
    context = run.context
    context.service(Gateways).named(means.gateway)

    async def begin(tx: Transaction, intent: Intent) -> Attempt:
        if intent.resumed:
            return await payments.attempt(tx, intent.id)
        order = await orders.visible_order(tx, context, context.service(orders.OrderTokens), order_id)
        order = await orders.prepare_payment(tx, order, context)
        return await begin_payment(tx, order, attempt_id=intent.id, gateway=means.gateway, token=means.token)

    async def plan(tx: Transaction, intent: Intent) -> PaymentResult[OrderDetails]:
        attempt = await begin(tx, intent)
        await tx.flush()
        return await result_of(tx, order_id, attempt.id, ORDER_DETAILS)

    if context.is_dry_run:
        return await run.dry_run(plan)
    return await _finish(run, await run.claim(begin), ORDER_DETAILS, placed=None)


async def place_and_pay(
    run: WorkflowRun[CheckoutResult[D]],
    place: Callable[[Transaction, UUID], Awaitable[Order]],
    *,
    means: PaymentMeans | None,
    description: Description[D],
) -> CheckoutResult[D]:
    """Place an order, and pay it where `means` are given; the intent's id is the order's and the attempt's."""
    context = run.context
    if means is not None:
        context.service(Gateways).named(means.gateway)

    async def begin(tx: Transaction, intent: Intent) -> Placed[D] | _Begun:
        if intent.resumed:
            return _Begun(None, await payments.attempt(tx, intent.id))
        order = await place(tx, intent.id)
        if means is None or not order.awaits_payment:
            placed = await described(tx, order)
            run.conclude(tx, placed)
            return placed
        attempt = await begin_payment(tx, order, attempt_id=intent.id, gateway=means.gateway, token=means.token)
        return _Begun(order, attempt)

    async def described(tx: Transaction, order: Order) -> Placed[D]:
        await tx.flush()
        return Placed(await description.of(tx, order))

    async def plan(tx: Transaction, intent: Intent) -> CheckoutResult[D]:
        return await described(tx, await place(tx, intent.id))

    if context.is_dry_run:
        return await run.dry_run(plan)
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


async def conclude(
    run: WorkflowRun[PaymentResult[D]],
    attempt: Attempt,
    outcome: Outcome | None,
    description: Description[D],
) -> PaymentResult[D]:
    """Record an outcome, and conclude the run with what the attempt has come to, in one transaction."""

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
    """A payment that was begun; `order` is None where an earlier try had placed it."""

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

    `placed` is the order where this request has placed it, so that nothing of it has to be read again.

    Raises:
        Unavailable: the outcome could not be recorded yet.
    """
    try:
        outcome = None
        if attempt.status is AttemptStatus.CREATED:
            gateway = run.context.service(Gateways).named(attempt.gateway)
            outcome = await charge(gateway, run.context.tenant, attempt)
        if placed is not None and outcome is not None and outcome.captures(attempt.amount):
            paid = await _pay_at_once(run, placed, attempt, outcome, description)
            if paid is not None:
                return paid
        return await conclude(run, attempt, outcome, description)
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
    """Record a capture of an order that was placed a moment ago; None where somebody has changed either meanwhile."""
    describe = description.of_first_payment

    async def capture(tx: Transaction) -> tuple[Order, Settled]:
        settled = payments.settle(tx, attempt, outcome)
        tx.write(*settled.writes)
        return await orders.receive_payment(tx, settled.attempt, attempt.amount, known=placed), settled

    async def capture_and_describe(tx: Transaction) -> Paid[D]:
        order, settled = await capture(tx)
        assert describe is not None, "asked for only where it is given"
        return concluded(tx, Paid(await describe(tx, placed, order, settled)))

    async def read_back(tx: Transaction, order: Order) -> Paid[D]:
        return concluded(tx, Paid(await description.of(tx, order)))

    def concluded(tx: Transaction, paid: Paid[D]) -> Paid[D]:
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
