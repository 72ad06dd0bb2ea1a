"""Preparing a payment: the order is shown to be payable, and marked, so that nobody ends it meanwhile unseen."""

from dataclasses import replace

from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, must_be_payable
from luxewin.modules.orders.errors import OrderNotPayable


async def prepare_payment(tx: Transaction, order: Order) -> Order:
    """Refuse what cannot be paid; otherwise serialise with cancelling and expiring through the order's version.

    Raises:
        OrderNotPayable: it is paid, or has ended, or its window has closed.
        OrderChanged: somebody else changed it at the same moment.
    """
    must_be_payable(order)
    if order.expires_at is not None and order.expires_at <= await tx.now():
        raise OrderNotPayable("The time to pay this order is over; order again", order_id=order.id)
    tx.write(repository.touch(tx, order))
    return replace(order, version=order.version + 1)
