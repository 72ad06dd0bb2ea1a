"""Reading orders. Placing, paying, cancelling and refunding are workflows."""

from luxewin.modules.orders.routes import orders, vendor_orders
from luxewin.modules.orders.routes.router import router

__all__ = ["orders", "router", "vendor_orders"]
