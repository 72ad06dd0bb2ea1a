"""Rules of stock: allocation to orders, coverage of reservations, adjustments."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from luxewin.modules.inventory.errors import SoldOut

StockKey = tuple[UUID, UUID]
"""The key of a stock row: a variant and a location."""

Release = Literal["released", "expired"]


class MovementKind(StrEnum):
    """The kind of a stock movement: the reason why the stock on hand changed."""

    RECEIVED = "received"
    SOLD = "sold"
    RESTOCKED = "restocked"
    ADJUSTED = "adjusted"
    TRANSFERRED = "transferred"


@dataclass(frozen=True, slots=True)
class StockLine:
    """A quantity of a variant, at any location."""

    variant_id: UUID
    quantity: int


@dataclass(frozen=True, slots=True)
class Allocation:
    """A quantity of a variant at one location; `available` are the units that all locations had together."""

    variant_id: UUID
    location_id: UUID
    quantity: int
    available: int = 0


@dataclass(frozen=True, slots=True)
class Reservation:
    """Units reserved for an owner (an order); `on_hand` is the stock at their location at the time of the query."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    quantity: int
    status: str
    owner_id: UUID
    on_hand: int

    @property
    def key(self) -> StockKey:
        """The key of the stock row of the reserved units."""
        return self.variant_id, self.location_id


