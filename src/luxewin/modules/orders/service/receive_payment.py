"""Receiving a payment: the captured money is posted to the accounts of the sale, and the lines are fulfilled."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.line_kinds.public import KINDS
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderLine, OrderStatus
from luxewin.modules.orders.domain.refunds import Parts, settled_parts
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.orders.events import OrderPaid, RefundGranted
from luxewin.modules.orders.service.order_lines import deferred_lines, fulfil
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt


async def receive_payment(tx: Transaction, attempt: Attempt, captured: Money, *, known: Order | None = None) -> Order:
    """Post a capture: an order that awaits it becomes paid; if the order has ended, the money is refunded in full.

    `known` is the order if the caller has already read it; the write checks its version.

    Raises:
        OrderChanged: another request changed the order at the same time; a retry reads it again.
    """
    order = known or await repository.find(tx, attempt.order_id)
    if order is None:
        raise OrderUnknown
    if order.awaits_payment and captured == order.totals.total:
        return await _mark_paid(tx, order)
    await tx.flush()
    return_late_money(tx, order, attempt, captured)
    return order


async def settle_free_order(tx: Transaction, order: Order) -> Order:
    """Mark an order that costs nothing as paid: there is nothing to capture."""
    await tx.flush()
    return await _mark_paid(tx, order)


def return_late_money(tx: Transaction, order: Order, attempt: Attempt, captured: Money) -> UUID:
    """Grant the refund of a capture that came after the order had ended, or of another amount; nothing was settled."""
    refund_id = new_id()
    tx.write(
        *payments.grant_refund(
            tx,
            refund_id=refund_id,
            order_id=order.id,
            attempt=attempt,
            amount=captured,
            reason=f"the order was {order.status} when the payment arrived",
        ),
        *ledger.post(
            tx,
            Transfer(
                refund_id,
                "refund_granted",
                order.id,
                (
                    Entry(AccountKind.ORDER_CLEARING, None, captured),
                    Entry(AccountKind.REFUNDS_PAYABLE, None, -captured),
                ),
            ),
        ),
        repository.touch(tx, order),
    )
    tx.publish(
        RefundGranted(
            aggregate_id=order.id,
            aggregate_version=order.version + 1,
            order_id=order.id,
            refund_id=refund_id,
            amount_minor=captured.minor,
            currency=captured.currency,
        )
    )
    return refund_id


async def _mark_paid(tx: Transaction, order: Order) -> Order:
    fulfilled = await fulfil(tx, order)
    tx.write(*repository.transition(tx, order, OrderStatus.PAID))
    if order.totals.total.minor:
        tx.write(*ledger.post(tx, _settlement(order)))
    tx.write(*fulfilled)  # last in the statement: it locks rows that many orders share
    tx.publish(
        OrderPaid(
            aggregate_id=order.id,
            aggregate_version=order.version + 1,
            order_id=order.id,
            number=order.number,
            user_id=order.user_id,
            total_minor=order.totals.total.minor,
            currency=order.currency,
        )
    )
    return replace(order, status=OrderStatus.PAID, payment_status="paid", version=order.version + 1, expires_at=None)


def income_entries(parts: Parts, lines: Sequence[OrderLine]) -> list[Entry]:
    """Return the credits of the earned amounts, without amounts of zero; deferred lines have accounts of their own."""
    deferred = [
        (*account, parts.deferred[line.id])
        for line in lines
        if line.id in parts.deferred and (account := KINDS.get(line.kind).deferred_to(line)) is not None
    ]
    return [
        Entry(kind, owner_id, -amount)
        for kind, owner_id, amount in (
            (AccountKind.OWN_SALES, None, parts.sales),
            (AccountKind.SHIPPING_INCOME, None, parts.shipping),
            (AccountKind.TAX_PAYABLE, None, parts.tax),
            *deferred,
        )
        if amount.minor
    ]


def _settlement(order: Order) -> Transfer:
    parts = settled_parts(order, deferred=deferred_lines(order))
    return Transfer(
        order.id,
        "order_settled",
        order.id,
        (Entry(AccountKind.ORDER_CLEARING, None, order.totals.total), *income_entries(parts, order.lines)),
    )
