"""The domain events of orders."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent
from luxewin.modules.orders.domain.orders import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPlaced(DomainEvent):
    """An order was placed; its lines are reserved until it is paid, cancelled or expired."""

    type: ClassVar[str] = "orders.order_placed"

    order_id: UUID
    number: str
    user_id: UUID | None
    total_minor: int
    currency: str

    @classmethod
    def of(cls, order: Order) -> "OrderPlaced":
        """Return the event of placing this order."""
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
    """An order was paid in full, and its lines fulfilled."""

    type: ClassVar[str] = "orders.order_paid"

    order_id: UUID
    number: str
    user_id: UUID | None
    total_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(DomainEvent):
    """An order was cancelled, and its lines released or refunded."""

    type: ClassVar[str] = "orders.order_cancelled"

    order_id: UUID
    number: str
    was_paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderExpired(DomainEvent):
    """An order was not paid in time, and its lines were released."""

    type: ClassVar[str] = "orders.order_expired"

    order_id: UUID
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundGranted(DomainEvent):
    """A refund was granted; the gateway executes it later."""

    type: ClassVar[str] = "orders.refund_granted"

    order_id: UUID
    refund_id: UUID
    amount_minor: int
    currency: str
