"""The query parameters of lists of orders, and the views of orders."""

from luxewin.modules.orders.schemas.orders import OrderDetails, OrderListQuery, OrderView, RefundDetails, RefundView
from luxewin.modules.orders.schemas.vendor_orders import VendorOrderQuery, VendorOrderView

__all__ = [
    "OrderDetails",
    "OrderListQuery",
    "OrderView",
    "RefundDetails",
    "RefundView",
    "VendorOrderQuery",
    "VendorOrderView",
]
