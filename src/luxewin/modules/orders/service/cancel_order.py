"""Cancelling an order: an unpaid one is released, a paid one refunded."""

from dataclasses import replace
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.line_kinds.public import KINDS, Ending
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import GrantedRefund, Order, OrderStatus, must_be_cancellable
from luxewin.modules.orders.domain.refunds import left_parts, unreturned_lines
from luxewin.modules.orders.errors import PaymentUnderWay
from luxewin.modules.orders.events import OrderCancelled
from luxewin.modules.orders.service.grant_refund import (
    captured_attempt,
    refund_granted_event,
    refund_writes,
)
from luxewin.modules.orders.service.order_lines import deferred_lines, release, take_back
from luxewin.modules.payments import public as payments


async def cancel_order(tx: Transaction, order: Order, *, refund_id: UUID, reason: str) -> Order:
    """Cancel an order; if it was paid, grant a refund of everything that is left, with the id `refund_id`.

    Raises:
        OrderNotCancellable: it was sent, or has ended.
        PaymentUnderWay: the outcome of a payment is not known; cancelling now could keep the buyer's money.
        DomainError: a kind of line does not let the caller cancel what was paid.
    """
    must_be_cancellable(order)
    was_paid = order.status is OrderStatus.PAID
    if was_paid:
        for kind, lines in KINDS.group_by_kind(order.lines):
            kind.must_be_cancellable(tx, lines)
    tx.write(*repository.transition(tx, order, OrderStatus.CANCELLED, note=reason))
    if was_paid:
        await _refund(tx, order, refund_id=refund_id, reason=reason)
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
    tx.write(*(await release(tx, order, ending=Ending.CANCELLED)))


async def _refund(tx: Transaction, order: Order, *, refund_id: UUID, reason: str) -> None:
    deferred = deferred_lines(order)
    returned = unreturned_lines(order.lines)
    tx.write(*(await take_back(tx, order, returned, cause_id=order.id, restock=True)))
    left = left_parts(order, await repository.refunded_parts(tx, order), deferred=deferred)
    if whole_lines := unreturned_lines([line for line in order.lines if line.id in deferred]):
        tx.write(repository.add_returned_units(tx, order, whole_lines))
    if left.total.minor == 0:
        return
    attempt = await captured_attempt(tx, order)
    granted = GrantedRefund(refund_id, returned, restocked=True)
    tx.write(*refund_writes(tx, order, attempt, granted, left, reason=reason))
    tx.publish(refund_granted_event(order, refund_id, left.total))
