"""Restocking: what a buyer gives back lies on the shelf again."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, Shift, StockLine, merged, split_by_delivery
from luxewin.modules.inventory.errors import LocationUnknown, StockChanged
from luxewin.modules.inventory.service.settle_reservations import due_on_arrival, end_as_sold, given_back, sold


async def restock(
    tx: Transaction, lines: Sequence[StockLine], *, cause_id: UUID, owner_id: UUID | None = None
) -> list[Write]:
    """Put returned pieces on the shelf at the default location; untracked variants are left alone.

    Pieces that `owner_id` (by default, the cause itself) was still owed on backorder never left the shelf: their
    reservations are released instead, and nothing is added. What does return goes to others who wait for it.
    """
    location_id = await repository.location(tx, None)
    if location_id is None:
        raise LocationUnknown
    locked = await repository.lock_stock(tx, [line.variant_id for line in lines])
    standing = {row["variant_id"]: row["on_hand"] for row in locked if row["location_id"] == location_id}
    undelivered, returning = split_by_delivery(lines, await repository.held_for(tx, owner_id or cause_id))
    tracked = await repository.tracked_among(tx, [line.variant_id for line in returning])
    arriving = merged(
        Shift(line.variant_id, location_id, on_hand=line.quantity) for line in returning if line.variant_id in tracked
    )
    after = {
        shift.variant_id: standing[shift.variant_id] + shift.on_hand
        for shift in arriving
        if shift.variant_id in standing
    }
    due = await due_on_arrival(tx, location_id, after, without=undelivered) if after else []
    moved = [shift for shift in arriving if shift.variant_id in standing]
    fresh = [shift for shift in arriving if shift.variant_id not in standing]
    shifts = merged([*moved, *map(sold, due), *map(given_back, undelivered)])
    return [
        *([repository.shift(tx, shifts, otherwise=StockChanged)] if shifts else []),
        *([repository.add_shelves(tx, fresh)] if fresh else []),
        *([repository.end_reservations(tx, undelivered, status="released")] if undelivered else []),
        *([repository.add_movements(tx, _returns(arriving, cause_id=cause_id))] if arriving else []),
        *end_as_sold(tx, due),
    ]


def _returns(shifts: Sequence[Shift], *, cause_id: UUID) -> list[Movement]:
    return [
        Movement(
            id=new_id(),
            variant_id=shift.variant_id,
            location_id=shift.location_id,
            kind=MovementKind.RESTOCKED,
            delta=shift.on_hand,
            cause_id=cause_id,
        )
        for shift in shifts
    ]
