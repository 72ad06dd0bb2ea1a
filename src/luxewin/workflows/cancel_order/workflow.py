"""How an order is cancelled: what the gateway still holds is ended first, then the order, then the money goes back."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from luxewin.kit import idempotency
from luxewin.kit.http.context import RequestContext, answer
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, OrderTokens, OrderView
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, Gateways, Outcome, OutcomeStatus
from luxewin.workflows.pay_order.workflow import ENDABLE, record, settle
from luxewin.workflows.refund_order.workflow import execute_if_due


async def cancel_order(context: RequestContext, order_id: UUID, *, reason: str) -> StoredAnswer:
    """Cancel an order; the refund, if one is due, has the intent's id."""

    async def begin(tx: Transaction, intent: Intent) -> UUID:
        if not intent.resumed:
            order = await _visible(tx, context, order_id)
            await orders.cancel_order(tx, order, refund_id=intent.id, reason=reason)
            tx.audit("orders.cancelled", target=order_id, before={"status": order.status}, after={"reason": reason})
        return intent.id

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, context, order_id, begin))
    await _end_open_payment(context, order_id)
    claimed = await context.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    if await context.read(lambda tx: _has_refund(tx, order_id, claimed)):
        await execute_if_due(context.database, context.tenant, context.principal, context.service(Gateways), claimed)
    return await context.read(lambda tx: _concluded(tx, context, order_id))


async def _end_open_payment(context: RequestContext, order_id: UUID) -> None:
    """Void what waits for the buyer or for a capture; if the gateway says that it was captured, that is recorded."""
    attempt = await context.read(lambda tx: _open_attempt(tx, context, order_id))
    if attempt is None:
        return
    gateway = context.service(Gateways).named(attempt.gateway)
    outcome = await gateway.void(attempt.id, attempt.reference)
    await record(context.database, context.tenant, context.principal, attempt.id, outcome)


async def _open_attempt(tx: Transaction, context: RequestContext, order_id: UUID) -> Attempt | None:
    order = await _visible(tx, context, order_id)
    attempt = await payments.live_attempt(tx, order.id)
    return attempt if attempt is not None and attempt.status in ENDABLE else None


async def _visible(tx: Transaction, context: RequestContext, order_id: UUID) -> Order:
    return await orders.visible_order(tx, context, context.service(OrderTokens), order_id)


async def _has_refund(tx: Transaction, order_id: UUID, refund_id: UUID) -> bool:
    return any(refund.id == refund_id for refund in await payments.refunds_of(tx, order_id))


async def _dry_run(
    tx: Transaction, context: RequestContext, order_id: UUID, begin: Callable[[Transaction, Intent], Awaitable[UUID]]
) -> StoredAnswer:
    attempt = await _open_attempt(tx, context, order_id)
    if attempt is not None:
        await settle(tx, attempt.id, Outcome(OutcomeStatus.VOIDED))
        await tx.flush()
    await begin(tx, Intent(new_id(), resumed=False))
    await tx.flush()
    return await _shown(tx, order_id)


async def _concluded(tx: Transaction, context: RequestContext, order_id: UUID) -> StoredAnswer:
    concluded = await _shown(tx, order_id)
    if context.key is not None:
        tx.write(idempotency.store(tx, context.key, concluded))
    return concluded


async def _shown(tx: Transaction, order_id: UUID) -> StoredAnswer:
    order = await orders.find_order(tx, order_id)
    if order is None:
        raise orders.OrderUnknown
    return answer(OrderView.of(await orders.sheet_of(tx, order)))
