"""The use cases of orders, one in each file; none of them commits."""

from luxewin.modules.orders.service.cancel_order import cancel_order
from luxewin.modules.orders.service.expire_order import close_order, expire_order
from luxewin.modules.orders.service.grant_refund import RefundRequest, grant_refund
from luxewin.modules.orders.service.limit_holds import hold_limits
from luxewin.modules.orders.service.place_free_order import PlaceFreeOrder, free_order, place_free_order
from luxewin.modules.orders.service.place_order import PlaceItems, PlaceOrder, place_items, place_order
from luxewin.modules.orders.service.prepare_payment import prepare_payment
from luxewin.modules.orders.service.read_orders import (
    details_of,
    details_of_first_payment,
    due_orders,
    find_order,
    list_orders,
    refund_details,
)
from luxewin.modules.orders.service.receive_payment import receive_payment
from luxewin.modules.orders.service.vendor_orders import find_vendor_order, list_vendor_orders

__all__ = [
    "PlaceFreeOrder",
    "PlaceItems",
    "PlaceOrder",
    "RefundRequest",
    "cancel_order",
    "close_order",
    "details_of",
    "details_of_first_payment",
    "due_orders",
    "expire_order",
    "find_order",
    "find_vendor_order",
    "free_order",
    "grant_refund",
    "hold_limits",
    "list_orders",
    "list_vendor_orders",
    "place_free_order",
    "place_items",
    "place_order",
    "prepare_payment",
    "receive_payment",
    "refund_details",
]
