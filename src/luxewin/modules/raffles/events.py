"""What happens to raffles."""

from dataclasses import dataclass
from typing import ClassVar

from luxewin.kit.events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class RafflePublished(Fact):
    """A raffle's rules are frozen, and its tickets can be bought."""

    type: ClassVar[str] = "raffles.raffle_published"

    title: str
    rules_hash: str
    closes_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleLocked(Fact):
    """No ticket comes or goes any more; the receipt says which take part."""

    type: ClassVar[str] = "raffles.raffle_locked"

    receipt_hash: str
    entries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleDrawn(Fact):
    """The winners are known, and anybody can recompute them."""

    type: ClassVar[str] = "raffles.raffle_drawn"

    winning_numbers: list[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RaffleCancelled(Fact):
    """Nothing is drawn, and every purchase is refunded."""

    type: ClassVar[str] = "raffles.raffle_cancelled"

    reason: str
