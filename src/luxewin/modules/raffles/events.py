"""The domain events of raffles."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from luxewin.kit.events import DomainEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class RafflePublished(DomainEvent):
    """A raffle was published: its rules are frozen, and its tickets can be bought."""

    type: ClassVar[str] = "raffles.raffle_published"

    title: str
    rules_hash: str
    closes_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleRescheduled(DomainEvent):
    """A raffle was rescheduled: a new version of its rules has a later closing time."""

    type: ClassVar[str] = "raffles.raffle_postponed"

    rules_version: int
    rules_hash: str
    closes_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleLocked(DomainEvent):
    """The list of entries was locked; the receipt commits to it."""

    type: ClassVar[str] = "raffles.raffle_locked"

    receipt_hash: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleAnchored(DomainEvent):
    """The receipt of the locked list was anchored, with the required number of confirmations."""

    type: ClassVar[str] = "raffles.raffle_anchored"

    transaction_hash: str
    block_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleVoided(DomainEvent):
    """A locked raffle was ended without a draw; `RaffleCancelled` follows."""

    type: ClassVar[str] = "raffles.raffle_voided"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleDrawn(DomainEvent):
    """A raffle was drawn: its winners are known, and anybody can recompute them."""

    type: ClassVar[str] = "raffles.raffle_drawn"

    winning_numbers: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class HypotheticalDrawRecorded(DomainEvent):
    """The hypothetical draw of a raffle that two people cancelled after its lock was recorded; nobody has won."""

    type: ClassVar[str] = "raffles.draw_shown"

    would_have_won: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleCancelled(DomainEvent):
    """A raffle was cancelled: nothing is drawn, and every purchase is refunded."""

    type: ClassVar[str] = "raffles.raffle_cancelled"

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizeClaimed(DomainEvent):
    """A winner claimed a prize; `order_id` is the order that ships it, if one does."""

    type: ClassVar[str] = "raffles.prize_claimed"

    prize: int
    number: int
    order_id: UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrizePassedOn(DomainEvent):
    """A prize was passed on from ticket `number` to ticket `passed_to`; None if no reserve is left."""

    type: ClassVar[str] = "raffles.prize_passed_on"

    prize: int
    number: int
    reason: str
    passed_to: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleSettled(DomainEvent):
    """A raffle was settled: no prize is still to be claimed or handed over."""

    type: ClassVar[str] = "raffles.raffle_settled"
