"""Expiring an order: nobody paid in time, so the stock goes back to the others."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus
from luxewin.modules.orders.events import OrderExpired
from luxewin.modules.payments import public as payments


async def expire_order(tx: Transaction, order: Order) -> bool:
    """End an order whose payment window has closed; False where a payment's outcome must be known first."""
    now = await tx.now()
    if not order.awaits_payment or order.expires_at is None or order.expires_at > now:
        return False
    if await payments.live_attempt(tx, order.id) is not None:
        return False
    tx.write(*inventory.release(tx, await inventory.held(tx, order.id), status="expired"))
    tx.write(*repository.transition(tx, order, OrderStatus.EXPIRED, note="not paid in time"))
    tx.announce(
        OrderExpired(aggregate_id=order.id, aggregate_version=order.version + 1, order_id=order.id, number=order.number)
    )
    return True
