"""What somebody buys of a raffle, and what each ticket commits to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.modules.raffles.domain.bundles import COMMIT_BYTES
from luxewin.modules.raffles.domain.encoding import commitment, holder_tag

SALT_BYTES = 32


class PurchaseStatus(StrEnum):
    """Where a purchase stands; that the outcome of its payment is unknown is the order's to know."""

    PENDING = "pending"
    PAID = "paid"
    DECLINED = "declined"
    VOID = "void"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Wish:
    """So many tickets of a raffle, with the answer to its question where it asks one."""

    raffle_id: UUID
    quantity: int
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stake:
    """Tickets that may be had at this moment; its id becomes that of the order's line and of the purchase."""

    id: UUID
    raffle_id: UUID
    title: str
    quantity: int
    unit_price: Money
    limit: int
    """How many tickets of this raffle its entrant may hold."""

    @property
    def amount(self) -> Money:
        """What they cost."""
        return self.unit_price.times(self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Tickets that were bought, or were to be; they have numbers, one after the other, from when they were paid."""

    id: UUID
    raffle_id: UUID
    order_id: UUID | None
    entrant_id: UUID
    quantity: int
    amount: Money
    status: PurchaseStatus
    first_number: int | None
    created_at: datetime

    @property
    def numbers(self) -> range:
        """The numbers of its tickets."""
        return range(0) if self.first_number is None else range(self.first_number, self.first_number + self.quantity)


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A ticket as its holder sees it: the salt, which opens its commitment, is shown to nobody else."""

    number: int
    commit: bytes
    salt: bytes
    is_valid: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """What a purchase's tickets commit to, and what opens it, for their holder alone."""

    commits: bytes
    salts: bytes = field(repr=False)

    def tickets(self, purchase: Purchase) -> list[OwnTicket]:
        """Return the tickets of the purchase; none before it was paid."""
        is_valid = purchase.status is PurchaseStatus.PAID
        pairs = zip(purchase.numbers, split(self.commits, COMMIT_BYTES), split(self.salts, SALT_BYTES), strict=False)
        return [OwnTicket(number, commit, salt, is_valid) for number, commit, salt in pairs]


def commits_of(salts: bytes, *, raffle_id: UUID, entrant_id: UUID) -> bytes:
    """Return what a purchase's tickets commit to, one behind the other."""
    tag = holder_tag(raffle_id, entrant_id)
    return b"".join(commitment(salt=salt, tag=tag) for salt in split(salts, SALT_BYTES))


def split(whole: bytes, size: int) -> Sequence[bytes]:
    """Cut bytes into pieces of one size."""
    return [whole[at : at + size] for at in range(0, len(whole), size)]
