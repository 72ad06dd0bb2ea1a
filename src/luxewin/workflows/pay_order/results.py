"""The results of placing or paying an order; the routes present them as HTTP responses."""

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Placed(Generic[D]):
    """The order was placed: it awaits its payment, or costs nothing."""

    details: D


@dataclass(frozen=True, slots=True)
class Paid(Generic[D]):
    """The gateway has captured the money."""

    details: D


@dataclass(frozen=True, slots=True)
class ActionRequired(Generic[D]):
    """The gateway holds the payment until the buyer confirms it, or until it is captured."""

    details: D


@dataclass(frozen=True, slots=True)
class Pending(Generic[D]):
    """The outcome of the payment is not known yet; it is looked up later."""

    details: D


@dataclass(frozen=True, slots=True, kw_only=True)
class Declined:
    """The payment has ended without money; the order can be paid again until it expires."""

    order_id: UUID
    payment_id: UUID
    reason: str | None


PaymentResult: TypeAlias = Paid[D] | ActionRequired[D] | Pending[D] | Declined
CheckoutResult: TypeAlias = Placed[D] | PaymentResult[D]
