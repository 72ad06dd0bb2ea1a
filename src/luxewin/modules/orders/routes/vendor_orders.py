"""Orders as vendors see them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from luxewin.kit.http.context import CurrentContext, json_response, response
from luxewin.kit.http.paging import paginate
from luxewin.kit.pagination import BY_ID, InvalidCursor, Page
from luxewin.modules.identity.public import sellers
from luxewin.modules.orders import service
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.orders.routes.router import router
from luxewin.modules.orders.schemas import VendorOrderQuery, VendorOrderView
from luxewin.modules.vendors.public import VendorUnknown

READ_VENDOR_ORDERS = sellers("orders.vendors.read")


@router.operation(
    "GET",
    "/vendors/{vendor_id}/orders",
    permission=READ_VENDOR_ORDERS,
    response_model=Page[VendorOrderView],
    errors=(InvalidCursor, VendorUnknown),
)
async def list_vendor_orders(
    context: CurrentContext, vendor_id: UUID, search: Annotated[VendorOrderQuery, Query()]
) -> Response:
    """List the paid orders that contain goods of a vendor, newest first.

    For the vendor's members, and staff. Each order shows the vendor's own lines, their totals, and the address to send
    them to. Orders that were never paid are not listed. They are sorted by their ids, which contain the time at which
    an order was begun. That can be long before it was paid, so a newly paid order is not always at the beginning.
    """
    page = await paginate(
        context,
        search.paging,
        listing=f"vendors/{vendor_id}/orders/{search.status}",
        keyset=BY_ID,
        fetch=lambda tx, before, limit: service.list_vendor_orders(
            tx, vendor_id, status=search.status, before=before, limit=limit
        ),
        key=lambda order: order.id,
        view=lambda order: VendorOrderView.of(order, vendor_id),
    )
    return response(json_response(page))


@router.operation(
    "GET",
    "/vendors/{vendor_id}/orders/{order_id}",
    permission=READ_VENDOR_ORDERS,
    response_model=VendorOrderView,
    errors=(VendorUnknown, OrderUnknown),
)
async def read_vendor_order(context: CurrentContext, vendor_id: UUID, order_id: UUID) -> Response:
    """Read a vendor's part of an order.

    For the vendor's members, and staff.
    """
    order = await context.transaction(lambda tx: service.find_vendor_order(tx, vendor_id, order_id))
    return response(json_response(VendorOrderView.of(order, vendor_id), ETag=f'"{order.version}"'))
