"""Reading orders. Placing, paying, cancelling and refunding are workflows."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.access import everyone, signed_in
from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.routing import Router
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Page
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import service
from luxewin.modules.orders.domain.orders import OrderStatus
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.orders.public import OrderTokens, visible_order
from luxewin.modules.orders.schemas import OrderView

router = Router("orders")
LIST_ORDERS = signed_in("orders.list")
READ_ORDER = everyone("orders.read")


@router.operation("GET", "/orders", permission=LIST_ORDERS, answers=Page[OrderView])
async def list_orders(
    context: CurrentContext,
    status: Annotated[OrderStatus | None, Query(description="Only orders in this state")] = None,
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """List orders, newest first.

    A customer sees their own, staff see all of the tenant's.
    """
    cursors = context.service(Cursors)
    user_id = None if context.principal.is_staff else context.principal.user_id
    listing = f"orders/{user_id}/{status}"
    position = cursors.read(cursor, tenant_id=context.tenant.id, listing=listing) if cursor else None
    before = (datetime.fromisoformat(position[0]), UUID(position[1])) if position else None

    async def query(tx: Transaction) -> Page[OrderView]:
        found = await service.list_orders(tx, user_id=user_id, status=status, before=before, limit=limit + 1)
        page = found[:limit]
        following = None
        if len(found) > limit:
            last = page[-1].order
            following = cursors.sign([last.placed_at, last.id], tenant_id=context.tenant.id, listing=listing)
        return Page[OrderView](data=[OrderView.of(details) for details in page], next_cursor=following)

    return response(json_response(await context.read(query)))


@router.operation(
    "GET",
    "/orders/{order_id}",
    permission=READ_ORDER,
    priority=Priority.OWN,
    credential_headers=("x-order-token",),
    answers=OrderView,
    refuses=(OrderUnknown,),
)
async def read_order(context: CurrentContext, order_id: UUID) -> Response:
    """Read an order.

    Its buyer may read it, staff, and whoever sends its token (header `X-Order-Token`), as a guest does.
    """

    async def query(tx: Transaction) -> OrderView:
        order = await visible_order(tx, context, context.service(OrderTokens), order_id)
        return OrderView.of(await service.details_of(tx, order))

    view = await context.read(query)
    return response(json_response(view, ETag=f'"{view.version}"'))
