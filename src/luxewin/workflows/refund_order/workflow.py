"""Refunding an order: the refund is granted and posted, then executed by the gateway, then posted as executed."""

from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.idempotency import Intent
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import RefundDetails, RefundLine, RefundRequest
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways, RefundStatus
from luxewin.workflows.refund_order.errors import RefundNotFailed
from luxewin.workflows.refund_order.schemas import NewRefund
from luxewin.workflows.refund_order.steps import execute_if_due


async def refund_order(run: WorkflowRun[RefundDetails], order_id: UUID, new: NewRefund) -> RefundDetails:
    """Grant a refund and have it executed; the refund has the intent's id.

    Raises:
        PreconditionFailed, OrderUnknown, OrderNotRefundable, RefundTooLarge, RefundInvalid, OrderChanged: nothing was
            granted.
    """
    context = run.context

    async def begin(tx: Transaction, intent: Intent) -> UUID:
        if not intent.resumed:
            await _grant(tx, context, order_id, new, refund_id=intent.id)
        return intent.id

    async def dry_run_effect(tx: Transaction, intent: Intent) -> RefundDetails:
        await _grant(tx, context, order_id, new, refund_id=intent.id)
        await tx.flush()
        return await orders.refund_details(tx, intent.id)

    async def last_step(tx: Transaction) -> RefundDetails:
        refund = await orders.refund_details(tx, refund_id)
        run.conclude(tx, refund)
        return refund

    if context.is_dry_run:
        return await run.dry_run(dry_run_effect)
    refund_id = await run.claim(begin)
    await execute_if_due(context.database, context.tenant, context.principal, context.service(Gateways), refund_id)
    return await context.transaction(last_step)


async def retry_refund(run: WorkflowRun[RefundDetails], order_id: UUID, refund_id: UUID) -> RefundDetails:
    """Send a failed refund again; its money is owed to the buyer until it is executed.

    Raises:
        RefundUnknown: the order has no such refund.
        RefundNotFailed: it is being executed, or was executed.
    """
    context = run.context

    async def begin(tx: Transaction, intent: Intent) -> None:
        refund = await payments.refund(tx, refund_id)
        if refund.order_id != order_id:
            raise payments.RefundUnknown
        if refund.status is not RefundStatus.FAILED and not intent.resumed:
            raise RefundNotFailed(refund_status=refund.status)

    async def dry_run_effect(tx: Transaction, intent: Intent) -> RefundDetails:
        await begin(tx, intent)
        await payments.begin_refund(tx, refund_id)
        await tx.flush()
        return await orders.refund_details(tx, refund_id)

    async def last_step(tx: Transaction) -> RefundDetails:
        refund = await orders.refund_details(tx, refund_id)
        run.conclude(tx, refund)
        return refund

    if context.is_dry_run:
        return await run.dry_run(dry_run_effect)
    await run.claim(begin)
    await execute_if_due(context.database, context.tenant, context.principal, context.service(Gateways), refund_id)
    return await context.transaction(last_step)


async def _grant(tx: Transaction, context: RequestContext, order_id: UUID, new: NewRefund, *, refund_id: UUID) -> None:
    order = await orders.find_order(tx, order_id)
    if order is None:
        raise orders.OrderUnknown
    must_match(context, order.version)
    request = RefundRequest(
        refund_id=refund_id,
        amount=new.amount.money if new.amount else None,
        lines=[RefundLine(line.line_id, line.quantity) for line in new.lines or ()],
        restock=new.restock,
        reason=new.reason,
    )
    amount = await orders.grant_refund(tx, order, request)
    tx.audit(
        "orders.refund_granted",
        target=order_id,
        after={"refund_id": refund_id, "amount": amount.minor, "currency": amount.currency, "reason": new.reason},
    )
