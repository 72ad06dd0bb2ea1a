"""Who may cancel a raffle whose list is locked, and until when: two people, before the round is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.errors import CancellationDecided, RaffleStateForbids, TwoPeopleNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """That a locked raffle is cancelled, as one has proposed it and perhaps another has confirmed."""

    reason: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """Whether two people have decided it."""
        return self.confirmed_by is not None

    def must_be_confirmable_by(self, person: UUID) -> None:
        """Refuse a confirmation by who has proposed it, and a second one.

        Raises:
            TwoPeopleNeeded: it is the same person.
            CancellationDecided: it was confirmed before.
        """
        if self.is_confirmed:
            raise CancellationDecided
        if person == self.proposed_by:
            raise TwoPeopleNeeded


def must_cancel_in_time(raffle: Raffle, now: datetime, *, draws_at: int) -> None:
    """Refuse to decide once the round is due: whoever knows it knows who would win.

    Raises:
        RaffleStateForbids: the round is due, or the raffle is not locked, or its receipt stands on the chain.
    """
    if raffle.status is not RaffleStatus.LOCKED or now.timestamp() >= draws_at:
        raise RaffleStateForbids(
            "A locked raffle is cancelled before its receipt is anchored and its round is due",
            raffle_status=raffle.status,
        )


def drawn_numbers(outcome: Json) -> Sequence[int]:
    """Return the tickets that an outcome gives prizes and reserve places, in order."""
    return [place["number"] for place in (*outcome["winners"], *outcome["reserves"])]
