"""The request and response bodies of payments."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict, Field

from luxewin.kit.http.fields import Body, MoneyField, ShortText, View
from luxewin.kit.money import Money
from luxewin.modules.payments.domain.attempts import Attempt, AttemptStatus
from luxewin.modules.payments.domain.refunds import Refund, RefundStatus
from luxewin.modules.payments.domain.summary import EventType, PaymentEvent

_PAYMENT: dict[str, Any] = {
    "id": "0199a1b2-0000-7000-8000-000000000001",
    "order_id": "0199a1b2-0000-7000-8000-000000000002",
    "gateway": "simulator",
    "status": "captured",
    "amount": {"amount": 129900, "currency": "USD"},
    "captured": {"amount": 129900, "currency": "USD"},
    "refund_granted": {"amount": 0, "currency": "USD"},
    "reference": "sim_ch_0199a1b2000070008000000000000001",
    "reason": None,
    "next_action": None,
    "created_at": "2026-11-20T12:00:00Z",
    "version": 2,
}
_EVENT: dict[str, Any] = {
    "id": "5a1f7c1e-8f0e-5d7e-9b1a-3f3f6f1f2a10",
    "type": "captured",
    "amount": {"amount": 129900, "currency": "USD"},
    "reference": "sim_ch_0199a1b2000070008000000000000001",
    "occurred_at": "2026-11-20T12:00:01Z",
}
_REFUND: dict[str, Any] = {
    "id": "0199a1b2-0000-7000-8000-000000000003",
    "status": "executed",
    "amount": {"amount": 5000, "currency": "USD"},
    "reason": "damaged in transit",
    "reference": "sim_re_0199a1b2000070008000000000000003",
    "failure": None,
    "created_at": "2026-11-21T09:00:00Z",
}
_ENDPOINT: dict[str, Any] = {
    "id": "0199a1b2-0000-7000-8000-000000000004",
    "gateway": "simulator",
    "path": "/api/v1/payments/webhooks/simulator/0199a1b2-0000-7000-8000-000000000004",
    "opened_at": "2026-11-20T12:00:00Z",
}


class PaymentView(View):
    """An attempt to pay an order; it does not contain the token."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PAYMENT]})

    id: UUID
    order_id: UUID
    gateway: str
    status: AttemptStatus
    amount: MoneyField
    captured: MoneyField
    refund_granted: MoneyField = Field(description="Sum of the granted refunds, without those that failed")
    reference: str | None = Field(description="The gateway's reference of the charge")
    reason: str | None
    next_action: dict[str, Any] | None
    created_at: datetime
    version: int

    @classmethod
    def of(cls, attempt: Attempt) -> Self:
        """Return the response of an attempt."""
        return cls(**_payment(attempt))


class PaymentEventView(View):
    """A change of a payment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EVENT]})

    id: UUID
    type: EventType
    amount: MoneyField
    reference: str | None
    occurred_at: datetime

    @classmethod
    def of(cls, event: PaymentEvent) -> Self:
        """Return the response of an event."""
        return cls(
            id=event.id,
            type=event.type,
            amount=MoneyField.of(Money(event.amount_minor, event.currency)),
            reference=event.reference,
            occurred_at=event.occurred_at,
        )


class PaymentRefundView(View):
    """A refund of a payment."""

    model_config = ConfigDict(json_schema_extra={"examples": [_REFUND]})

    id: UUID
    status: RefundStatus
    amount: MoneyField
    reason: str
    reference: str | None
    failure: str | None
    created_at: datetime

    @classmethod
    def of(cls, refund: Refund) -> Self:
        """Return the response of a refund."""
        return cls(
            id=refund.id,
            status=refund.status,
            amount=MoneyField.of(refund.amount),
            reason=refund.reason,
            reference=refund.reference,
            failure=refund.failure,
            created_at=refund.created_at,
        )


class PaymentDetail(PaymentView):
    """A payment with its events and refunds, oldest first."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_PAYMENT, "events": [_EVENT], "refunds": []}]})

    events: list[PaymentEventView]
    refunds: list[PaymentRefundView]

    @classmethod
    def with_history(cls, attempt: Attempt, events: Sequence[PaymentEvent], refunds: Sequence[Refund]) -> Self:
        """Return the response of a payment with its events and refunds."""
        return cls(
            **_payment(attempt),
            events=[PaymentEventView.of(event) for event in events],
            refunds=[PaymentRefundView.of(refund) for refund in refunds],
        )


class NewWebhookEndpoint(Body):
    """A request to open a webhook endpoint for a gateway."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"gateway": "simulator"}]})

    gateway: ShortText = Field(description="Name of a gateway that this installation offers")


class WebhookEndpointView(View):
    """An endpoint for a gateway's webhooks; `path` is the part of its address after the host."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENDPOINT]})

    id: UUID
    gateway: str
    path: str
    opened_at: datetime

    @classmethod
    def of(cls, endpoint_id: UUID, gateway: str, opened_at: datetime) -> Self:
        """Return the response of an endpoint."""
        return cls(id=endpoint_id, gateway=gateway, path=_path(gateway, endpoint_id), opened_at=opened_at)


class OpenedWebhookEndpoint(WebhookEndpointView):
    """A new endpoint with its secret, which is returned only once."""

    model_config = ConfigDict(json_schema_extra={"examples": [{**_ENDPOINT, "secret": "whsec_…"}]})

    secret: str = Field(description="The secret for the gateway; it is not returned again")


def opened_endpoint_view(endpoint_id: UUID, gateway: str, secret: str, opened_at: datetime) -> OpenedWebhookEndpoint:
    """Return the response of a new endpoint, with its secret."""
    return OpenedWebhookEndpoint(
        id=endpoint_id, gateway=gateway, path=_path(gateway, endpoint_id), opened_at=opened_at, secret=secret
    )


def _payment(attempt: Attempt) -> dict[str, Any]:
    return {
        "id": attempt.id,
        "order_id": attempt.order_id,
        "gateway": attempt.gateway,
        "status": attempt.status,
        "amount": MoneyField.of(attempt.amount),
        "captured": MoneyField.of(attempt.captured),
        "refund_granted": MoneyField.of(attempt.refund_granted),
        "reference": attempt.reference,
        "reason": attempt.reason,
        "next_action": None if attempt.next_action is None else dict(attempt.next_action),
        "created_at": attempt.created_at,
        "version": attempt.version,
    }


def _path(gateway: str, endpoint_id: UUID) -> str:
    return f"/api/v1/payments/webhooks/{gateway}/{endpoint_id}"
