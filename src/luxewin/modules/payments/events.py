"""The domain events of payments; the aggregate is the attempt or the refund."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentCaptured(DomainEvent):
    """The gateway has captured the amount of an order."""

    type: ClassVar[str] = "payments.payment_captured"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDeclined(DomainEvent):
    """The gateway has declined the charge; this is final."""

    type: ClassVar[str] = "payments.payment_declined"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentQuarantined(DomainEvent):
    """The gateway has captured an unexpected payment: another amount, or after the attempt ended."""

    type: ClassVar[str] = "payments.payment_quarantined"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentDisputed(DomainEvent):
    """The buyer's bank has taken money back until the dispute is decided."""

    type: ClassVar[str] = "payments.payment_disputed"

    attempt_id: UUID
    order_id: UUID
    gateway: str
    amount_minor: int
    currency: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookContradicted(DomainEvent):
    """A webhook with a valid signature claims what the gateway does not know: nothing was booked for it.

    The aggregate is the event itself. `reported` is the status of the charge at the gateway, None if it has no such
    charge.
    """

    type: ClassVar[str] = "payments.webhook_contradicted"

    event_id: str
    attempt_id: UUID
    order_id: UUID
    gateway: str
    claimed: str
    reported: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundExecuted(DomainEvent):
    """The gateway has refunded the buyer."""

    type: ClassVar[str] = "payments.refund_executed"

    refund_id: UUID
    attempt_id: UUID
    order_id: UUID
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFailed(DomainEvent):
    """The gateway has refused the refund; the amount is still owed."""

    type: ClassVar[str] = "payments.refund_failed"

    refund_id: UUID
    attempt_id: UUID
    order_id: UUID
    amount_minor: int
    currency: str
    failure: str | None
