"""How tickets are bought: their order is placed and paid like any other, and the answer tells the numbers."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from pydantic import BaseModel

from luxewin.kit import idempotency
from luxewin.kit.http.context import RequestContext, answer
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, TicketPlacing
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import OwnTicket, Purchase, PurchaseStatus, RaffleSecrets, TicketRequest
from luxewin.workflows.buy_tickets.schemas import NewPurchase, PurchaseView
from luxewin.workflows.pay_order import workflow as pay_order


async def buy_tickets(context: RequestContext, raffle_id: UUID, new: NewPurchase) -> StoredAnswer:
    """Order tickets, and pay them where `payment` is given; the intent's id is the order's and the attempt's."""
    payment = new.payment
    if payment is not None:
        context.service(Gateways).named(payment.gateway)

    async def begin(tx: Transaction, intent: Intent) -> tuple[Order | None, Attempt] | StoredAnswer:
        if intent.resumed:
            return None, await payments.attempt(tx, intent.id)
        order = await _place(tx, context, raffle_id, new, order_id=intent.id)
        if payment is None or not order.awaits_payment:
            return await _kept(tx, context, order)
        attempt = await pay_order.begin_payment(
            tx, order, attempt_id=intent.id, gateway=payment.gateway, token=payment.token
        )
        return order, attempt

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, context, raffle_id, new))
    claimed = await context.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    placed, attempt = claimed
    return await pay_order.finish(context, attempt, placed=placed, shape=partial(_as_purchase, context))


async def views_of(tx: Transaction, context: RequestContext, purchases: Sequence[Purchase]) -> list[PurchaseView]:
    """Shape somebody's own purchases, with their tickets and how their payments stand."""
    tickets = await raffles.tickets_of(tx, purchases, secrets=context.service(RaffleSecrets))
    return await _views(tx, [(purchase, tickets[purchase.id]) for purchase in purchases])


async def _views(tx: Transaction, bought: Sequence[tuple[Purchase, Sequence[OwnTicket]]]) -> list[PurchaseView]:
    purchases = [purchase for purchase, _ in bought]
    waiting = [one.order_id for one in purchases if one.order_id and one.status is PurchaseStatus.PENDING]
    paid = await payments.payments_of(tx, waiting) if waiting else {}
    told = {order_id: payment.summary.status for order_id, payment in paid.items()}
    return [
        PurchaseView.of(purchase, tickets, payment_status=told.get(purchase.order_id or purchase.id))
        for purchase, tickets in bought
    ]


async def _place(
    tx: Transaction, context: RequestContext, raffle_id: UUID, new: NewPurchase, *, order_id: UUID
) -> Order:
    user_id = context.principal.user_id
    assert user_id is not None, "the permission demands an account"
    placing = TicketPlacing(
        order_id=order_id,
        user_id=user_id,
        wish=TicketRequest(raffle_id, new.quantity, new.skill_answer),
        secrets=context.service(RaffleSecrets),
    )
    return await orders.place_tickets(tx, placing)


async def _kept(tx: Transaction, context: RequestContext, order: Order) -> StoredAnswer:
    placed = await _shown(tx, context, order)
    if context.key is not None:
        tx.write(idempotency.store(tx, context.key, placed))
    return placed


async def _dry_run(tx: Transaction, context: RequestContext, raffle_id: UUID, new: NewPurchase) -> StoredAnswer:
    return await _shown(tx, context, await _place(tx, context, raffle_id, new, order_id=new_id()))


async def _shown(tx: Transaction, context: RequestContext, order: Order) -> StoredAnswer:
    await tx.flush()
    return answer(await _as_purchase(context, tx, order.id), status=201)


async def _as_purchase(context: RequestContext, tx: Transaction, order_id: UUID) -> BaseModel:
    (view,) = await _views(tx, await raffles.tickets_of_order(tx, order_id, secrets=context.service(RaffleSecrets)))
    return view
