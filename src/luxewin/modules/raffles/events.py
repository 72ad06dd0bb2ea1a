"""What happens to raffles."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RafflePublished(DomainEvent):
    """A raffle's rules are frozen, and its tickets can be bought."""

    type: ClassVar[str] = "raffles.raffle_published"

    title: str
    rules_hash: str
    closes_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RafflePostponed(DomainEvent):
    """A raffle closes later than promised before, by a new version of its rules."""

    type: ClassVar[str] = "raffles.raffle_postponed"

    rules_version: int
    rules_hash: str
    closes_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleLocked(DomainEvent):
    """No ticket comes or goes any more; the receipt says which take part."""

    type: ClassVar[str] = "raffles.raffle_locked"

    receipt_hash: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleAnchored(DomainEvent):
    """The receipt of the locked list stands on the chain, as deep as is demanded."""

    type: ClassVar[str] = "raffles.raffle_anchored"

    transaction_hash: str
    block_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleVoided(DomainEvent):
    """The list was locked and cannot be drawn; by the raffle's rules, it is cancelled."""

    type: ClassVar[str] = "raffles.raffle_voided"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleDrawn(DomainEvent):
    """The winners are known, and anybody can recompute them."""

    type: ClassVar[str] = "raffles.raffle_drawn"

    winning_numbers: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawShown(DomainEvent):
    """What the round would have given to a raffle that two people have cancelled; nobody has won."""

    type: ClassVar[str] = "raffles.draw_shown"

    would_have_won: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleCancelled(DomainEvent):
    """Nothing is drawn, and every purchase is refunded."""

    type: ClassVar[str] = "raffles.raffle_cancelled"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizeClaimed(DomainEvent):
    """A winner has claimed a prize; `order_id` is the order that ships it, where one does."""

    type: ClassVar[str] = "raffles.prize_claimed"

    prize: int
    number: int
    order_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizePassedOn(DomainEvent):
    """A prize was not claimed, declined, or refused: the next ticket in reserve has it, if there is one."""

    type: ClassVar[str] = "raffles.prize_passed_on"

    prize: int
    number: int
    reason: str
    passed_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleSettled(DomainEvent):
    """Every prize is claimed and sent or handed over, or nobody is left who could have it."""

    type: ClassVar[str] = "raffles.raffle_settled"
