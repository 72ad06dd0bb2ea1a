"""Expiring an order: nobody paid in time, so the stock goes back to the others."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus
from luxewin.modules.orders.events import OrderExpired
from luxewin.modules.payments import public as payments
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import PurchaseStatus


async def expire_order(tx: Transaction, order: Order) -> bool:
    """End an order whose payment window has closed; False where a payment's outcome must be known first."""
    now = await tx.now()
    if not order.awaits_payment or order.expires_at is None or order.expires_at > now:
        return False
    if await payments.live_attempt(tx, order.id) is not None:
        return False
    await _expire(tx, order, note="not paid in time")
    return True


async def close_order(tx: Transaction, order: Order, *, note: str, although_unknown: bool) -> bool:
    """End an order that waits for its payment before its window closes, because what it is about ends.

    `although_unknown` ends it even where the outcome of a payment is not known: should it surface as captured, all of
    it goes back to the buyer. Otherwise returns False while the outcome has to be waited for, or nothing is to be done.
    """
    if not order.awaits_payment:
        return False
    is_unknown = await payments.live_attempt(tx, order.id) is not None
    if is_unknown and not although_unknown:
        return False
    await _expire(tx, order, note=note, tickets=PurchaseStatus.VOID if is_unknown else PurchaseStatus.DECLINED)
    return True


async def _expire(
    tx: Transaction, order: Order, *, note: str, tickets: PurchaseStatus = PurchaseStatus.DECLINED
) -> None:
    tx.write(*repository.transition(tx, order, OrderStatus.EXPIRED, note=note))
    if order.has_goods:
        tx.write(*inventory.release(tx, await inventory.held(tx, order.id), status="expired"))
    if order.tickets:
        tx.write(*raffles.release(tx, order.id, count=len(order.tickets), status=tickets))
    tx.publish(
        OrderExpired(aggregate_id=order.id, aggregate_version=order.version + 1, order_id=order.id, number=order.number)
    )
