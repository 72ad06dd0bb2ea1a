"""Prizes as winners claim them, and tickets as staff skips them."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.fields import AddressField, Body, MoneyField, ShortText, View
from luxewin.modules.raffles.domain.claims import SkipDecision, Winner
from luxewin.modules.raffles.domain.outcome import SkipReason
from luxewin.modules.raffles.domain.raffles import MOST_PRIZES, MOST_TICKETS, Prize
from luxewin.modules.raffles.schemas.raffles import RAFFLE_ID
from luxewin.modules.raffles.schemas.tickets import ENTRANT_ID

_ADDRESS: JsonValue = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
_CLAIM: JsonValue = {
    "raffle_id": RAFFLE_ID,
    "prize": 1,
    "name": "Oslo Lounge Chair",
    "value": {"amount": 64900, "currency": "USD"},
    "number": 121,
    "entrant_id": ENTRANT_ID,
    "status": "claimed",
    "claim_by": "2027-01-07T18:10:00Z",
    "is_shipped": True,
    "order_id": "0199a1b2-7c00-7000-8000-00000000000b",
}
_SKIP: JsonValue = {
    "number": 121,
    "reason": "staff",
    "note": "an account of our warehouse",
    "proposed_by": "0199a1b2-7c00-7000-8000-000000000023",
    "proposed_at": "2026-12-25T09:00:00Z",
    "confirmed_by": None,
    "confirmed_at": None,
}


class NewClaim(Body):
    """A claim of a prize; one that is sent needs an address."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"prize": 1, "shipping_address": _ADDRESS}, {"prize": 2}]}
    )

    prize: int = Field(strict=True, ge=1, le=MOST_PRIZES, description="Its place among the prizes")
    shipping_address: AddressField | None = Field(default=None, description="Where the prize is sent, if it is sent")
    shipping_method: ShortText | None = Field(default=None, description="Missing: the cheapest that serves the address")


class HandOverBody(Body):
    """How a prize was handed over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "picked up at the shop, passport seen"}]})

    note: ShortText


class ClaimView(View):
    """A prize and who has won it, as they and staff see it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLAIM]})

    raffle_id: UUID
    prize: int
    name: str
    value: MoneyField | None
    number: int
    entrant_id: UUID
    status: str = Field(description="winner (to be claimed), claimed, handed_over; unclaimed, declined, refused")
    claim_by: datetime | None
    is_shipped: bool = Field(description="Whether an order ships it, so that a claim needs an address")
    order_id: UUID | None

    @classmethod
    def of(cls, raffle_id: UUID, winner: Winner, prize: Prize) -> Self:
        """Shape a winner with a prize."""
        assert winner.prize is not None, "only who has a prize claims it"
        return cls(
            raffle_id=raffle_id,
            prize=winner.prize,
            name=prize.name,
            value=None if prize.value is None else MoneyField.of(prize.value),
            number=winner.number,
            entrant_id=winner.entrant_id,
            status=winner.status,
            claim_by=winner.claim_by,
            is_shipped=prize.variant_id is not None,
            order_id=winner.order_id,
        )


class ClaimsView(View):
    """Prizes of a raffle that the caller may see, in the order in which their tickets were drawn."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_CLAIM]}]})

    data: list[ClaimView]


class SkipBody(Body):
    """Why a ticket is to be passed over; the reason is public, the note is for staff."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": 121, "reason": "staff", "note": "an account of our warehouse"}]}
    )

    number: int = Field(strict=True, ge=1, le=MOST_TICKETS)
    reason: Literal["underage", "territory", "excluded", "staff", "fraud"]
    note: ShortText

    @property
    def skip_reason(self) -> SkipReason:
        """The reason as the domain knows it."""
        return SkipReason(self.reason)


class SkipView(View):
    """A proposal to pass over a ticket; it counts once another person has confirmed it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_SKIP]})

    number: int
    reason: str
    note: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, decision: SkipDecision) -> Self:
        """Shape a proposal."""
        return cls(
            number=decision.number,
            reason=decision.reason,
            note=decision.note,
            proposed_by=decision.proposed_by,
            proposed_at=decision.proposed_at,
            confirmed_by=decision.confirmed_by,
            confirmed_at=decision.confirmed_at,
        )


class SkipsView(View):
    """What was proposed of a raffle's tickets, by number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_SKIP]}]})

    data: list[SkipView]
