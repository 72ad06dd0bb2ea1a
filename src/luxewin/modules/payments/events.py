"""Facts of payments; each belongs to the history of its attempt or refund."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(DomainEvent):
    """The money for an order is at the gateway."""

    type: ClassVar[str] = "payments.payment_captured"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(DomainEvent):
    """The gateway said no, finally."""

    type: ClassVar[str] = "payments.payment_declined"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQuarantined(DomainEvent):
    """The gateway holds or reserved what nobody asked for: another amount, or a payment that had ended."""

    type: ClassVar[str] = "payments.payment_quarantined"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDisputed(DomainEvent):
    """The buyer's bank took money back until the dispute is decided."""

    type: ClassVar[str] = "payments.payment_disputed"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    amount_minor: int
    currency: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundExecuted(DomainEvent):
    """Money went back to the buyer."""

    type: ClassVar[str] = "payments.refund_executed"

    refund_id: UUID
    attempt_id: UUID
    order_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(DomainEvent):
    """The gateway would not send the money back; it stays payable."""

    type: ClassVar[str] = "payments.refund_failed"

    refund_id: UUID
    attempt_id: UUID
    order_id: UUID
    amount_minor: int
    currency: str
    failure: str | None
