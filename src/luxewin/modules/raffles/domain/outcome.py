"""Who wins: drawn positions fill the prizes in order, then the reserve places."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

APPROVALS = 2
"""So many people decide that a ticket is skipped: one proposes, another one confirms."""


class SkipReason(StrEnum):
    """Why a drawn ticket is passed over; all but the first are decided by two people."""

    ONE_PER_PERSON = "one_per_person"
    UNDERAGE = "underage"
    TERRITORY = "territory"
    EXCLUDED = "excluded"
    STAFF = "staff"
    FRAUD = "fraud"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the draw needs to know of an entry: its number, and what opens its commitment."""

    number: int
    salt: bytes
    tag: bytes

    def revealed(self) -> dict[str, Any]:
        """Return the ticket as a skip reveals it."""
        return {"number": self.number, "salt": self.salt.hex(), "holder_tag": self.tag.hex()}


@dataclass(frozen=True, slots=True)
class Place:
    """A drawn entry that holds a prize (1, 2, 3 … in the order of the rules), or a reserve place where it is None."""

    position: int
    ticket: Ticket
    prize: int | None


@dataclass(frozen=True, slots=True)
class Skip:
    """A drawn entry that was passed over: `holding` is the same holder's ticket that has a place already."""

    position: int
    ticket: Ticket
    reason: SkipReason
    holding: Ticket | None = None
    approvals: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that was drawn, in order; prizes beyond the last winner are not awarded."""

    positions: tuple[int, ...]
    winners: tuple[Place, ...]
    reserves: tuple[Place, ...]
    skips: tuple[Skip, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awarding:
    """What the rules say of prizes; `refused` are entries that two or more people have decided to pass over."""

    prizes: int
    reserves: int
    one_prize_per_person: bool
    refused: Mapping[int, tuple[SkipReason, int]]


def decide(drawn: Iterator[int], ticket_at: Callable[[int], Ticket], awarding: Awarding) -> Outcome:
    """Fill prizes and reserve places from the drawn positions, until both are full or nothing is left to draw.

    `refused` in `awarding` gives reason and number of approvals by ticket number.
    """
    positions: list[int] = []
    places: list[Place] = []
    skips: list[Skip] = []
    holding: dict[bytes, Ticket] = {}
    while len(places) < awarding.prizes + awarding.reserves and (position := next(drawn, None)) is not None:
        ticket = ticket_at(position)
        positions.append(position)
        if ticket.number in awarding.refused:
            reason, approvals = awarding.refused[ticket.number]
            skips.append(Skip(position, ticket, reason, approvals=approvals))
        elif awarding.one_prize_per_person and ticket.tag in holding:
            skips.append(Skip(position, ticket, SkipReason.ONE_PER_PERSON, holding=holding[ticket.tag]))
        else:
            prize = len(places) + 1
            places.append(Place(position, ticket, prize if prize <= awarding.prizes else None))
            holding[ticket.tag] = ticket
    winners = tuple(place for place in places if place.prize is not None)
    return Outcome(tuple(positions), winners, tuple(places[len(winners) :]), tuple(skips))
