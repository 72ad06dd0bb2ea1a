"""What the simulator tells by webhook, as JSON, and how it is read back."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from luxewin.kit.money import LARGEST_AMOUNT_MINOR, Money
from luxewin.modules.payments.domain.gateway_words import Charge, Dispute, GatewayEvent, Outcome, OutcomeStatus
from luxewin.modules.payments.errors import WebhookRefused
from luxewin.modules.payments.gateways.simulator.scripts import Script
from luxewin.modules.payments.repository.simulator_books import Telling, charge_reference, dispute_reference

_Name = Annotated[str, Field(min_length=1, max_length=100)]
_Amount = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT_MINOR)]


class _Words(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Charge(_Words):
    attempt_id: UUID
    reference: _Name
    status: Literal["captured"]
    amount: _Amount
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class _Dispute(_Words):
    reference: _Name
    amount: _Amount


class _Event(_Words):
    id: _Name
    type: Literal["charge.captured", "charge.disputed"]
    charge: _Charge
    dispute: _Dispute | None = None


def tellings_of(charge: Charge, amount: Money, script: Script) -> list[Telling]:
    """Return what is to be told of a charge later: that it was captured after all, that it is disputed."""
    told = _Charge(
        attempt_id=charge.attempt_id,
        reference=charge_reference(charge.attempt_id),
        status="captured",
        amount=amount.minor,
        currency=amount.currency,
    )
    tellings = []
    if script.captures_after_seconds is not None:
        event = _Event(id=f"sim_evt_captured_{charge.attempt_id.hex}", type="charge.captured", charge=told)
        tellings.append(_telling(event, script.captures_after_seconds))
    if script.disputed_after_seconds is not None:
        dispute = _Dispute(reference=dispute_reference(charge.attempt_id), amount=amount.minor)
        event = _Event(
            id=f"sim_evt_disputed_{charge.attempt_id.hex}", type="charge.disputed", charge=told, dispute=dispute
        )
        tellings.append(_telling(event, script.disputed_after_seconds))
    return tellings


def event_of(body: bytes) -> GatewayEvent:
    """Read an event back from a webhook's body.

    Raises:
        WebhookRefused: the body is no event of the simulator's.
    """
    try:
        told = _Event.model_validate_json(body)
    except ValidationError as error:
        raise WebhookRefused("The body is no event of this gateway") from error
    charge, dispute = told.charge, told.dispute
    return GatewayEvent(
        id=told.id,
        attempt_id=charge.attempt_id,
        outcome=Outcome(OutcomeStatus(charge.status), charge.reference, Money(charge.amount, charge.currency)),
        dispute=None if dispute is None else Dispute(dispute.reference, Money(dispute.amount, charge.currency)),
    )


def _telling(event: _Event, after_seconds: float) -> Telling:
    return Telling(event.id, event.model_dump_json(exclude_none=True).encode(), after_seconds)