@dataclass(frozen=True, slots=True)
class NewStock:
    """The initial stock of a new variant; an untracked variant is always in stock.

    `backorder_limit` is the number of units that may be sold beyond the stock on hand.
    """

    variant_id: UUID
    tracked: bool = True
    on_hand: int = 0
    backorder_limit: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A stock location."""

    id: UUID
    code: str
    name: str
    is_default: bool
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StockLevel:
    """The stock level of a variant at one location."""

    location_id: UUID
    code: str
    name: str
    on_hand: int
    reserved: int
    backorder_limit: int
    available: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantStock:
    """The stock levels of a variant; `version` counts the changes of its availability."""

    variant_id: UUID
    tracked: bool
    in_stock: bool
    version: int
    levels: tuple[StockLevel, ...]

    @property
    def on_hand(self) -> int:
        """The units on hand at all locations."""
        return sum(level.on_hand for level in self.levels)

    @property
    def reserved(self) -> int:
        """The units reserved at all locations."""
        return sum(level.reserved for level in self.levels)

    @property
    def available(self) -> int | None:
        """The units that can be sold; None for an untracked variant."""
        return sum(level.available for level in self.levels) if self.tracked else None


@dataclass(frozen=True, slots=True)
class Availability:
    """What shoppers and staff see of a variant's stock.

    `stock` is the number of units on hand that are not reserved, None if the variant is not tracked; it is negative if
    more units are sold than are on hand. `reserved` units belong to orders. `in_stock` tells whether the variant can be
    bought: also beyond its stock, up to its backorder limit.
    """

    stock: int | None
    reserved: int
    in_stock: bool


UNTRACKED = Availability(None, reserved=0, in_stock=True)


@dataclass(frozen=True, slots=True)
class AvailableStock:
    """The units of a variant that one location has available."""

    variant_id: UUID
    location_id: UUID
    available: int


@dataclass(frozen=True, slots=True)
class StockAdjustment:
    """A change of one stock row; every write to stock is a list of these, with at most one per row."""

    variant_id: UUID
    location_id: UUID
    on_hand: int = 0
    reserved: int = 0

    @property
    def key(self) -> StockKey:
        """The key of the stock row that it changes."""
        return self.variant_id, self.location_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """An entry of the stock ledger: the stock on hand is the sum of its movements."""

    id: UUID
    variant_id: UUID
    location_id: UUID
    kind: MovementKind
    delta: int
    reason: str | None = None
    cause_id: UUID | None = None
    at: datetime | None = None


def choose_locations(
    lines: Sequence[StockLine], *, tracked: Mapping[UUID, bool], levels: Iterable[AvailableStock]
) -> list[Allocation]:
    """Choose the locations that serve each line; an untracked variant needs none.

    A line is served by the location with the most units available, and by further locations only if these are not
    enough, so that an order ships from few locations. The result is in lock order.

    Raises:
        SoldOut: fewer units are available than requested, or the variant is unknown.
    """
    by_variant: dict[UUID, list[AvailableStock]] = defaultdict(list)
    for level in levels:
        by_variant[level.variant_id].append(level)
    wanted: Counter[UUID] = Counter()
    for line in lines:
        wanted[line.variant_id] += line.quantity
    allocations = [
        allocation
        for variant_id, quantity in wanted.items()
        if tracked.get(variant_id, True)
        for allocation in _take_units(variant_id, quantity, by_variant[variant_id])
    ]
    return sorted(allocations, key=lambda allocation: (allocation.variant_id, allocation.location_id))


def _take_units(variant_id: UUID, quantity: int, levels: Sequence[AvailableStock]) -> Iterable[Allocation]:
    available = sum(level.available for level in levels)
    if available < quantity:
        raise SoldOut(variant_id=variant_id, available=available)
    missing = quantity
    for level in sorted(levels, key=lambda level: (-level.available, level.location_id)):
        taken = min(missing, level.available)
        if taken == 0:
            return
        yield Allocation(variant_id, level.location_id, taken, available)
        missing -= taken


def merge_adjustments(adjustments: Iterable[StockAdjustment]) -> list[StockAdjustment]:
    """Return the sum of the adjustments of each stock row, in lock order, without zero sums."""
    on_hand: Counter[StockKey] = Counter()
    reserved: Counter[StockKey] = Counter()
    for adjustment in adjustments:
        on_hand[adjustment.key] += adjustment.on_hand
        reserved[adjustment.key] += adjustment.reserved
    return [
        StockAdjustment(*key, on_hand=on_hand[key], reserved=reserved[key])
        for key in sorted(on_hand)
        if on_hand[key] or reserved[key]
    ]


def split_by_coverage(reservations: Sequence[Reservation]) -> tuple[list[Reservation], list[Reservation]]:
    """Split reservations into reservations covered by the stock on hand and reservations sold on backorder.

    A reservation is covered completely or not at all; earlier reservations take precedence.
    """
    left: dict[StockKey, int] = {reservation.key: reservation.on_hand for reservation in reservations}
    covered: list[Reservation] = []
    backordered: list[Reservation] = []
    for reservation in reservations:
        if reservation.quantity <= left[reservation.key]:
            left[reservation.key] -= reservation.quantity
            covered.append(reservation)
        else:
            backordered.append(reservation)
    return covered, backordered


@dataclass(frozen=True, slots=True)
class Returned:
    """The units of returned lines, by what becomes of them.

    `ended` reservations on backorder are not owed any more; of some of them a part stays owed, as in `kept`. Units of
    `sold` lines have left the stock, and can come back.
    """

    ended: Sequence[Reservation]
    kept: Sequence[Reservation]
    sold: Sequence[StockLine]


def split_by_delivery(lines: Sequence[StockLine], reservations: Iterable[Reservation]) -> Returned:
    """Split returned lines by whether their units have left the stock, according to their owner's reservations.

    Units on backorder are returned first: nobody has received them. No more units come back than consumed reservations
    have taken: units that were sold while their variant was not tracked have never been subtracted from the stock.
    """
    left: Counter[UUID] = Counter()
    for line in lines:
        left[line.variant_id] += line.quantity
    ended, kept = [], []
    taken: Counter[UUID] = Counter()
    for reservation in reservations:
        if reservation.status == "consumed":
            taken[reservation.variant_id] += reservation.quantity
        elif units := min(reservation.quantity, left[reservation.variant_id]):
            left[reservation.variant_id] -= units
            ended.append(reservation)
            if units < reservation.quantity:
                kept.append(replace(reservation, quantity=reservation.quantity - units))
    sold = {variant_id: min(quantity, taken[variant_id]) for variant_id, quantity in sorted(left.items())}
    return Returned(ended, kept, [StockLine(variant_id, quantity) for variant_id, quantity in sold.items() if quantity])
