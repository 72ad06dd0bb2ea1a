"""Reading orders. Placing, paying, cancelling and refunding are workflows."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.paging import Paging, paginate
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.pagination import BY_TIME, InvalidCursor, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import service
from luxewin.modules.orders.domain.orders import OrderStatus
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.orders.public import OrderTokens, visible_order
from luxewin.modules.orders.schemas import OrderView

router = Router("orders")
LIST_ORDERS = signed_in("orders.list")
READ_ORDER = everyone("orders.read")


@router.operation("GET", "/orders", permission=LIST_ORDERS, response_model=Page[OrderView], errors=(InvalidCursor,))
async def list_orders(
    context: CurrentContext,
    paging: Paging,
    status: Annotated[OrderStatus | None, Query(description="Only orders in this state")] = None,
) -> Response:
    """List orders, newest first.

    A customer sees their own, staff see all of the tenant's.
    """
    user_id = None if context.principal.is_staff else context.principal.user_id
    page = await paginate(
        context,
        paging,
        listing=f"orders/{user_id}/{status}",
        keyset=BY_TIME,
        fetch=lambda tx, before, limit: service.list_orders(
            tx, user_id=user_id, status=status, before=before, limit=limit
        ),
        key=lambda details: (details.order.placed_at, details.order.id),
        view=OrderView.of,
    )
    return response(json_response(page))


@router.operation(
    "GET",
    "/orders/{order_id}",
    permission=READ_ORDER,
    priority=Priority.OWN,
    credential_headers=("x-order-token",),
    response_model=OrderView,
    errors=(OrderUnknown,),
)
async def read_order(context: CurrentContext, order_id: UUID) -> Response:
    """Read an order.

    Its buyer and staff may read it, and anybody who sends its token in the header `X-Order-Token`, as guests do.
    """

    async def query(tx: Transaction) -> OrderView:
        order = await visible_order(tx, context, context.service(OrderTokens), order_id)
        return OrderView.of(await service.details_of(tx, order))

    view = await context.transaction(query)
    return response(json_response(view, ETag=f'"{view.version}"'))
