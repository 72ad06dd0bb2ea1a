"""The workflow that orders a cart and pays the order."""

from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.workflow_run import WorkflowRun
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart import public as cart
from luxewin.modules.line_kinds.public import Buyer
from luxewin.modules.orders import public as orders
from luxewin.modules.orders.public import EmailRequired, Order, OrderDetails, PlaceOrder
from luxewin.workflows.check_out.schemas import NewOrder
from luxewin.workflows.pay_order.results import CheckoutResult
from luxewin.workflows.pay_order.workflow import ORDER_DETAILS, place_and_pay


async def check_out(run: WorkflowRun[CheckoutResult[OrderDetails]], new: NewOrder) -> CheckoutResult[OrderDetails]:
    """Order everything in the caller's cart, and pay the order if the body contains a `payment`.

    Raises:
        EmailRequired: the caller is a guest and the body has no `email`.
    """
    context = run.context
    if context.principal.user_id is None and new.email is None:
        raise EmailRequired(pointer="/email")

    async def place(tx: Transaction, order_id: UUID) -> Order:
        return await orders.place_order(tx, _command(context, new, order_id=order_id))

    return await place_and_pay(run, place, method=new.payment, description=ORDER_DETAILS)


def _command(context: RequestContext, new: NewOrder, *, order_id: UUID) -> PlaceOrder:
    owner = cart.owner_of(context)
    if owner is None:
        raise cart.CartEmpty
    return PlaceOrder(
        order_id=order_id,
        owner=owner,
        buyer=Buyer(context.principal.user_id, context),
        email=new.email,
        shipping_address=new.shipping_address.plain() if new.shipping_address else None,
        shipping_method=new.shipping_method,
    )
