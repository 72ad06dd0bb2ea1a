"""Orders in rows: the columns that are selected, and the orders that they contain."""

from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.modules.line_kinds.public import REFERENCES
from luxewin.modules.orders.domain.orders import (
    GrantedRefund,
    Order,
    OrderLine,
    OrderStatus,
    RefundLine,
    Totals,
)

_ORDER_COLUMNS = (
    "o.id, o.number, o.user_id, o.email, o.status, o.currency, o.subtotal_minor, o.discount_minor, o.shipping_minor,"
    " o.tax_minor, o.shipping_method, o.shipping_address, o.placed_at, o.expires_at, o.version,"
    " o.billing_address, o.note, o.payment_status"
)
_LINES = (
    "(SELECT jsonb_agg(jsonb_build_object('id', l.id, 'kind', l.kind, 'offer_id', coalesce("
    + ", ".join(f"l.{reference}" for reference in REFERENCES)
    + "), 'product_id', l.product_id, 'product_slug', l.product_slug,"
    " 'name', l.name, 'sku', l.sku, 'options', l.options, 'image_url', l.image_url,"
    " 'vendor_id', l.vendor_id, 'quantity', l.quantity,"
    " 'unit_price_minor', l.unit_price_minor, 'tax_minor', l.tax_minor, 'returned', l.refunded_quantity)"
    " ORDER BY l.position)"
    " FROM orders_lines l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id) AS lines"
)
_REFUNDS = (
    "(SELECT jsonb_agg(jsonb_build_object('id', r.id, 'lines', r.lines, 'restocked', r.restocked) ORDER BY r.id)"
    " FROM orders_refunds r WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id) AS refunds"
)
ORDER = f"{_ORDER_COLUMNS}, {_LINES}, {_REFUNDS}"
"""The columns of an order `o`, with its lines and refunds."""


def order_of(row: Any) -> Order:
    """Return the order in a row of `ORDER`."""
    currency = row["currency"]
    return Order(
        id=row["id"],
        number=row["number"],
        user_id=row["user_id"],
        email=row["email"],
        status=OrderStatus(row["status"]),
        currency=currency,
        lines=[_line(item, currency) for item in row["lines"]],
        totals=Totals(
            subtotal=Money(row["subtotal_minor"], currency),
            discount=Money(row["discount_minor"], currency),
            shipping=Money(row["shipping_minor"], currency),
            tax=Money(row["tax_minor"], currency),
        ),
        shipping_method=row["shipping_method"],
        shipping_address=row["shipping_address"] or None,
        placed_at=row["placed_at"],
        expires_at=row["expires_at"],
        version=row["version"],
        billing_address=row["billing_address"],
        note=row["note"],
        refunds=[granted_of(refund) for refund in row["refunds"] or ()],
        payment_status=row["payment_status"],
    )


def granted_of(refund: dict[str, Any]) -> GrantedRefund:
    """Return what a refund granted."""
    lines = [RefundLine(UUID(line["line_id"]), line["quantity"]) for line in refund["lines"]]
    return GrantedRefund(UUID(refund["id"]), lines, refund["restocked"])


def _line(item: dict[str, Any], currency: str) -> OrderLine:
    return OrderLine(
        id=UUID(item["id"]),
        kind=item["kind"],
        offer_id=UUID(item["offer_id"]),
        product_id=_id(item["product_id"]),
        product_slug=item["product_slug"],
        name=item["name"],
        sku=item["sku"],
        options=item["options"],
        image_url=item["image_url"],
        vendor_id=_id(item["vendor_id"]),
        quantity=item["quantity"],
        unit_price=Money(item["unit_price_minor"], currency),
        tax=Money(item["tax_minor"], currency),
        returned=item["returned"],
    )


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None
