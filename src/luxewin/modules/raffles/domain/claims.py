"""What becomes of prizes: claimed in time by who won them, or passed on; and who may decide to skip a ticket."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from luxewin.modules.raffles.domain.outcome import SkipReason
from luxewin.modules.raffles.domain.raffles import RaffleStatus
from luxewin.modules.raffles.errors import AlreadyClaimed, ClaimOver, RaffleStateForbids, SkipDecided, TwoPeopleNeeded


class WinnerStatus(StrEnum):
    """Where a drawn ticket stands."""

    RESERVE = "reserve"
    WINNER = "winner"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    UNCLAIMED = "unclaimed"
    DECLINED = "declined"
    REFUSED = "refused"


CURRENT = frozenset({WinnerStatus.WINNER, WinnerStatus.CLAIMED, WinnerStatus.HANDED_OVER})
"""Who has a prize, or may have it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """A drawn ticket with its prize; a reserve has none until one is passed on to it."""

    place: int
    prize: int | None
    number: int
    entrant_id: UUID
    status: WinnerStatus
    claim_by: datetime | None
    order_id: UUID | None
    skip_reason: SkipReason | None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about its prize."""
        return self.status is WinnerStatus.WINNER or (self.status is WinnerStatus.CLAIMED and self.order_id is None)

    def is_overdue(self, now: datetime) -> bool:
        """Whether its time to claim is over."""
        return self.status is WinnerStatus.WINNER and self.claim_by is not None and self.claim_by <= now

    def must_be_claimable(self, now: datetime) -> None:
        """Refuse a claim that comes twice, or too late.

        Raises:
            AlreadyClaimed: it is claimed already.
            ClaimOver: the prize was passed on, or is about to be.
        """
        if self.status in CURRENT - {WinnerStatus.WINNER}:
            raise AlreadyClaimed
        if self.status is not WinnerStatus.WINNER or self.is_overdue(now):
            raise ClaimOver(claim_by=self.claim_by)

    def must_await_hand_over(self) -> None:
        """Refuse to hand over what nobody has claimed, or what an order ships.

        Raises:
            ClaimOver: it is not claimed, or is done with.
        """
        if not (self.status is WinnerStatus.CLAIMED and self.is_open):
            raise ClaimOver("There is nothing to hand over", winner_status=self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class SkipDecision:
    """That a ticket is passed over, as one has proposed it and perhaps another has confirmed."""

    number: int
    reason: SkipReason
    note: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None

    def must_be_confirmable_by(self, person: UUID) -> None:
        """Refuse a confirmation by who has proposed it, and a second one.

        Raises:
            TwoPeopleNeeded: it is the same person.
            SkipDecided: it was confirmed before.
        """
        if self.confirmed_by is not None:
            raise SkipDecided
        if person == self.proposed_by:
            raise TwoPeopleNeeded


def claim_by(now: datetime, days: int) -> datetime:
    """Return until when a prize may be claimed that is won now."""
    return now + timedelta(days=days)


def must_skip_in_time(status: RaffleStatus, now: datetime, *, draws_at: int) -> None:
    """Refuse to decide on tickets while the round is known and the winners are not: it would choose among them.

    Raises:
        RaffleStateForbids: the round is due, or the raffle sells nothing yet or no longer goes on.
    """
    before_draw = status in {RaffleStatus.OPEN, RaffleStatus.LOCKED, RaffleStatus.ANCHORED}
    if status is not RaffleStatus.DRAWN and not (before_draw and now.timestamp() < draws_at):
        raise RaffleStateForbids("Tickets are skipped before the round, or once they have won", raffle_status=status)
