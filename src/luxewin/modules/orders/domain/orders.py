"""Orders, their lines and totals, and the transitions between their states."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from luxewin.kit.money import Money, total
from luxewin.modules.orders.errors import OrderNotCancellable, OrderNotPayable, TotalChanged

PAYMENT_WINDOW = timedelta(minutes=30)
"""The time to pay an order; its lines are reserved for as long."""

_NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGEST_NUMBER = 10


class OrderStatus(StrEnum):
    """The closed set of an order's states."""

    PENDING_PAYMENT = "pending_payment"
    PAID = "paid"
    PART_FULFILLED = "part_fulfilled"
    FULFILLED = "fulfilled"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A copy of what was bought, made when it was bought: `quantity` units of the offer `offer_id`.

    `kind` is the name of a line kind, which defines the offer. `returned` counts units that were refunded.
    """

    id: UUID
    kind: str
    offer_id: UUID
    product_id: UUID | None
    product_slug: str | None
    name: str
    sku: str | None
    options: Mapping[str, str]
    image_url: str | None
    vendor_id: UUID | None
    quantity: int
    unit_price: Money
    tax: Money
    returned: int = 0

    @property
    def total(self) -> Money:
        """The price of all its units, before tax that is added on top."""
        return self.unit_price.times(self.quantity)


@dataclass(frozen=True, slots=True)
class RefundLine:
    """The number of units of an order line that are refunded."""

    line_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class GrantedRefund:
    """A refund that the order granted: its lines, none if it was an amount, and whether their units went into stock."""

    id: UUID
    lines: Sequence[RefundLine] = ()
    restocked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of an order; `total` is derived, so that it cannot disagree with its parts."""

    subtotal: Money
    discount: Money
    shipping: Money
    tax: Money

    @property
    def total(self) -> Money:
        """Lines less discount, plus shipping, plus tax."""
        return self.subtotal - self.discount + self.shipping + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order with its lines; `user_id` is None for a guest, `shipping_address` if nothing is shipped."""

    id: UUID
    number: str
    user_id: UUID | None
    email: str | None
    status: OrderStatus
    currency: str
    lines: Sequence[OrderLine]
    totals: Totals
    shipping_method: str
    shipping_address: Mapping[str, Any] | None
    placed_at: datetime
    expires_at: datetime | None
    version: int
    billing_address: Mapping[str, Any] | None = field(default=None, repr=False)
    note: str | None = field(default=None, repr=False)
    refunds: Sequence[GrantedRefund] = ()
    payment_status: str = "unpaid"
    address_bucket: int | None = None

    @property
    def was_paid(self) -> bool:
        """True if it was paid in full once, whatever happened to it later."""
        return self.payment_status not in {"unpaid", "unknown", "authorised"}

    @property
    def awaits_payment(self) -> bool:
        """True if a payment may still be made."""
        return self.status is OrderStatus.PENDING_PAYMENT


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A state that an order entered, and when."""

    at: datetime
    status: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The address, the shipping method and the shipping price of an order."""

    method: str
    amount: Money
    address: Mapping[str, Any] | None


def new_order(
    order_id: UUID,
    lines: Sequence[OrderLine],
    delivery: Delivery,
    *,
    user_id: UUID | None,
    email: str | None,
    currency: str,
    at: datetime,
    billing_address: Mapping[str, Any] | None = None,
    note: str | None = None,
) -> Order:
    """Return an order that is placed now, and awaits its payment."""
    return Order(
        id=order_id,
        number=new_number(),
        user_id=user_id,
        email=email,
        status=OrderStatus.PENDING_PAYMENT,
        currency=currency,
        lines=lines,
        totals=totals_of(lines, shipping=delivery.amount, currency=currency),
        shipping_method=delivery.method,
        shipping_address=delivery.address,
        placed_at=at,
        expires_at=at + PAYMENT_WINDOW,
        version=1,
        billing_address=billing_address,
        note=note,
    )


def must_cost(order: Order, expected_total: Money | None) -> None:
    """Raise `TotalChanged`, with the order's totals, if it costs another amount than the buyer expects."""
    totals = order.totals
    if expected_total is None or expected_total == totals.total:
        return
    parts = {part: getattr(totals, part) for part in ("subtotal", "discount", "shipping", "tax", "total")}
    shown = {part: {"amount": amount.minor, "currency": amount.currency} for part, amount in parts.items()}
    raise TotalChanged(total=shown["total"], totals=shown)


def new_number() -> str:
    """Return a random order number for people, without look-alike characters; it reveals no volume of sales.

    A counter per tenant would make every order wait for the one before it.
    """
    return "".join(secrets.choice(_NUMBER_ALPHABET) for _ in range(LONGEST_NUMBER))


def totals_of(lines: Sequence[OrderLine], *, shipping: Money, currency: str) -> Totals:
    """Return the totals of an order with these lines."""
    return Totals(
        subtotal=total([line.total for line in lines], currency=currency),
        discount=Money.zero(currency),
        shipping=shipping,
        tax=total([line.tax for line in lines], currency=currency),
    )


def must_be_payable(order: Order) -> None:
    """Raise `OrderNotPayable` unless the order awaits its payment."""
    match order.status:
        case OrderStatus.PENDING_PAYMENT:
            return
        case (
            OrderStatus.PAID
            | OrderStatus.PART_FULFILLED
            | OrderStatus.FULFILLED
            | OrderStatus.COMPLETED
            | OrderStatus.CANCELLED
            | OrderStatus.EXPIRED
        ):
            raise OrderNotPayable(order_id=order.id, order_status=order.status)
        case _:
            assert_never(order.status)


def must_be_cancellable(order: Order) -> None:
    """Raise `OrderNotCancellable` for an order that was sent, or has ended."""
    match order.status:
        case OrderStatus.PENDING_PAYMENT | OrderStatus.PAID:
            return
        case (
            OrderStatus.PART_FULFILLED
            | OrderStatus.FULFILLED
            | OrderStatus.COMPLETED
            | OrderStatus.CANCELLED
            | OrderStatus.EXPIRED
        ):
            raise OrderNotCancellable(order_id=order.id, order_status=order.status)
        case _:
            assert_never(order.status)
