"""The views of orders."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from luxewin.kit.http.fields import AddressView, Instant, MoneyField, View
from luxewin.kit.http.public_urls import PublicUrl
from luxewin.kit.http.query_fields import ListQuery, OptionalFilter, absent_if_blank
from luxewin.modules.identity.public import Email
from luxewin.modules.line_kinds.public import KINDS, LINE_EXAMPLE, LineFields
from luxewin.modules.orders.domain.order_lists import OrderQuery, OrderSort
from luxewin.modules.orders.domain.orders import GrantedRefund, HistoryEntry, Order, OrderLine, OrderStatus
from luxewin.modules.payments.public import Attempt, PaymentStatus, PaymentSummary, Refund

_MONEY: JsonValue = {"amount": 64900, "currency": "USD"}
_ORDER_ID = "0199a1b2-7c00-7000-8000-00000000000a"
_REFUND_EXAMPLE: JsonValue = {
    "id": "0199a1b2-7c00-7000-8000-00000000000f",
    "order_id": _ORDER_ID,
    "amount": {"amount": 5000, "currency": "USD"},
    "status": "executed",
    "reason": "scratched in transit",
    "lines": [],
    "restocked": False,
    "created_at": "2026-11-20T12:05:00Z",
}
ORDER_EXAMPLE: dict[str, JsonValue] = {
    "id": _ORDER_ID,
    "number": "7K3M9Q2TXA",
    "status": "paid",
    "payment_status": "paid",
    "email": None,
    "items": [
        {
            **LINE_EXAMPLE,
            "name": "Oslo Lounge Chair",
            "sku": "OSLO-GREY",
            "options": {"Colour": "Grey"},
            "image_url": None,
            "vendor_id": None,
            "quantity": 1,
            "refunded_quantity": 0,
            "unit_price": _MONEY,
            "tax": {"amount": 0, "currency": "USD"},
            "total": _MONEY,
        }
    ],
    "totals": {
        "subtotal": _MONEY,
        "discount": {"amount": 0, "currency": "USD"},
        "shipping": {"amount": 990, "currency": "USD"},
        "tax": {"amount": 0, "currency": "USD"},
        "total": {"amount": 65890, "currency": "USD"},
    },
    "payments": [
        {
            "id": "0199a1b2-7c00-7000-8000-00000000000e",
            "gateway": "simulator",
            "status": "captured",
            "amount": {"amount": 65890, "currency": "USD"},
            "reason": None,
            "next_action": None,
            "created_at": "2026-11-20T12:00:00Z",
        }
    ],
    "refunds": [],
    "fulfilments": [],
    "shipping_method": "standard",
    "shipping_address": {
        "name": "Ada Byron",
        "line1": "12 St James's Square",
        "city": "London",
        "postal_code": "SW1Y 4JH",
        "country": "GB",
    },
    "billing_address": None,
    "note": None,
    "placed_at": "2026-11-20T12:00:00Z",
    "expires_at": None,
    "history": [{"at": "2026-11-20T12:00:00Z", "status": "pending_payment", "note": None}],
    "version": 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDetails:
    """An order with its payments, refunds and history."""

    order: Order
    attempts: Sequence[Attempt]
    refunds: Sequence[Refund]
    summary: PaymentSummary
    history: Sequence[HistoryEntry]

    @property
    def payment_status(self) -> PaymentStatus:
        """The status of its payments; an order that costs nothing is paid when it is placed."""
        is_free = self.order.totals.total.minor == 0
        return PaymentStatus.PAID if is_free and not self.order.awaits_payment else self.summary.status

    @property
    def refund_details(self) -> list["RefundDetails"]:
        """The refunds, each with what the order granted."""
        granted = {refund.id: refund for refund in self.order.refunds}
        return [RefundDetails(refund, granted.get(refund.id, GrantedRefund(refund.id))) for refund in self.refunds]


@dataclass(frozen=True, slots=True)
class RefundDetails:
    """A refund of a payment, with what its order granted."""

    refund: Refund
    granted: GrantedRefund


OptionalEmail = Annotated[Email | None, BeforeValidator(absent_if_blank)]


class OrderListQuery(ListQuery):
    """The parameters of a list of orders."""

    q: OptionalFilter = Field(None, description="The beginning of an order number; or an email address, as `email`")
    status: OrderStatus | None = Field(None, description="Only orders in this state")
    payment_status: PaymentStatus | None = Field(None, description="Only orders whose payments are in this state")
    number: OptionalFilter = Field(None, description="The beginning of an order number, in any case")
    email: OptionalEmail = Field(None, description="Only orders of a buyer with this address, guest or account")
    placed_from: Instant | None = Field(None, description="Only orders placed at or after this time")
    placed_to: Instant | None = Field(None, description="Only orders placed before this time")
    sort: OrderSort | None = Field(None, description="Default `-placed_at`; `-` means descending")

    @model_validator(mode="after")
    def _search_fits_the_filters(self) -> Self:
        if self.q is not None and (self.number is not None or self.email is not None):
            raise ValueError("`q` searches for a number or an address; leave out `number` and `email`")
        return self

    @property
    def buyer_email(self) -> str | None:
        """The address of the buyer to search for."""
        return self.q if self.q is not None and "@" in self.q else self.email

    def query(self, user_id: UUID | None) -> OrderQuery:
        """Return the filters as domain values; with a user only their orders."""
        number = self.q if self.q is not None and "@" not in self.q else self.number
        return OrderQuery(
            user_id=user_id,
            status=self.status,
            payment_status=self.payment_status,
            number=None if number is None else number.upper(),
            placed_from=self.placed_from,
            placed_to=self.placed_to,
            sort=self.sort or OrderSort.NEWEST,
        )


class OrderItemView(LineFields):
    """A line of an order, as it was when it was bought."""

    name: str
    sku: str | None
    options: dict[str, str]
    image_url: PublicUrl | None
    vendor_id: UUID | None
    quantity: int
    refunded_quantity: int = Field(description="The units that were refunded; all, if the whole payment was")
    unit_price: MoneyField
    tax: MoneyField
    total: MoneyField

    @classmethod
    def of(cls, line: OrderLine, *, all_refunded: bool) -> "OrderItemView":
        """Return the response of a line."""
        fields: dict[str, Any] = dict.fromkeys(LineFields.model_fields)
        fields |= {
            KINDS.get(line.kind).reference: line.offer_id,
            "id": line.id,
            "kind": line.kind,
            "product_id": line.product_id,
            "product_slug": line.product_slug,
            "name": line.name,
            "sku": line.sku,
            "options": dict(line.options),
            "image_url": line.image_url,
            "vendor_id": line.vendor_id,
            "quantity": line.quantity,
            "refunded_quantity": line.quantity if all_refunded else line.returned,
            "unit_price": MoneyField.of(line.unit_price),
            "tax": MoneyField.of(line.tax),
            "total": MoneyField.of(line.total),
        }
        return cls(**fields)


class TotalsView(View):
    """The totals of the order: subtotal less discount, plus shipping, plus tax."""

    subtotal: MoneyField
    discount: MoneyField
    shipping: MoneyField
    tax: MoneyField
    total: MoneyField


class PaymentView(View):
    """An attempt to pay; `next_action` is what the buyer has to do, if the gateway requires it."""

    id: UUID
    gateway: str
    status: str
    amount: MoneyField
    reason: str | None
    next_action: dict[str, Any] | None
    created_at: datetime

    @classmethod
    def of(cls, attempt: Attempt) -> "PaymentView":
        """Return the response of an attempt."""
        return cls(
            id=attempt.id,
            gateway=attempt.gateway,
            status=attempt.status,
            amount=MoneyField.of(attempt.amount),
            reason=attempt.reason,
            next_action=dict(attempt.next_action) if attempt.next_action else None,
            created_at=attempt.created_at,
        )


class RefundLineView(View):
    """Units of a line that were refunded."""

    line_id: UUID
    quantity: int


class RefundView(View):
    """A refund to the buyer."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REFUND_EXAMPLE]})

    id: UUID
    order_id: UUID
    amount: MoneyField
    status: str
    reason: str
    lines: list[RefundLineView] = Field(description="The refunded units; empty for a refund of an amount")
    restocked: bool = Field(description="Whether these units went back into stock")
    created_at: datetime

    @classmethod
    def of(cls, details: RefundDetails) -> "RefundView":
        """Return the response of a refund."""
        refund, granted = details.refund, details.granted
        return cls(
            id=refund.id,
            order_id=refund.order_id,
            amount=MoneyField.of(refund.amount),
            status=refund.status,
            reason=refund.reason,
            lines=[RefundLineView.model_validate(line) for line in granted.lines],
            restocked=granted.restocked,
            created_at=refund.created_at,
        )


