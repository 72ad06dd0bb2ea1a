"""What an order is, and which state may follow which."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from luxewin.kit.money import Money, total
from luxewin.modules.orders.errors import OrderNotCancellable, OrderNotPayable

PAYMENT_WINDOW = timedelta(minutes=30)
"""How long stock is held for an order that is not paid."""

_NUMBER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_NUMBER_LENGTH = 10
NOTHING_TO_SHIP = "none"
"""The shipping method of an order of tickets alone."""


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
    """What was bought, as it was when it was bought: pieces of a variant, or tickets of a raffle.

    A line of tickets is a purchase of that raffle, under the same id. `returned` counts what was given back.
    """

    id: UUID
    kind: str
    variant_id: UUID | None
    product_id: UUID | None
    product_slug: str | None
    raffle_id: UUID | None = None
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
        """The price of the whole line, before tax that is added on top."""
        return self.unit_price.times(self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What an order comes to; `total` is derived, so that it cannot disagree with its parts."""

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
    """An order and its lines; `user_id` is None for a guest, and nothing is sent without a `shipping_address`."""

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

    @property
    def awaits_payment(self) -> bool:
        """Whether a payment may still be made."""
        return self.status is OrderStatus.PENDING_PAYMENT

    @property
    def tickets(self) -> list[OrderLine]:
        """Its lines that are tickets."""
        return [line for line in self.lines if line.raffle_id is not None]

    @property
    def has_goods(self) -> bool:
        """Whether anything of it comes from the shelf."""
        return any(line.variant_id is not None for line in self.lines)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A state that an order came into."""

    at: datetime
    status: str
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where an order is sent, how, and for how much."""

    method: str
    amount: Money
    address: Mapping[str, Any] | None

    @classmethod
    def of_nothing(cls, currency: str) -> "Delivery":
        """Return the delivery of an order of tickets alone."""
        return cls(method=NOTHING_TO_SHIP, amount=Money.zero(currency), address=None)


def new_order(
    order_id: UUID,
    lines: Sequence[OrderLine],
    delivery: Delivery,
    *,
    user_id: UUID | None,
    email: str | None,
    currency: str,
    at: datetime,
) -> Order:
    """Return an order that was placed at this moment, and waits for its payment."""
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
    )


def new_number() -> str:
    """Return an order number for people: no look-alike characters, not to be guessed, not to be counted by rivals.

    A counter per tenant would make every order wait for the one before it.
    """
    return "".join(secrets.choice(_NUMBER_ALPHABET) for _ in range(_NUMBER_LENGTH))


def totals_of(lines: Sequence[OrderLine], *, shipping: Money, currency: str) -> Totals:
    """Add up an order from its lines."""
    return Totals(
        subtotal=total([line.total for line in lines], currency=currency),
        discount=Money.zero(currency),
        shipping=shipping,
        tax=total([line.tax for line in lines], currency=currency),
    )


def must_be_payable(order: Order) -> None:
    """Refuse a payment in any state but the one that waits for it."""
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
    """Refuse to cancel what has been sent, or has ended."""
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
