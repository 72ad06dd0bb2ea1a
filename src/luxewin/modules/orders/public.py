"""The public API of orders."""

import hashlib
import hmac
from uuid import UUID

from luxewin.kit.http.context import RequestContext
from luxewin.kit.transaction import Transaction
from luxewin.modules.cart.public import OrderTooLarge
from luxewin.modules.line_kinds.public import ItemUnavailable
from luxewin.modules.orders.domain.holds import HoldPolicy, address_bucket
from luxewin.modules.orders.domain.orders import PAYMENT_WINDOW, Order, OrderStatus, RefundLine
from luxewin.modules.orders.errors import (
    EmailRequired,
    HoldTooLarge,
    OrderChanged,
    OrderNotCancellable,
    OrderNotPayable,
    OrderNotRefundable,
    OrderUnknown,
    PayAtOnce,
    PaymentUnderWay,
    RefundInvalid,
    RefundTooLarge,
    ShippingAddressRequired,
    TooManyUnpaidOrders,
    TotalChanged,
)
from luxewin.modules.orders.repository import INVARIANTS
from luxewin.modules.orders.schemas import OrderDetails, OrderView, RefundDetails, RefundView
from luxewin.modules.orders.service import (
    PlaceFreeOrder,
    PlaceItems,
    PlaceOrder,
    RefundRequest,
    cancel_order,
    close_order,
    details_of,
    details_of_first_payment,
    due_orders,
    expire_order,
    find_order,
    free_order,
    grant_refund,
    hold_limits,
    place_free_order,
    place_items,
    place_order,
    prepare_payment,
    receive_payment,
    refund_details,
)

__all__ = [
    "INVARIANTS",
    "PAYMENT_WINDOW",
    "EmailRequired",
    "HoldPolicy",
    "HoldTooLarge",
    "ItemUnavailable",
    "Order",
    "OrderChanged",
    "OrderDetails",
    "OrderNotCancellable",
    "OrderNotPayable",
    "OrderNotRefundable",
    "OrderStatus",
    "OrderTokens",
    "OrderTooLarge",
    "OrderUnknown",
    "OrderView",
    "PayAtOnce",
    "PaymentUnderWay",
    "PlaceFreeOrder",
    "PlaceItems",
    "PlaceOrder",
    "RefundDetails",
    "RefundInvalid",
    "RefundLine",
    "RefundRequest",
    "RefundTooLarge",
    "RefundView",
    "ShippingAddressRequired",
    "TooManyUnpaidOrders",
    "TotalChanged",
    "address_bucket",
    "cancel_order",
    "close_order",
    "details_of",
    "details_of_first_payment",
    "due_orders",
    "expire_order",
    "find_order",
    "free_order",
    "grant_refund",
    "hold_limits",
    "place_free_order",
    "place_items",
    "place_order",
    "prepare_payment",
    "receive_payment",
    "refund_details",
    "visible_order",
]


class OrderTokens:
    """Order tokens of guests: each gives access to one order, and is derived from the order's id, so none is stored."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, order_id: UUID) -> str:
        """Return the token that opens this order."""
        return hmac.new(self._key, b"order-token" + order_id.bytes, hashlib.sha256).hexdigest()

    def opens(self, token: str | None, order_id: UUID) -> bool:
        """Return whether the token opens this order."""
        return token is not None and hmac.compare_digest(token.encode(), self.of(order_id).encode())


async def visible_order(tx: Transaction, context: RequestContext, tokens: OrderTokens, order_id: UUID) -> Order:
    """Return an order, if the caller is its buyer, staff, or holds its token.

    Raises:
        OrderUnknown: it does not exist, or the caller may not see it.
    """
    order = await find_order(tx, order_id)
    if order is None:
        raise OrderUnknown
    is_buyer = context.principal.user_id is not None and context.principal.user_id == order.user_id
    if is_buyer or context.principal.is_staff or tokens.opens(context.headers.get("x-order-token"), order_id):
        return order
    raise OrderUnknown