class HistoryView(View):
    """A state that the order has entered."""

    at: datetime
    status: str
    note: str | None


class OrderView(View):
    """An order with its payments, refunds and history."""

    model_config = ConfigDict(json_schema_extra={"examples": [ORDER_EXAMPLE]})

    id: UUID
    number: str
    status: str
    payment_status: str
    email: str | None
    items: list[OrderItemView]
    totals: TotalsView
    payments: list[PaymentView]
    refunds: list[RefundView]
    fulfilments: list[dict[str, Any]] = Field(description="Shipments; empty until something is sent")
    shipping_method: str
    shipping_address: AddressView | None = Field(description="Null if nothing is sent")
    billing_address: AddressView | None = Field(description="Null if it is the shipping address")
    note: str | None = Field(description="The buyer's note for the shop")
    placed_at: datetime
    expires_at: datetime | None = Field(description="When the reserved stock is released if the order is not paid")
    history: list[HistoryView]
    version: int
    order_token: str | None = Field(
        default=None, description="Only in the response to a guest's order: send it as X-Order-Token to read the order"
    )

    @classmethod
    def of(cls, details: OrderDetails) -> "OrderView":
        """Return the response of an order."""
        order = details.order
        totals = order.totals
        all_refunded = details.payment_status is PaymentStatus.REFUNDED
        return cls(
            id=order.id,
            number=order.number,
            status=order.status,
            payment_status=details.payment_status,
            email=order.email,
            items=[OrderItemView.of(line, all_refunded=all_refunded) for line in order.lines],
            totals=TotalsView(
                subtotal=MoneyField.of(totals.subtotal),
                discount=MoneyField.of(totals.discount),
                shipping=MoneyField.of(totals.shipping),
                tax=MoneyField.of(totals.tax),
                total=MoneyField.of(totals.total),
            ),
            payments=[PaymentView.of(attempt) for attempt in details.attempts],
            refunds=[RefundView.of(refund) for refund in details.refund_details],
            fulfilments=[],
            shipping_method=order.shipping_method,
            shipping_address=AddressView.of(order.shipping_address),
            billing_address=AddressView.of(order.billing_address),
            note=order.note,
            placed_at=order.placed_at,
            expires_at=order.expires_at,
            history=[HistoryView(at=entry.at, status=entry.status, note=entry.note) for entry in details.history],
            version=order.version,
        )
