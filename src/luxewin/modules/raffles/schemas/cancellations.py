"""Request and response bodies for cancelling a locked raffle."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, ShortText, View
from luxewin.modules.raffles.domain.cancellations import Cancellation
from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.outcome import APPROVALS
from luxewin.modules.raffles.schemas.raffles import RAFFLE_ID

_CANCELLATION: dict[str, JsonValue] = {
    "raffle_id": RAFFLE_ID,
    "reason": "the prize was damaged",
    "approvals": 2,
    "proposed_by": None,
    "proposed_at": "2026-12-24T18:02:00Z",
    "confirmed_by": None,
    "confirmed_at": "2026-12-24T18:05:00Z",
    "would_have_won": [{"prize": 1, "number": 121}],
}


class CancellationBody(Body):
    """The reason for cancelling a raffle."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the prize was damaged"}]})

    reason: ShortText


class ConfirmationBody(Body):
    """The confirmation of what another person has proposed."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "Confirm as a member of the staff": {},
                "Confirm as a super admin": {"break_glass": "the only other admin is ill"},
            }
        )
    )

    break_glass: ShortText | None = Field(
        default=None, description="Super admins only: why they confirm it in place of the tenant's staff; audited"
    )


class WouldHaveWonView(View):
    """A ticket that would have won if the raffle had not been cancelled."""

    prize: int
    number: int


class CancellationView(View):
    """The cancellation of a locked raffle; it takes effect when another person confirms it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CANCELLATION]})

    raffle_id: UUID
    reason: str
    approvals: int = Field(description="Number of people who have approved it")
    proposed_by: UUID | None = Field(description="Visible only to staff")
    proposed_at: datetime
    confirmed_by: UUID | None = Field(description="Visible only to staff")
    confirmed_at: datetime | None
    would_have_won: list[WouldHaveWonView] | None = Field(
        description="The tickets that would have won; null until the round is due"
    )

    @classmethod
    def of(cls, raffle_id: UUID, cancellation: Cancellation, outcome: Json | None, *, for_staff: bool) -> Self:
        """Return the response for a cancellation, with the outcome of its hypothetical draw if recorded."""
        return cls(
            raffle_id=raffle_id,
            reason=cancellation.reason,
            approvals=APPROVALS if cancellation.is_confirmed else 1,
            proposed_by=cancellation.proposed_by if for_staff else None,
            proposed_at=cancellation.proposed_at,
            confirmed_by=cancellation.confirmed_by if for_staff else None,
            confirmed_at=cancellation.confirmed_at,
            would_have_won=None
            if outcome is None
            else [WouldHaveWonView(prize=winner["prize"], number=winner["number"]) for winner in outcome["winners"]],
        )
