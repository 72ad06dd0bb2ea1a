"""Cancelling an order: an unpaid one gives its stock back, a paid one its money too."""

from dataclasses import replace
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus, must_be_cancellable
from luxewin.modules.orders.domain.refunds import left_parts, unreturned
from luxewin.modules.orders.errors import PaymentUnderWay
from luxewin.modules.orders.events import OrderCancelled
from luxewin.modules.orders.service.grant_refund import (
    RefundRequest,
    captured_attempt,
    granted,
    money_back,
    restocked,
    void_tickets,
)
from luxewin.modules.payments import public as payments
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import TicketsFinal


async def cancel_order(tx: Transaction, order: Order, *, refund_id: UUID, reason: str) -> Order:
    """Cancel an order; where it was paid, grant back all that is left, as the refund `refund_id`.

    Raises:
        OrderNotCancellable: it was sent, or has ended.
        PaymentUnderWay: the outcome of a payment is not known; cancelling now could keep the buyer's money.
        TicketsFinal: it holds paid tickets, whose numbers only staff can void, and nobody once the raffle is locked.
    """
    must_be_cancellable(order)
    was_paid = order.status is OrderStatus.PAID
    if was_paid and order.tickets and not tx.principal.is_staff:
        raise TicketsFinal("Tickets that were paid stay yours; only the shop can give them back")
    tx.write(*repository.transition(tx, order, OrderStatus.CANCELLED, note=reason))
    if was_paid:
        await _give_back(tx, order, refund_id=refund_id, reason=reason)
    else:
        await _release(tx, order)
    tx.publish(
        OrderCancelled(
            aggregate_id=order.id,
            aggregate_version=order.version + 1,
            order_id=order.id,
            number=order.number,
            was_paid=was_paid,
        )
    )
    return replace(order, status=OrderStatus.CANCELLED, version=order.version + 1)


async def _release(tx: Transaction, order: Order) -> None:
    attempt = await payments.live_attempt(tx, order.id)
    if attempt is not None:
        raise PaymentUnderWay(order_id=order.id)
    if order.has_goods:
        tx.write(*inventory.release(tx, await inventory.held(tx, order.id)))
    if order.tickets:
        tx.write(*raffles.release(tx, order.id, count=len(order.tickets)))


async def _give_back(tx: Transaction, order: Order, *, refund_id: UUID, reason: str) -> None:
    tx.write(*(await restocked(tx, order, unreturned(order.lines), cause_id=order.id)))
    left = left_parts(order, await repository.refunded_parts(tx, order))
    if tickets := unreturned(order.tickets):
        tx.write(repository.give_back_lines(tx, order, tickets))
        await void_tickets(tx, order, tickets)
    if left.total.minor == 0:
        return
    request = RefundRequest(refund_id=refund_id, amount=None, reason=reason)
    attempt = await captured_attempt(tx, order)
    tx.write(*money_back(tx, order, attempt, request, left))
    tx.publish(granted(order, refund_id, left.total))
