"""Preparing a payment: the order must be payable, and its version is incremented to detect concurrent changes."""

from dataclasses import replace

from luxewin.kit.transaction import Transaction
from luxewin.modules.line_kinds.public import KINDS, Buyer, Services
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, must_be_payable
from luxewin.modules.orders.errors import OrderNotPayable


async def prepare_payment(tx: Transaction, order: Order, services: Services) -> Order:
    """Check that an order can be paid, and return it with the version that serialises the payment with its ending.

    Raises:
        OrderNotPayable: it is paid, or has ended, or its window has closed.
        OrderChanged: another request changed it at the same time.
        DomainError: a kind of line does not let its buyer pay any more.
    """
    must_be_payable(order)
    if order.expires_at is not None and order.expires_at <= await tx.now():
        raise OrderNotPayable("The time to pay this order is over; order again", order_id=order.id)
    buyer = Buyer(order.user_id, services)
    for kind, lines in KINDS.group_by_kind(order.lines):
        await kind.must_be_payable(tx, lines, buyer=buyer)
    tx.write(repository.touch(tx, order))
    return replace(order, version=order.version + 1)
