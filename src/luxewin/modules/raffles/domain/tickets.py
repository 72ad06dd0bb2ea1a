"""Ticket purchases, and the commitment of each ticket to its holder."""

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
    """The status of a purchase; whether the outcome of its payment is unknown is a state of its order."""

    PENDING = "pending"
    PAID = "paid"
    DECLINED = "declined"
    VOID = "void"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class TicketRequest:
    """A request for tickets of a raffle, with the answer to its question if it asks one."""

    raffle_id: UUID
    quantity: int
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketLine:
    """Tickets that are available now, at a price; its id becomes the id of the order line and of the purchase."""

    id: UUID
    raffle_id: UUID
    title: str
    quantity: int
    unit_price: Money
    limit: int
    """The maximum number of tickets of this raffle that one entrant may hold."""

    left: int
    """The number of tickets that could be bought."""

    sale: tuple[datetime, datetime]
    """When the raffle was created, and when it closes."""

    @property
    def amount(self) -> Money:
        """The total price."""
        return self.unit_price.times(self.quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Tickets that were ordered; once they are paid they have consecutive numbers, from `first_number` on."""

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
        """The numbers of its tickets; empty until it is paid."""
        return range(0) if self.first_number is None else range(self.first_number, self.first_number + self.quantity)


@dataclass(frozen=True, slots=True)
class OwnTicket:
    """A ticket as only its holder sees it: with the salt, which opens its commitment."""

    number: int
    commit: bytes
    salt: bytes
    is_valid: bool = True


@dataclass(frozen=True, slots=True)
class Opened:
    """The commits of a purchase's tickets and the salts that open them; for the holder only."""

    commits: bytes
    salts: bytes = field(repr=False)

    def tickets(self, purchase: Purchase) -> list[OwnTicket]:
        """Return the tickets of the purchase; none until it is paid."""
        is_valid = purchase.status is PurchaseStatus.PAID
        pairs = zip(purchase.numbers, split(self.commits, COMMIT_BYTES), split(self.salts, SALT_BYTES), strict=False)
        return [OwnTicket(number, commit, salt, is_valid) for number, commit, salt in pairs]


def commits_of(salts: bytes, *, raffle_id: UUID, entrant_id: UUID) -> bytes:
    """Return the concatenated commits of a purchase's tickets, one for each salt."""
    tag = holder_tag(raffle_id, entrant_id)
    return b"".join(commitment(salt=salt, tag=tag) for salt in split(salts, SALT_BYTES))


def split(content: bytes, size: int) -> Sequence[bytes]:
    """Split bytes into parts of this size."""
    return [content[start : start + size] for start in range(0, len(content), size)]
