"""How stock is divided among those who ask for it: pure rules over what was read."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from luxewin.modules.inventory.errors import SoldOut

Place = tuple[UUID, UUID]
"""A variant at a location: one row of stock."""

Release = Literal["released", "expired"]


class MovementKind(StrEnum):
    """Why a number on a shelf changed."""

    RECEIVED = "received"
    SOLD = "sold"
    RESTOCKED = "restocked"
    ADJUSTED = "adjusted"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class StockLine:
    """So many pieces of a variant, wherever they lie."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """So many pieces of a variant at one location."""

    variant_id: UUID
    location_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Reservation:
    """Pieces that are held for an owner (an order); `on_hand` is what lay on that shelf when this was read."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int
    status: str
    owner_id: UUID
    on_hand: int

    @property
    def place(self) -> Place:
        """The row of stock that it is held from."""
        return self.variant_id, self.location_id


@dataclass(frozen=True, slots=True)
class NewStock:
    """A variant to keep stock of from now on; an untracked one is always in stock, and its numbers are nothing.

    `backorder_limit` is how many pieces may be sold beyond what is on hand.
    """

    variant_id: UUID
    tracked: bool = True
    on_hand: int = 0
    backorder_limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place where stock lies."""

    id: UUID
    code: str
    name: str
    is_default: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfStock:
    """A variant's numbers at one location."""

    location_id: UUID
    code: str
    name: str
    on_hand: int
    reserved: int
    backorder_limit: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStock:
    """A variant's numbers everywhere; `version` counts how often it came into stock or went out of it."""

    variant_id: UUID
    tracked: bool
    in_stock: bool
    version: int
    shelves: tuple[ShelfStock, ...]

    @property
    def on_hand(self) -> int:
        """What lies on all shelves."""
        return sum(shelf.on_hand for shelf in self.shelves)

    @property
    def reserved(self) -> int:
        """What is held for orders."""
        return sum(shelf.reserved for shelf in self.shelves)

    @property
    def available(self) -> int | None:
        """What can be sold; None where the variant is not tracked."""
        return sum(shelf.available for shelf in self.shelves) if self.tracked else None


@dataclass(frozen=True, slots=True)
class Shelf:
    """What one location can still give of a variant."""

    variant_id: UUID
    location_id: UUID
    available: int


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of one row of stock; all writes that touch stock are such changes, and never two of one row."""

    variant_id: UUID
    location_id: UUID
    on_hand: int = 0
    reserved: int = 0

    @property
    def place(self) -> Place:
        """The row of stock that it changes."""
        return self.variant_id, self.location_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """A line of the stock ledger: what is on hand is the sum of these."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    kind: MovementKind
    delta: int
    reason: str | None = None
    cause_id: UUID | None = None
    at: datetime | None = None


def allocated(
    lines: Sequence[StockLine], *, tracked: Mapping[UUID, bool], shelves: Iterable[Shelf]
) -> list[Allocation]:
    """Choose the shelves that every line is taken from; a variant that is not tracked needs none.

    A line comes from the fullest shelf, and from further ones only where that is not enough, so that an order leaves
    from as few places as possible. The result is in lock order.

    Raises:
        SoldOut: all shelves together hold less than is wanted, or the variant is not known.
    """
    by_variant: dict[UUID, list[Shelf]] = defaultdict(list)
    for shelf in shelves:
        by_variant[shelf.variant_id].append(shelf)
    wanted: Counter[UUID] = Counter()
    for line in lines:
        wanted[line.variant_id] += line.quantity
    allocations = [
        allocation
        for variant_id, quantity in wanted.items()
        if tracked.get(variant_id, True)
        for allocation in _taken(variant_id, quantity, by_variant[variant_id])
    ]
    return sorted(allocations, key=lambda allocation: (allocation.variant_id, allocation.location_id))


def _taken(variant_id: UUID, quantity: int, shelves: Sequence[Shelf]) -> Iterable[Allocation]:
    available = sum(shelf.available for shelf in shelves)
    if available < quantity:
        raise SoldOut(variant_id=variant_id, available=available)
    missing = quantity
    for shelf in sorted(shelves, key=lambda shelf: (-shelf.available, shelf.location_id)):
        taken = min(missing, shelf.available)
        if taken == 0:
            return
        yield Allocation(variant_id, shelf.location_id, taken)
        missing -= taken


def merged(shifts: Iterable[Shift]) -> list[Shift]:
    """Add up the changes of each row of stock, in lock order; rows that do not change are left out."""
    on_hand: Counter[Place] = Counter()
    reserved: Counter[Place] = Counter()
    for shift in shifts:
        on_hand[shift.place] += shift.on_hand
        reserved[shift.place] += shift.reserved
    return [
        Shift(*place, on_hand=on_hand[place], reserved=reserved[place])
        for place in sorted(on_hand)
        if on_hand[place] or reserved[place]
    ]


def split_by_cover(reservations: Sequence[Reservation]) -> tuple[list[Reservation], list[Reservation]]:
    """Tell apart the reservations whose pieces lie on the shelf from those that were sold on backorder.

    A reservation is covered as a whole or not at all; earlier ones take precedence.
    """
    left: dict[Place, int] = {reservation.place: reservation.on_hand for reservation in reservations}
    covered: list[Reservation] = []
    owed: list[Reservation] = []
    for reservation in reservations:
        if reservation.quantity <= left[reservation.place]:
            left[reservation.place] -= reservation.quantity
            covered.append(reservation)
        else:
            owed.append(reservation)
    return covered, owed


def split_by_delivery(
    lines: Sequence[StockLine], owed: Sequence[Reservation]
) -> tuple[list[Reservation], list[StockLine]]:
    """Tell apart, of what an order gives back, the reservations it was still owed and the pieces that really return."""
    left: Counter[UUID] = Counter()
    for line in lines:
        left[line.variant_id] += line.quantity
    undelivered = []
    for reservation in owed:
        if reservation.quantity <= left[reservation.variant_id]:
            left[reservation.variant_id] -= reservation.quantity
            undelivered.append(reservation)
    return undelivered, [StockLine(variant_id, quantity) for variant_id, quantity in sorted(left.items()) if quantity]
