"""Settling reservations: what was held is sold, or goes back to the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import (
    Movement,
    MovementKind,
    Release,
    Reservation,
    Shift,
    merged,
    split_by_cover,
)
from luxewin.modules.inventory.errors import StockChanged

_MOST_SETTLED_AT_ONCE = 500


async def held(tx: Transaction, owner_id: UUID) -> list[Reservation]:
    """Return what is held for an owner at this moment."""
    return await repository.held_for(tx, owner_id)


def consume(tx: Transaction, reservations: Sequence[Reservation]) -> list[Write]:
    """Take sold pieces off the shelf; a reservation ends once, or the transaction is refused.

    What was sold on backorder is not there to be taken. Such a reservation stays active, now without an end, until
    goods arrive at its location: stock on hand never goes below zero.
    """
    covered, owed = split_by_cover(reservations)
    return [
        *([repository.keep_reservations(tx, owed)] if owed else []),
        *([repository.shift(tx, merged(map(sold, covered)), otherwise=StockChanged)] if covered else []),
        *end_as_sold(tx, covered),
    ]


def release(tx: Transaction, reservations: Sequence[Reservation], *, status: Release = "released") -> list[Write]:
    """Give held pieces back to the others; a reservation ends once, or the transaction is refused."""
    if not reservations:
        return []
    return [
        repository.shift(tx, merged(map(given_back, reservations)), otherwise=StockChanged),
        repository.end_reservations(tx, reservations, status=status),
    ]


async def due_on_arrival(
    tx: Transaction, location_id: UUID, on_hand: Mapping[UUID, int], *, without: Sequence[Reservation] = ()
) -> list[Reservation]:
    """Return the paid reservations that arriving goods go to, the oldest first.

    `on_hand` is what will lie at the location, by variant; its rows of stock must be locked, so that nobody begins to
    wait unseen.
    """
    waiting = await repository.owed(tx, list(on_hand), location_id, limit=_MOST_SETTLED_AT_ONCE)
    excluded = {reservation.id for reservation in without}
    others = [replace(waits, on_hand=on_hand[waits.variant_id]) for waits in waiting if waits.id not in excluded]
    covered, _ = split_by_cover(others)
    return covered


def end_as_sold(tx: Transaction, reservations: Sequence[Reservation]) -> list[Write]:
    """Return the writes that end reservations as sold, and tell where their pieces went; `sold` moves the stock."""
    if not reservations:
        return []
    movements = [
        Movement(
            id=new_id(),
            variant_id=reservation.variant_id,
            location_id=reservation.location_id,
            kind=MovementKind.SOLD,
            delta=-reservation.quantity,
            cause_id=reservation.owner_id,
        )
        for reservation in reservations
    ]
    return [
        repository.end_reservations(tx, reservations, status="consumed"),
        repository.add_movements(tx, movements),
    ]


def sold(reservation: Reservation) -> Shift:
    """Return the change of stock when a reservation's pieces leave the shelf."""
    return Shift(*reservation.place, on_hand=-reservation.quantity, reserved=-reservation.quantity)


def given_back(reservation: Reservation) -> Shift:
    """Return the change of stock when a reservation's pieces go back to the others."""
    return Shift(*reservation.place, reserved=-reservation.quantity)
