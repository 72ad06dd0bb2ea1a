"""Claiming prizes in time, passing on prizes that are not claimed, and disqualifying tickets."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from luxewin.modules.raffles.domain.outcome import SkipReason
from luxewin.modules.raffles.domain.raffles import RaffleStatus
from luxewin.modules.raffles.errors import (
    AlreadyClaimed,
    ClaimOver,
    DisqualificationDecided,
    RaffleStateForbids,
    TwoPeopleNeeded,
)


class WinnerStatus(StrEnum):
    """The status of a drawn ticket."""

    RESERVE = "reserve"
    WINNER = "winner"
    CLAIMED = "claimed"
    HANDED_OVER = "handed_over"
    UNCLAIMED = "unclaimed"
    DECLINED = "declined"
    DISQUALIFIED = "refused"


CURRENT = frozenset({WinnerStatus.WINNER, WinnerStatus.CLAIMED, WinnerStatus.HANDED_OVER})
"""The statuses of a ticket that has a prize, or may still claim it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Winner:
    """A drawn ticket; `prize` is None for a reserve until a prize is passed on to it.

    `place` is its rank in the order of the draw, from 1.
    """

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
        """True if its prize is still to be claimed, or claimed and still to be handed over."""
        return self.status is WinnerStatus.WINNER or (self.status is WinnerStatus.CLAIMED and self.order_id is None)

    def is_overdue(self, now: datetime) -> bool:
        """Return whether the time to claim its prize has passed without a claim."""
        return self.status is WinnerStatus.WINNER and self.claim_by is not None and self.claim_by <= now

    def must_be_claimable(self, now: datetime) -> None:
        """Check that the prize can be claimed or declined now.

        Raises:
            AlreadyClaimed: it is already claimed.
            ClaimOver: the time to claim has passed, or the prize was passed on.
        """
        if self.status in CURRENT - {WinnerStatus.WINNER}:
            raise AlreadyClaimed
        if self.status is not WinnerStatus.WINNER or self.is_overdue(now):
            raise ClaimOver(claim_by=self.claim_by)

    def must_await_hand_over(self) -> None:
        """Check that the prize is claimed and not shipped by an order.

        Raises:
            ClaimOver: it is not claimed, is shipped by an order, or was handed over.
        """
        if not (self.status is WinnerStatus.CLAIMED and self.is_open):
            raise ClaimOver(
                f"Only a claimed prize that no order ships can be handed over; this one is `{self.status}`",
                winner_status=self.status,
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Disqualification:
    """A proposal to disqualify a ticket, and its confirmation if there is one."""

    number: int
    reason: SkipReason
    note: str
    proposed_by: UUID
    proposed_at: datetime
    confirmed_by: UUID | None = None
    confirmed_at: datetime | None = None

    def must_be_confirmable_by(self, person: UUID) -> None:
        """Check that this person may confirm the proposal.

        Raises:
            TwoPeopleNeeded: the person proposed it.
            DisqualificationDecided: it is already confirmed.
        """
        if self.confirmed_by is not None:
            raise DisqualificationDecided
        if person == self.proposed_by:
            raise TwoPeopleNeeded


def claim_by(now: datetime, days: int) -> datetime:
    """Return the time until which a prize that is won now can be claimed."""
    return now + timedelta(days=days)


def must_disqualify_in_time(status: RaffleStatus, now: datetime, *, draws_at: int) -> None:
    """Check that no ticket is disqualified while the round is known and not yet drawn: that would choose the winners.

    Raises:
        RaffleStateForbids: the round is due and the raffle is not drawn, or it is a draft or has ended.
    """
    before_draw = status in {RaffleStatus.OPEN, RaffleStatus.LOCKED, RaffleStatus.ANCHORED}
    if status is not RaffleStatus.DRAWN and not (before_draw and now.timestamp() < draws_at):
        raise RaffleStateForbids(
            "A ticket can be disqualified before the round is due, or after the raffle is drawn", raffle_status=status
        )
