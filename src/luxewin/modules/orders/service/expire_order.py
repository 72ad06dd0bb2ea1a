"""Expiring an order that was not paid in time: its lines are released."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.line_kinds.public import Ending
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus
from luxewin.modules.orders.events import OrderExpired
from luxewin.modules.orders.service.order_lines import release
from luxewin.modules.payments import public as payments


async def expire_order(tx: Transaction, order: Order) -> bool:
    """End an order whose payment window has closed; return False if the outcome of a payment must be known first."""
    now = await tx.now()
    if not order.awaits_payment or order.expires_at is None or order.expires_at > now:
        return False
    if await payments.live_attempt(tx, order.id) is not None:
        return False
    await _expire(tx, order, note="not paid in time", ending=Ending.EXPIRED)
    return True


async def close_order(tx: Transaction, order: Order, *, note: str, although_unknown: bool) -> bool:
    """End an order that awaits its payment before its window closes, because something in it is no longer sold.

    `although_unknown` ends it even if the outcome of a payment is unknown: money that is captured later is refunded in
    full. Returns False if the outcome must be known first, or if the order does not await a payment.
    """
    if not order.awaits_payment:
        return False
    is_unknown = await payments.live_attempt(tx, order.id) is not None
    if is_unknown and not although_unknown:
        return False
    await _expire(tx, order, note=note, ending=Ending.EXPIRED_UNDECIDED if is_unknown else Ending.EXPIRED)
    return True


async def _expire(tx: Transaction, order: Order, *, note: str, ending: Ending) -> None:
    tx.write(*repository.transition(tx, order, OrderStatus.EXPIRED, note=note))
    tx.write(*(await release(tx, order, ending=ending)))
    tx.publish(
        OrderExpired(aggregate_id=order.id, aggregate_version=order.version + 1, order_id=order.id, number=order.number)
    )
