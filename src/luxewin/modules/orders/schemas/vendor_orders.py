"""The views of orders for vendors: their own lines, and what they need to send them."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.fields import AddressView, MoneyField, View
from luxewin.kit.http.query_fields import ListQuery
from luxewin.kit.money import total
from luxewin.modules.orders.domain.orders import Order, OrderStatus
from luxewin.modules.orders.schemas.orders import ORDER_EXAMPLE, OrderItemView

_MONEY: JsonValue = {"amount": 64900, "currency": "USD"}
_EXAMPLE: JsonValue = {
    **{name: ORDER_EXAMPLE[name] for name in ("id", "number", "status", "placed_at", "items", "shipping_method")},
    "totals": {"subtotal": _MONEY, "tax": {"amount": 0, "currency": "USD"}},
    "shipping_address": {
        "name": "Ada Byron",
        "line1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
        "phone": "+44 20 7946 0958",
    },
}
_NOT_FOR_VENDORS = ("email",)


class VendorOrderQuery(ListQuery):
    """The parameters of a list of a vendor's orders."""

    status: OrderStatus | None = Field(None, description="Only orders in this state")


class VendorTotalsView(View):
    """The totals of the vendor's own lines; discounts, shipping and commission belong to the whole order."""

    subtotal: MoneyField
    tax: MoneyField


class VendorOrderView(View):
    """The part of an order that one vendor sells: its own lines, and the address they are sent to.

    Payments, the buyer's account and email address, and the lines of other vendors are not part of it.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    id: UUID
    number: str
    status: str
    placed_at: datetime
    items: list[OrderItemView]
    totals: VendorTotalsView
    shipping_method: str
    shipping_address: AddressView | None = Field(description="Without email address; null if nothing is sent")

    @classmethod
    def of(cls, order: Order, vendor_id: UUID) -> Self:
        """Return the vendor's part of an order."""
        lines = [line for line in order.lines if line.vendor_id == vendor_id]
        address = {
            name: value for name, value in (order.shipping_address or {}).items() if name not in _NOT_FOR_VENDORS
        }
        return cls(
            id=order.id,
            number=order.number,
            status=order.status,
            placed_at=order.placed_at,
            items=[OrderItemView.of(line, all_refunded=order.payment_status == "refunded") for line in lines],
            totals=VendorTotalsView(
                subtotal=MoneyField.of(total([line.total for line in lines], currency=order.currency)),
                tax=MoneyField.of(total([line.tax for line in lines], currency=order.currency)),
            ),
            shipping_method=order.shipping_method,
            shipping_address=AddressView.of(address),
        )
