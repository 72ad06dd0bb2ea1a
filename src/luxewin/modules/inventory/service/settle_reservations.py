"""Settling reservations: a sale consumes them, or they are released."""

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
    StockAdjustment,
    merge_adjustments,
    split_by_coverage,
)
from luxewin.modules.inventory.errors import StockChanged

_MOST_SETTLED_AT_ONCE = 500


async def active_reservations(tx: Transaction, owner_id: UUID) -> list[Reservation]:
    """Return the active reservations of an owner."""
    return await repository.active_reservations(tx, owner_id)


def consume(tx: Transaction, reservations: Sequence[Reservation]) -> list[Write]:
    """Return the writes that subtract sold units from the stock; a reservation ends once, or the transaction fails.

    A reservation on backorder stays active, now without expiry, until units arrive at its location: the stock on hand
    never becomes negative.
    """
    covered, backordered = split_by_coverage(reservations)
    return [
        *([repository.remove_expiry(tx, backordered)] if backordered else []),
        *(
            [repository.adjust(tx, merge_adjustments(map(adjustment_of_sale, covered)), otherwise=StockChanged)]
            if covered
            else []
        ),
        *end_as_sold(tx, covered),
    ]


def release(tx: Transaction, reservations: Sequence[Reservation], *, status: Release = "released") -> list[Write]:
    """Return the writes that release reservations; a reservation ends once, or the transaction fails."""
    if not reservations:
        return []
    return [
        repository.adjust(tx, merge_adjustments(map(adjustment_of_release, reservations)), otherwise=StockChanged),
        repository.end_reservations(tx, reservations, status=status),
    ]


async def due_on_arrival(
    tx: Transaction, location_id: UUID, on_hand: Mapping[UUID, int], *, without: Sequence[Reservation] = ()
) -> list[Reservation]:
    """Return the paid reservations that arriving units are assigned to, the oldest first.

    `on_hand` is the stock after the arrival, by variant; its rows must be locked, so that no reservation is missed.
    """
    waiting = await repository.backordered_reservations(tx, list(on_hand), location_id, limit=_MOST_SETTLED_AT_ONCE)
    excluded = {reservation.id for reservation in without}
    others = [replace(each, on_hand=on_hand[each.variant_id]) for each in waiting if each.id not in excluded]
    covered, _ = split_by_coverage(others)
    return covered


def end_as_sold(tx: Transaction, reservations: Sequence[Reservation]) -> list[Write]:
    """Return the writes that end reservations as sold, and add their movements; the stock itself is not adjusted."""
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


def adjustment_of_sale(reservation: Reservation) -> StockAdjustment:
    """Return the adjustment of stock for a sold reservation."""
    return StockAdjustment(*reservation.key, on_hand=-reservation.quantity, reserved=-reservation.quantity)


def adjustment_of_release(reservation: Reservation) -> StockAdjustment:
    """Return the adjustment of stock for a released reservation."""
    return StockAdjustment(*reservation.key, reserved=-reservation.quantity)
