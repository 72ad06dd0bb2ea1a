"""What happens to orders."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent
from luxewin.modules.orders.domain.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(DomainEvent):
    """An order was placed; its stock is held until it is paid, cancelled or expired."""

    type: ClassVar[str] = "orders.order_placed"

    order_id: UUID
    number: str
    user_id: UUID | None
    total_minor: int
    currency: str

    @classmethod
    def of(cls, order: Order) -> "OrderPlaced":
        """Return the fact that an order was placed."""
        return cls(
            aggregate_id=order.id,
            aggregate_version=order.version,
            order_id=order.id,
            number=order.number,
            user_id=order.user_id,
            total_minor=order.totals.total.minor,
            currency=order.currency,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPaid(DomainEvent):
    """The whole order was paid, and its stock left the shelf."""

    type: ClassVar[str] = "orders.order_paid"

    order_id: UUID
    number: str
    user_id: UUID | None
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(DomainEvent):
    """The order was cancelled, and its stock given back."""

    type: ClassVar[str] = "orders.order_cancelled"

    order_id: UUID
    number: str
    was_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(DomainEvent):
    """Nobody paid in time, and the stock was given back."""

    type: ClassVar[str] = "orders.order_expired"

    order_id: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGranted(DomainEvent):
    """Money will go back to the buyer."""

    type: ClassVar[str] = "orders.refund_granted"

    order_id: UUID
    refund_id: UUID
    amount_minor: int
    currency: str
