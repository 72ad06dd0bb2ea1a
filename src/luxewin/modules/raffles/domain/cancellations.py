"""Cancelling a raffle whose list is locked: decided by two people, before the round is known."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from luxewin.modules.raffles.domain.encoding import Json
from luxewin.modules.raffles.domain.raffles import Raffle, RaffleStatus
from luxewin.modules.raffles.errors import CancellationDecided, RaffleStateForbids, TwoPeopleNeeded


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """A proposal to cancel a locked raffle, and its confirmation if there is one."""

    reason: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None

    @property
    def is_confirmed(self) -> bool:
        """True if a second person has confirmed the proposal."""
        return self.confirmed_by is not None

    def must_be_confirmable_by(self, person: UUID) -> None:
        """Check that this person may confirm the proposal.

        Raises:
            TwoPeopleNeeded: the person proposed it.
            CancellationDecided: it is already confirmed.
        """
        if self.is_confirmed:
            raise CancellationDecided
        if person == self.proposed_by:
            raise TwoPeopleNeeded


def must_cancel_in_time(raffle: Raffle, now: datetime, *, draws_at: int) -> None:
    """Check that the raffle is locked and its round is not due: a person who knows the round can compute the winners.

    Raises:
        RaffleStateForbids: the round is due, the raffle is not locked, or its receipt is anchored.
    """
    if raffle.status is not RaffleStatus.LOCKED or now.timestamp() >= draws_at:
        raise RaffleStateForbids(
            "A locked raffle can be cancelled only before its receipt is anchored and before its round is due",
            raffle_status=raffle.status,
        )


def drawn_numbers(outcome: Json) -> Sequence[int]:
    """Return the ticket numbers of an outcome's winners and then of its reserves, in the order of the draw."""
    return [entry["number"] for entry in (*outcome["winners"], *outcome["reserves"])]
