"""How a cart becomes an order, and a paid one."""

from uuid import UUID

import orjson

from luxewin.kit import idempotency
from luxewin.kit.http.context import RequestContext, answer
from luxewin.kit.http.problems import status_of
from luxewin.kit.idempotency import Intent, StoredAnswer
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import EmailRequired, Order, OrderTokens, OrderView, PlaceOrder
from luxewin.modules.payments import public as payments
from luxewin.modules.payments.public import Attempt, Gateways, PaymentDeclined
from luxewin.modules.raffles.public import RaffleSecrets
from luxewin.workflows.check_out.schemas import NewOrder
from luxewin.workflows.pay_order import workflow as pay_order


async def check_out(context: RequestContext, new: NewOrder) -> StoredAnswer:
    """Place the order, and pay it where `payment` is given; the intent's id is the order's and the attempt's."""
    if context.principal.user_id is None and new.email is None:
        raise EmailRequired(pointer="/email")
    if new.payment is None:
        placed = await _place_only(context, new)
    else:
        placed = await _place_and_pay(context, new, gateway=new.payment.gateway, token=new.payment.token)
    return _with_token(context, placed)


async def _place_only(context: RequestContext, new: NewOrder) -> StoredAnswer:
    async def begin(tx: Transaction, intent: Intent) -> StoredAnswer:
        return await _kept(tx, context, await _place(tx, context, new, order_id=intent.id))

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, context, new))
    return await context.claim(begin)


async def _place_and_pay(context: RequestContext, new: NewOrder, *, gateway: str, token: str) -> StoredAnswer:
    context.service(Gateways).named(gateway)

    async def begin(tx: Transaction, intent: Intent) -> tuple[Order | None, Attempt] | StoredAnswer:
        if intent.resumed:
            return None, await payments.attempt(tx, intent.id)
        order = await _place(tx, context, new, order_id=intent.id)
        if not order.awaits_payment:
            return await _kept(tx, context, order)
        return order, await pay_order.begin_payment(tx, order, attempt_id=intent.id, gateway=gateway, token=token)

    if context.is_dry_run:
        return await context.dry_run(lambda tx: _dry_run(tx, context, new))
    claimed = await context.claim(begin)
    if isinstance(claimed, StoredAnswer):
        return claimed
    placed, attempt = claimed
    return await pay_order.finish(context, attempt, placed=placed)


async def _place(tx: Transaction, context: RequestContext, new: NewOrder, *, order_id: UUID) -> Order:
    owner = cart.owner_of(context)
    if owner is None:
        raise cart.CartEmpty
    command = PlaceOrder(
        order_id=order_id,
        owner=owner,
        user_id=context.principal.user_id,
        email=new.email,
        shipping_address=new.shipping_address.plain() if new.shipping_address else None,
        shipping_method=new.shipping_method,
        secrets=context.service(RaffleSecrets),
    )
    return await orders.place_order(tx, command)


async def _dry_run(tx: Transaction, context: RequestContext, new: NewOrder) -> StoredAnswer:
    return await _shown(tx, await _place(tx, context, new, order_id=new_id()))


async def _kept(tx: Transaction, context: RequestContext, order: Order) -> StoredAnswer:
    placed = await _shown(tx, order)
    if context.key is not None:
        tx.write(idempotency.store(tx, context.key, placed))
    return placed


async def _shown(tx: Transaction, order: Order) -> StoredAnswer:
    await tx.flush()
    return answer(OrderView.of(await orders.sheet_of(tx, order)), status=201)


def _with_token(context: RequestContext, placed: StoredAnswer) -> StoredAnswer:
    """Give a guest the order's token on the way out, so that no stored answer holds it.

    Where the payment was declined too: the order waits for another one, and only the token opens it.
    """
    if context.principal.user_id is not None:
        return placed
    body = orjson.loads(placed.body)
    order_id = body["order_id"] if placed.status == status_of(PaymentDeclined) else body["id"]
    body["order_token"] = context.service(OrderTokens).of(UUID(order_id))
    return StoredAnswer(placed.status, orjson.dumps(body), placed.headers)
