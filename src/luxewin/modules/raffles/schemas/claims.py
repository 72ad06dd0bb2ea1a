"""Request and response bodies for claims of prizes and disqualifications of tickets."""

from datetime import datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import AddressField, Body, MoneyField, ShortText, View
from luxewin.modules.raffles.domain.claims import Disqualification, Winner
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
_DISQUALIFICATION: JsonValue = {
    "number": 121,
    "reason": "staff",
    "note": "an account of our warehouse",
    "proposed_by": "0199a1b2-7c00-7000-8000-000000000023",
    "proposed_at": "2026-12-25T09:00:00Z",
    "confirmed_by": None,
    "confirmed_at": None,
}


class NewClaim(Body):
    """A claim of a prize; a prize that is shipped needs an address."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Claim a prize that is shipped": {"prize": 1, "shipping_address": _ADDRESS},
                "Claim a prize that is not shipped": {"prize": 2},
            }
        )
    )

    prize: int = Field(strict=True, ge=1, le=MOST_PRIZES, description="Position of the prize, from 1")
    shipping_address: AddressField | None = Field(default=None, description="Required if the prize is shipped")
    shipping_method: ShortText | None = Field(default=None, description="Missing: the cheapest for the address")


class HandOverBody(Body):
    """The record of a prize that was handed over."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "picked up at the shop, passport seen"}]})

    note: ShortText


class ClaimView(View):
    """A prize and its winner, visible to the winner and to staff."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CLAIM]})

    raffle_id: UUID
    prize: int
    name: str
    value: MoneyField | None
    number: int
    entrant_id: UUID
    status: str = Field(
        description="winner (not claimed yet), claimed, handed_over, unclaimed, declined, or refused (disqualified)"
    )
    claim_by: datetime | None
    is_shipped: bool = Field(description="Whether an order ships it; then a claim needs an address")
    order_id: UUID | None

    @classmethod
    def of(cls, raffle_id: UUID, winner: Winner, prize: Prize) -> Self:
        """Return the response for a winner with a prize."""
        assert winner.prize is not None, "the caller selects winners with a prize"
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
    """The prizes of a raffle that the caller may see, in the order of the draw."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_CLAIM]}]})

    data: list[ClaimView]


class DisqualificationBody(Body):
    """A ticket to disqualify, and the reason; the reason is public, the note is visible only to staff."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"number": 121, "reason": "staff", "note": "an account of our warehouse"}]}
    )

    number: int = Field(strict=True, ge=1, le=MOST_TICKETS)
    reason: Literal["underage", "territory", "excluded", "staff", "fraud"]
    note: ShortText

    @property
    def skip_reason(self) -> SkipReason:
        """The reason as a value of the domain."""
        return SkipReason(self.reason)


class DisqualificationView(View):
    """The disqualification of a ticket; it takes effect when another person confirms it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DISQUALIFICATION]})

    number: int
    reason: str
    note: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None
    confirmed_at: datetime | None

    @classmethod
    def of(cls, disqualification: Disqualification) -> Self:
        """Return the response for a disqualification."""
        return cls(
            number=disqualification.number,
            reason=disqualification.reason,
            note=disqualification.note,
            proposed_by=disqualification.proposed_by,
            proposed_at=disqualification.proposed_at,
            confirmed_by=disqualification.confirmed_by,
            confirmed_at=disqualification.confirmed_at,
        )


class DisqualificationsView(View):
    """The disqualifications of a raffle's tickets, sorted by ticket number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"data": [_DISQUALIFICATION]}]})

    data: list[DisqualificationView]
