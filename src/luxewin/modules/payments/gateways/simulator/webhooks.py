"""The bodies of the simulator's webhooks: their JSON, and its parser."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from luxewin.kit.money import LARGEST_AMOUNT_MINOR, Money
from luxewin.modules.payments.domain.gateway_messages import Charge, Dispute, GatewayEvent, Outcome, OutcomeStatus
from luxewin.modules.payments.errors import WebhookRefused
from luxewin.modules.payments.gateways.simulator.scripts import Script
from luxewin.modules.payments.repository.simulator_ledger import (
    ScheduledWebhook,
    charge_reference,
    dispute_reference,
)

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Amount = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT_MINOR)]


class _Message(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Charge(_Message):
    attempt_id: UUID
    reference: _Name
    status: Literal["captured"]
    amount: _Amount
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class _Dispute(_Message):
    reference: _Name
    amount: _Amount


class _Event(_Message):
    id: _Name
    type: Literal["charge.captured", "charge.disputed"]
    charge: _Charge
    dispute: _Dispute | None = None


def scheduled_webhooks(charge: Charge, amount: Money, script: Script) -> list[ScheduledWebhook]:
    """Return the webhooks that follow a charge: that it was captured later, that it is disputed."""
    captured = _Charge(
        attempt_id=charge.attempt_id,
        reference=charge_reference(charge.attempt_id),
        status="captured",
        amount=amount.minor,
        currency=amount.currency,
    )
    scheduled = []
    if script.captures_after_seconds is not None:
        event = _Event(id=f"sim_evt_captured_{charge.attempt_id.hex}", type="charge.captured", charge=captured)
        scheduled.append(_scheduled(event, script.captures_after_seconds))
    if script.disputed_after_seconds is not None:
        dispute = _Dispute(reference=dispute_reference(charge.attempt_id), amount=amount.minor)
        event = _Event(
            id=f"sim_evt_disputed_{charge.attempt_id.hex}", type="charge.disputed", charge=captured, dispute=dispute
        )
        scheduled.append(_scheduled(event, script.disputed_after_seconds))
    return scheduled


def parse_event(body: bytes) -> GatewayEvent:
    """Parse the body of a webhook.

    Raises:
        WebhookRefused: the body is not an event of the simulator.
    """
    try:
        event = _Event.model_validate_json(body)
    except ValidationError as error:
        raise WebhookRefused("The body is not an event of this gateway") from error
    charge, dispute = event.charge, event.dispute
    return GatewayEvent(
        id=event.id,
        attempt_id=charge.attempt_id,
        outcome=Outcome(OutcomeStatus(charge.status), charge.reference, Money(charge.amount, charge.currency)),
        dispute=None if dispute is None else Dispute(dispute.reference, Money(dispute.amount, charge.currency)),
    )


def _scheduled(event: _Event, after_seconds: float) -> ScheduledWebhook:
    return ScheduledWebhook(event.id, event.model_dump_json(exclude_none=True).encode(), after_seconds)
