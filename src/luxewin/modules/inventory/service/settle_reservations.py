"""Settling reservations: what was held is sold, or goes back to the others."""

from collections.abc import Sequence
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
    goods arrive at its location and settle it (`settle_arrival`): stock on hand never goes below zero.
    """
    covered, owed = split_by_cover(reservations)
    writes = _sold(tx, covered)
    if owed:
        writes.append(repository.keep_reservations(tx, owed))
    return writes


def release(tx: Transaction, reservations: Sequence[Reservation], *, status: Release = "released") -> list[Write]:
    """Give held pieces back to the others; a reservation ends once, or the transaction is refused."""
    if not reservations:
        return []
    return [
        repository.end_reservations(tx, reservations, status=status),
        repository.shift(tx, merged(map(returned_to_shelf, reservations)), otherwise=StockChanged),
    ]


async def settle_arrival(tx: Transaction, *, variant_id: UUID, location_id: UUID) -> None:
    """Let goods that have arrived go to the orders that wait for them, the oldest first.

    Writes what was gathered before, so that the arrival itself is seen.
    """
    await tx.flush()
    waiting = await repository.owed(tx, variant_id, location_id, limit=_MOST_SETTLED_AT_ONCE)
    covered, _ = split_by_cover(waiting)
    tx.write(*_sold(tx, covered))


def returned_to_shelf(reservation: Reservation) -> Shift:
    """Return the change of stock that gives a reservation's pieces back to the others."""
    return Shift(*reservation.place, reserved=-reservation.quantity)


def _sold(tx: Transaction, reservations: Sequence[Reservation]) -> list[Write]:
    if not reservations:
        return []
    shifts = merged(
        Shift(*reservation.place, on_hand=-reservation.quantity, reserved=-reservation.quantity)
        for reservation in reservations
    )
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
        repository.shift(tx, shifts, otherwise=StockChanged),
        repository.add_movements(tx, movements),
    ]
