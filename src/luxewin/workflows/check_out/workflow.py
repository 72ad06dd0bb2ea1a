"""The workflow that orders a cart, or items, and pays the order."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.fields import must_match
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.public import Addition
from luxewin.modules.line_kinds.public import KINDS, Buyer, NewCartItem
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import Order, OrderDetails, PlaceItems, PlaceOrder
from luxewin.workflows.check_out.schemas import NewOrder
from luxewin.workflows.pay_order.results import CheckoutResult
from luxewin.workflows.pay_order.steps import hold_policy
from luxewin.workflows.pay_order.workflow import ORDER_DETAILS, place_and_pay


async def check_out(run: WorkflowRun[CheckoutResult[OrderDetails]], new: NewOrder) -> CheckoutResult[OrderDetails]:
    """Order everything in the caller's cart, or the items of the body, and pay if the body contains a `payment`.

    Raises:
        PreconditionFailed: the cart, or what it costs, is not what `If-Match` names.
        DomainError: as `place_order` or `choose_items` raise it.
    """
    context = run.context

    async def place(tx: Transaction, order_id: UUID) -> Order:
        if new.items is None:
            return await orders.place_order(tx, _of_cart(context, new, order_id=order_id))
        return await _place_items(tx, context, new, new.items, order_id=order_id)

    return await place_and_pay(run, place, method=new.payment, description=ORDER_DETAILS)


def _of_cart(context: RequestContext, new: NewOrder, *, order_id: UUID) -> PlaceOrder:
    owner = cart.owner_of(context)
    if owner is None:
        raise cart.CartEmpty
    return PlaceOrder(
        order_id=order_id,
        buyer=Buyer(context.principal.user_id, context),
        owner=owner,
        details=new.details,
        expected_total=new.expected_total.money if new.expected_total else None,
        holds=hold_policy(context, pays_now=new.payment is not None),
        confirm=partial(must_match, context, has_state=True) if "if-match" in context.headers else None,
    )


async def _place_items(
    tx: Transaction, context: RequestContext, new: NewOrder, items: Sequence[NewCartItem], *, order_id: UUID
) -> Order:
    must_match(context, 0)  # no cart is ordered
    owner = cart.owner_of(context)
    if owner is not None and owner.user_id is None:
        await cart.must_be_issued(tx, owner)  # the token also scopes the guest's idempotency key
    currency = context.tenant.currency
    wanted = [Addition(selection=KINDS.select(item), quantity=item.quantity, currency=currency) for item in items]
    return await orders.place_items(
        tx,
        PlaceItems(
            order_id=order_id,
            buyer=Buyer(context.principal.user_id, context),
            items=await cart.choose_items(tx, wanted, currency=currency),
            currency=currency,
            details=new.details,
            expected_total=new.expected_total.money if new.expected_total else None,
            holds=hold_policy(context, pays_now=new.payment is not None),
        ),
    )
