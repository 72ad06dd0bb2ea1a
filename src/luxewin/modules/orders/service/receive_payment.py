"""Receiving a payment: the captured money is booked to what it was for, and the stock leaves the shelf."""

from dataclasses import replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import public as inventory
from luxewin.modules.ledger import public as ledger
from luxewin.modules.ledger.public import AccountKind, Entry, Transfer
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus
from luxewin.modules.orders.domain.refunds import Parts, settled_parts
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.orders.events import OrderPaid, RefundGranted
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt
from luxewin.modules.raffles import public as raffles


async def receive_payment(tx: Transaction, attempt: Attempt, captured: Money, *, known: Order | None = None) -> Order:
    """Book a capture: an order that waits for it is paid; one that has ended gets its money back, in full.

    `known` is the order where the caller has it already; its version guards the write, whenever it was read.

    Raises:
        OrderChanged: somebody else moved the order at the same moment; a fresh try sees it.
    """
    order = known or await repository.find(tx, attempt.order_id)
    if order is None:
        raise OrderUnknown
    if order.awaits_payment and captured == order.totals.total:
        return await _paid(tx, order)
    await tx.flush()
    return_late_money(tx, order, attempt, captured)
    return order


async def settle_free_order(tx: Transaction, order: Order) -> Order:
    """Pay an order that costs nothing: there is nothing to capture."""
    await tx.flush()
    return await _paid(tx, order)


def return_late_money(tx: Transaction, order: Order, attempt: Attempt, captured: Money) -> UUID:
    """Grant back a capture that came after the order had ended, or that does not fit it; nothing was settled yet."""
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


async def _paid(tx: Transaction, order: Order) -> Order:
    if order.has_goods:
        tx.write(*inventory.consume(tx, await inventory.held(tx, order.id)))
    tx.write(*repository.transition(tx, order, OrderStatus.PAID))
    if order.totals.total.minor:
        tx.write(*ledger.post(tx, _settlement(order)))
    if order.tickets:
        tx.write(raffles.issue(tx, order.id, count=len(order.tickets)))
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
    return replace(order, status=OrderStatus.PAID, version=order.version + 1, expires_at=None)


def income_entries(parts: Parts) -> list[Entry]:
    """Return the debits and credits of what was earned, without those that are nothing.

    What tickets cost is not earned before their raffle is drawn.
    """
    return [
        Entry(kind, owner_id, -amount)
        for kind, owner_id, amount in (
            (AccountKind.OWN_SALES, None, parts.goods),
            (AccountKind.SHIPPING_INCOME, None, parts.shipping),
            (AccountKind.TAX_PAYABLE, None, parts.tax),
            *((AccountKind.RAFFLE_DEFERRED, raffle_id, amount) for raffle_id, amount in parts.tickets.items()),
        )
        if amount.minor
    ]


def _settlement(order: Order) -> Transfer:
    return Transfer(
        order.id,
        "order_settled",
        order.id,
        (
            Entry(AccountKind.ORDER_CLEARING, None, order.totals.total),
            *income_entries(settled_parts(order)),
        ),
    )
