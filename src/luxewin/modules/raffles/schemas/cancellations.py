"""Cancelling a locked raffle, as it comes in and goes out."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import ConfigDict, Field, JsonValue

from luxewin.kit.http.fields import Body, ShortText, View
from luxewin.modules.raffles.domain.cancelling import Cancellation
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
    """Why a raffle is cancelled."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "the prize was damaged"}]})

    reason: ShortText


class WouldHaveWonView(View):
    """A ticket that would have won, had the raffle not been cancelled."""

    prize: int
    number: int


class CancellationView(View):
    """That a locked raffle is cancelled; it counts once another person has confirmed it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CANCELLATION]})

    raffle_id: UUID
    reason: str
    approvals: int = Field(description="How many people have decided it")
    proposed_by: UUID | None = Field(description="Shown to staff alone")
    proposed_at: datetime
    confirmed_by: UUID | None = Field(description="Shown to staff alone")
    confirmed_at: datetime | None
    would_have_won: list[WouldHaveWonView] | None = Field(
        description="Who would have won; null until the round is known"
    )

    @classmethod
    def of(cls, raffle_id: UUID, decision: Cancellation, outcome: Json | None, *, for_staff: bool) -> Self:
        """Shape a proposal, or what was decided and what it has prevented."""
        return cls(
            raffle_id=raffle_id,
            reason=decision.reason,
            approvals=APPROVALS if decision.is_confirmed else 1,
            proposed_by=decision.proposed_by if for_staff else None,
            proposed_at=decision.proposed_at,
            confirmed_by=decision.confirmed_by if for_staff else None,
            confirmed_at=decision.confirmed_at,
            would_have_won=None
            if outcome is None
            else [WouldHaveWonView(prize=winner["prize"], number=winner["number"]) for winner in outcome["winners"]],
        )
