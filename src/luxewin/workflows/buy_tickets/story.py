"""How tickets are bought: their order is placed and paid like any other, and the answer tells the numbers."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from pydantic import BaseModel

from luxewin.kit import idempotency
from luxewin.kit.http.call import Call, answer
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, OrderSheet, TicketPlacing
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, Gateways
from luxewin.modules.raffles import public as raffles
from luxewin.modules.raffles.public import Purchase, RaffleSecrets, Wish
from luxewin.workflows.buy_tickets.schemas import NewPurchase, PurchaseView
from luxewin.workflows.pay_order import story as pay_order


async def buy_tickets(call: Call, raffle_id: UUID, new: NewPurchase) -> StoredAnswer:
    """Order tickets, and pay them where `payment` is given; the intent's id is the order's and the attempt's."""
    payment = new.payment
    if payment is not None:
        call.service(Gateways).named(payment.gateway)

    async def begin(tx: Transaction, intent: Intent) -> tuple[Order | None, Attempt] | StoredAnswer:
        if intent.resumed:
            return None, await payments.attempt(tx, intent.id)
        order = await _place(tx, call, raffle_id, new, order_id=intent.id)
        if payment is None or not order.awaits_payment:
            return await _kept(tx, call, order)
        attempt = await pay_order.begin_payment(
            tx, order, attempt_id=intent.id, gateway=payment.gateway, token=payment.token
        )
        return order, attempt

    if call.dry_run:
        return await call.rehearse(lambda tx: _rehearsed(tx, call, raffle_id, new))
    claimed = await call.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    placed, attempt = claimed
    return await pay_order.finish(call, attempt, placed=placed, shape=partial(_as_purchase, call))


async def views_of(tx: Transaction, call: Call, purchases: Sequence[Purchase]) -> list[PurchaseView]:
    """Shape somebody's own purchases, with their tickets and how their payments stand."""
    tickets = await raffles.tickets_of(tx, purchases, secrets=call.service(RaffleSecrets))
    paid = await payments.payments_of(tx, [purchase.order_id for purchase in purchases if purchase.order_id])
    return [
        PurchaseView.of(
            purchase,
            tickets[purchase.id],
            payment_status=paid[purchase.order_id].summary.status if purchase.order_id else "paid",
        )
        for purchase in purchases
    ]


async def _place(tx: Transaction, call: Call, raffle_id: UUID, new: NewPurchase, *, order_id: UUID) -> Order:
    user_id = call.principal.user_id
    assert user_id is not None, "the permission demands an account"
    placing = TicketPlacing(
        order_id=order_id,
        user_id=user_id,
        wish=Wish(raffle_id, new.quantity, new.skill_answer),
        secrets=call.service(RaffleSecrets),
    )
    return await orders.place_tickets(tx, placing)


async def _kept(tx: Transaction, call: Call, order: Order) -> StoredAnswer:
    placed = await _shown(tx, call, order)
    if call.key is not None:
        tx.write(idempotency.store(tx, call.key, placed))
    return placed


async def _rehearsed(tx: Transaction, call: Call, raffle_id: UUID, new: NewPurchase) -> StoredAnswer:
    return await _shown(tx, call, await _place(tx, call, raffle_id, new, order_id=new_id()))


async def _shown(tx: Transaction, call: Call, order: Order) -> StoredAnswer:
    await tx.flush()
    (purchase,) = await raffles.purchases_of_order(tx, order.id)
    (view,) = await views_of(tx, call, [purchase])
    return answer(view, status=201)


async def _as_purchase(call: Call, tx: Transaction, sheet: OrderSheet) -> BaseModel:
    await tx.flush()
    (purchase,) = await raffles.purchases_of_order(tx, sheet.order.id)
    tickets = await raffles.tickets_of(tx, [purchase], secrets=call.service(RaffleSecrets))
    return PurchaseView.of(purchase, tickets[purchase.id], payment_status=sheet.summary.status)
