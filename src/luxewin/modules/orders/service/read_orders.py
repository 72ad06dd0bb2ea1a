"""Reading orders, each with its payments, refunds and history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.identity import public as identity
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.order_lists import Buyers, OrderQuery, Position
from luxewin.modules.orders.domain.orders import HistoryEntry, Order
from luxewin.modules.orders.schemas import OrderDetails, RefundDetails
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Settled


async def find_order(tx: Transaction, order_id: UUID) -> Order | None:
    """Return an order, or None."""
    return await repository.find(tx, order_id)


async def details_of(tx: Transaction, order: Order) -> OrderDetails:
    """Return an order's details."""
    (details,) = await details_of_all(tx, [order])
    return details


async def details_of_first_payment(tx: Transaction, placed: Order, paid: Order, settled: Settled) -> OrderDetails:
    """Return the details of an order that was just placed, and is paid by its first attempt.

    Nothing is read: the writes check the versions of order and attempt, so nothing else can have changed.
    """
    payment = payments.first_payment(settled)
    return OrderDetails(
        order=paid,
        attempts=payment.attempts,
        refunds=payment.refunds,
        summary=payment.summary,
        history=[HistoryEntry(placed.placed_at, placed.status), HistoryEntry(await tx.now(), paid.status)],
    )


async def details_of_all(tx: Transaction, orders: Sequence[Order]) -> list[OrderDetails]:
    """Return the details of several orders, in as many reads as for one."""
    ids = [order.id for order in orders]
    paid = await payments.payments_of(tx, ids)
    history = await repository.history(tx, ids)
    return [
        OrderDetails(
            order=order,
            attempts=paid[order.id].attempts,
            refunds=paid[order.id].refunds,
            summary=paid[order.id].summary,
            history=history[order.id],
        )
        for order in orders
    ]


async def list_orders(
    tx: Transaction, query: OrderQuery, *, email: str | None, after: Position | None, limit: int
) -> list[OrderDetails]:
    """Return a page of orders; with `email` only those of this buyer, a guest or an account."""
    if email is not None:
        account = await identity.find_user_by_email(tx, email)
        query = replace(query, buyers=Buyers(identity.email_key(email), None if account is None else account.id))
    return await details_of_all(tx, await repository.page(tx, query, after=after, limit=limit))


async def due_orders(tx: Transaction, *, stuck_for: timedelta, limit: int) -> list[tuple[UUID, bool]]:
    """Return orders whose payment window has closed, each with whether it closed more than `stuck_for` ago."""
    return await repository.due(tx, stuck_for=stuck_for, limit=limit)


async def refund_details(tx: Transaction, refund_id: UUID) -> RefundDetails:
    """Return a refund with what its order granted.

    Raises:
        RefundUnknown: there is no such refund.
    """
    return RefundDetails(await payments.refund(tx, refund_id), await repository.granted_refund(tx, refund_id))
