"""Orders as buyers and staff see them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.paging import paginate
from luxewin.kit.http.priorities import Priority
from luxewin.kit.pagination import InvalidCursor, Page, keyset
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import service
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.orders.public import OrderTokens, visible_order
from luxewin.modules.orders.routes.router import router
from luxewin.modules.orders.schemas import OrderListQuery, OrderView

LIST_ORDERS = signed_in("orders.list")
READ_ORDER = everyone("orders.read")


@router.operation("GET", "/orders", permission=LIST_ORDERS, response_model=Page[OrderView], errors=(InvalidCursor,))
async def list_orders(context: CurrentContext, search: Annotated[OrderListQuery, Query()]) -> Response:
    """List orders, newest first by default.

    A customer sees their own, staff see all of the tenant's. All filters can be combined; a text
    filter without a value does not filter.
    """
    user_id = None if context.principal.is_staff else context.principal.user_id
    query = search.query(user_id)
    page = await paginate(
        context,
        search.paging,
        listing=f"orders/{query}/{search.buyer_email}",
        keyset=keyset(query.sort.value_type, UUID),
        fetch=lambda tx, after, limit: service.list_orders(
            tx, query, email=search.buyer_email, after=after, limit=limit
        ),
        key=lambda details: query.sort.position_of(details.order),
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
