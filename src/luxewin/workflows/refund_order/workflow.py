"""How money goes back: granted and booked first, then sent by the gateway, then booked as sent."""

from uuid import UUID

from luxewin.kit import idempotency
from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.http.context import RequestContext, answer
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import RefundLine, RefundRequest, RefundView
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Gateways, RefundOutcome, RefundStatus
from luxewin.workflows.refund_order.errors import RefundNotFailed
from luxewin.workflows.refund_order.schemas import NewRefund


async def refund_order(context: RequestContext, order_id: UUID, new: NewRefund) -> StoredAnswer:
    """Grant a refund, have it executed, and answer with what became of it."""

    async def begin(tx: Transaction, intent: Intent) -> UUID:
        if not intent.resumed:
            await _grant(tx, order_id, new, refund_id=intent.id)
        return intent.id

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, order_id, new))
    claimed = await context.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    await execute_if_due(context.database, context.tenant, context.principal, context.service(Gateways), claimed)
    return await context.read(lambda tx: _concluded(tx, context, claimed))


async def retry_refund(context: RequestContext, order_id: UUID, refund_id: UUID) -> StoredAnswer:
    """Send a refund that the gateway has failed once more; the money has been owed to the buyer all the while.

    Raises:
        RefundUnknown: the order has no such refund.
        RefundNotFailed: it is on its way, or has arrived.
    """
    refund = await context.read(lambda tx: payments.refund(tx, refund_id))
    if refund.order_id != order_id:
        raise payments.RefundUnknown
    if refund.status is not RefundStatus.FAILED:
        raise RefundNotFailed(refund_status=refund.status)
    await execute(context.database, context.tenant, context.principal, context.service(Gateways), refund_id)
    sent = await context.read(lambda tx: payments.refund(tx, refund_id))
    return answer(RefundView.of(sent), status=200)


async def execute(
    database: Database, tenant: Tenancy, principal: Principal, gateways: Gateways, refund_id: UUID
) -> None:
    """Send a granted refund through its gateway under the refund's id, and record the outcome; a repeat is harmless."""
    refund = await database.run(tenant, principal, lambda tx: payments.begin_refund(tx, refund_id))
    attempt = await database.run(tenant, principal, lambda tx: payments.attempt(tx, refund.attempt_id))
    outcome = await gateways.named(attempt.gateway).refund(refund.instruction)
    await database.run(tenant, principal, lambda tx: _settle(tx, refund_id, outcome))


async def execute_if_due(
    database: Database, tenant: Tenancy, principal: Principal, gateways: Gateways, refund_id: UUID
) -> None:
    """Execute a refund unless somebody else has; for stories that were taken up again."""
    refund = await database.run(tenant, principal, lambda tx: payments.refund(tx, refund_id))
    if refund.status is not RefundStatus.EXECUTED:
        await execute(database, tenant, principal, gateways, refund_id)


async def _settle(tx: Transaction, refund_id: UUID, outcome: RefundOutcome) -> None:
    tx.write(*payments.settle_refund(tx, await payments.refund(tx, refund_id), outcome))


async def _grant(tx: Transaction, order_id: UUID, new: NewRefund, *, refund_id: UUID) -> None:
    order = await orders.find_order(tx, order_id)
    if order is None:
        raise orders.OrderUnknown
    request = RefundRequest(
        refund_id=refund_id,
        amount=new.amount.money if new.amount else None,
        lines=[RefundLine(line.line_id, line.quantity) for line in new.lines],
        restock=new.restock,
        reason=new.reason,
    )
    amount = await orders.grant_refund(tx, order, request)
    tx.audit(
        "orders.refund_granted",
        target=order_id,
        after={"refund_id": refund_id, "amount": amount.minor, "currency": amount.currency, "reason": new.reason},
    )


async def _concluded(tx: Transaction, context: RequestContext, refund_id: UUID) -> StoredAnswer:
    concluded = await _shown(tx, refund_id)
    if context.key is not None:
        tx.write(idempotency.store(tx, context.key, concluded))
    return concluded


async def _dry_run(tx: Transaction, order_id: UUID, new: NewRefund) -> StoredAnswer:
    refund_id = new_id()
    await _grant(tx, order_id, new, refund_id=refund_id)
    await tx.flush()
    return await _shown(tx, refund_id)


async def _shown(tx: Transaction, refund_id: UUID) -> StoredAnswer:
    refund = await payments.refund(tx, refund_id)
    return answer(
        RefundView.of(refund), status=202 if refund.status in {RefundStatus.EXECUTING, RefundStatus.UNKNOWN} else 201
    )
