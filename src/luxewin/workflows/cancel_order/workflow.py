"""Cancelling an order: an open payment is voided, then the order is cancelled, then the money is refunded."""

from functools import partial
from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.idempotency import Intent
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, OrderDetails, OrderTokens
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, Gateways, Outcome, OutcomeStatus
from luxewin.workflows.pay_order.steps import VOIDABLE, record, settle
from luxewin.workflows.refund_order.steps import execute_if_due


async def cancel_order(run: WorkflowRun[OrderDetails], order_id: UUID, *, reason: str) -> OrderDetails:
    """Cancel an order; the refund, if one is due, has the intent's id.

    Raises:
        PreconditionFailed, OrderUnknown, OrderNotCancellable, PaymentUnderWay, OrderChanged: it was not cancelled.
    """
    context = run.context

    async def begin(tx: Transaction, intent: Intent, *, is_compared: bool) -> UUID:
        if not intent.resumed:
            order = await _visible(tx, context, order_id)
            if not is_compared:
                must_match(context, order.version)
            await orders.cancel_order(tx, order, refund_id=intent.id, reason=reason)
            tx.audit("orders.cancelled", target=order_id, before={"status": order.status}, after={"reason": reason})
        return intent.id

    async def dry_run_effect(tx: Transaction, intent: Intent) -> OrderDetails:
        attempt = await _open_attempt(tx, context, order_id)
        if attempt is not None:
            await settle(tx, attempt.id, Outcome(OutcomeStatus.VOIDED))
            await tx.flush()
        await begin(tx, intent, is_compared=attempt is not None)
        await tx.flush()
        return await _details(tx, order_id)

    async def last_step(tx: Transaction) -> OrderDetails:
        cancelled = await _details(tx, order_id)
        run.conclude(tx, cancelled)
        return cancelled

    if context.is_dry_run:
        return await run.dry_run(dry_run_effect)
    # Voiding a payment may change the version of the order, which is compared before it.
    is_compared = await _void_open_payment(context, order_id)
    refund_id = await run.claim(partial(begin, is_compared=is_compared))
    if await context.transaction(lambda tx: _has_refund(tx, order_id, refund_id)):
        await execute_if_due(context.database, context.tenant, context.principal, context.service(Gateways), refund_id)
    return await context.transaction(last_step)


async def _void_open_payment(context: RequestContext, order_id: UUID) -> bool:
    """Void a payment that waits for the buyer or for its capture; if it was captured concurrently, record that.

    Return whether there was one.
    """
    attempt = await context.transaction(lambda tx: _open_attempt(tx, context, order_id))
    if attempt is None:
        return False
    gateway = context.service(Gateways).get(attempt.gateway)
    outcome = await gateway.void(attempt.id, attempt.reference)
    await record(context.database, context.tenant, context.principal, attempt.id, outcome)
    return True


async def _open_attempt(tx: Transaction, context: RequestContext, order_id: UUID) -> Attempt | None:
    order = await _visible(tx, context, order_id)
    attempt = await payments.live_attempt(tx, order.id)
    if attempt is None or attempt.status not in VOIDABLE:
        return None
    must_match(context, order.version)
    return attempt


async def _visible(tx: Transaction, context: RequestContext, order_id: UUID) -> Order:
    return await orders.visible_order(tx, context, context.service(OrderTokens), order_id)


async def _has_refund(tx: Transaction, order_id: UUID, refund_id: UUID) -> bool:
    return any(refund.id == refund_id for refund in await payments.refunds_of(tx, order_id))


async def _details(tx: Transaction, order_id: UUID) -> OrderDetails:
    order = await orders.find_order(tx, order_id)
    if order is None:
        raise orders.OrderUnknown
    return await orders.details_of(tx, order)
