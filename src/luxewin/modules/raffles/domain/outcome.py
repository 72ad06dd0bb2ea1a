"""Deciding a draw: the drawn positions receive the prizes in order, then the reserve places."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

APPROVALS = 2
"""The number of people who decide a disqualification: one proposes it, another confirms it."""


class SkipReason(StrEnum):
    """The reason for skipping a ticket in the draw; all except `one_per_person` are disqualifications by two people."""

    ONE_PER_PERSON = "one_per_person"
    UNDERAGE = "underage"
    TERRITORY = "territory"
    EXCLUDED = "excluded"
    STAFF = "staff"
    FRAUD = "fraud"


@dataclass(frozen=True, slots=True)
class Ticket:
    """An entry as the draw needs it: its number, and the salt and holder tag that open its commitment."""

    number: int
    salt: bytes
    tag: bytes

    def reveal(self) -> dict[str, Any]:
        """Return the ticket in the JSON form of a skip's `reveal`."""
        return {"number": self.number, "salt": self.salt.hex(), "holder_tag": self.tag.hex()}


@dataclass(frozen=True, slots=True)
class Award:
    """A drawn entry with its prize (1, 2, 3 … in the order of the rules), or a reserve if `prize` is None."""

    position: int
    ticket: Ticket
    prize: int | None


@dataclass(frozen=True, slots=True)
class Skip:
    """A drawn entry that was skipped; `earlier` is the ticket of the same holder that was drawn before it."""

    position: int
    ticket: Ticket
    reason: SkipReason
    earlier: Ticket | None = None
    approvals: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a draw, in order; prizes beyond the last winner are not awarded."""

    positions: tuple[int, ...]
    winners: tuple[Award, ...]
    reserves: tuple[Award, ...]
    skips: tuple[Skip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AwardRules:
    """The numbers of prizes and reserves to draw, and the tickets that cannot have one.

    `disqualified` maps a ticket number to the reason and the number of people who approved it.
    """

    prizes: int
    reserves: int
    one_prize_per_person: bool
    disqualified: Mapping[int, tuple[SkipReason, int]]


def decide(drawn: Iterator[int], ticket_at: Callable[[int], Ticket], award_rules: AwardRules) -> Outcome:
    """Award prizes and reserve places to the drawn positions, until all are awarded or no position is left."""
    positions: list[int] = []
    awards: list[Award] = []
    skips: list[Skip] = []
    awarded: dict[bytes, Ticket] = {}
    while len(awards) < award_rules.prizes + award_rules.reserves and (position := next(drawn, None)) is not None:
        ticket = ticket_at(position)
        positions.append(position)
        if ticket.number in award_rules.disqualified:
            reason, approvals = award_rules.disqualified[ticket.number]
            skips.append(Skip(position, ticket, reason, approvals=approvals))
        elif award_rules.one_prize_per_person and ticket.tag in awarded:
            skips.append(Skip(position, ticket, SkipReason.ONE_PER_PERSON, earlier=awarded[ticket.tag]))
        else:
            prize = len(awards) + 1
            awards.append(Award(position, ticket, prize if prize <= award_rules.prizes else None))
            awarded[ticket.tag] = ticket
    winners = tuple(award for award in awards if award.prize is not None)
    return Outcome(tuple(positions), winners, tuple(awards[len(winners) :]), tuple(skips))
