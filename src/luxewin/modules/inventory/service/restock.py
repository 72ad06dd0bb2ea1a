"""Restocking: what a buyer gives back lies on the shelf again."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, Shift, StockLine, merged, split_by_delivery
from luxewin.modules.inventory.errors import LocationUnknown, StockChanged
from luxewin.modules.inventory.service.settle_reservations import returned_to_shelf


async def restock(
    tx: Transaction, lines: Sequence[StockLine], *, cause_id: UUID, owner_id: UUID | None = None
) -> list[Write]:
    """Put returned pieces on the shelf at the default location; untracked variants are left alone.

    Pieces that `owner_id` (by default, the cause itself) was still owed on backorder never left the shelf: their
    reservations are released instead, and nothing is added.
    """
    waiting = await repository.held_for(tx, owner_id or cause_id)
    undelivered, returning = split_by_delivery(lines, waiting)
    moved, fresh, movements = await _put_back(tx, returning, cause_id=cause_id)
    shifts = merged([*map(returned_to_shelf, undelivered), *moved])
    return [
        *([repository.end_reservations(tx, undelivered, status="released")] if undelivered else []),
        *([repository.shift(tx, shifts, otherwise=StockChanged)] if shifts else []),
        *([repository.add_shelves(tx, fresh)] if fresh else []),
        *([repository.add_movements(tx, movements)] if movements else []),
    ]


async def _put_back(
    tx: Transaction, lines: Sequence[StockLine], *, cause_id: UUID
) -> tuple[list[Shift], list[Shift], list[Movement]]:
    """Return the changes of shelves that stand, the shelves to begin, and the movements."""
    variant_ids = [line.variant_id for line in lines]
    if not variant_ids:
        return [], [], []
    location_id = await repository.location(tx, None)
    if location_id is None:
        raise LocationUnknown
    rows = await repository.shelves(tx, variant_ids)
    tracked = {row["variant_id"] for row in rows if row["tracked"]}
    standing = {row["variant_id"] for row in rows if row["location_id"] == location_id}
    shifts = merged(
        Shift(line.variant_id, location_id, on_hand=line.quantity) for line in lines if line.variant_id in tracked
    )
    movements = [
        Movement(
            id=new_id(),
            variant_id=shift.variant_id,
            location_id=location_id,
            kind=MovementKind.RESTOCKED,
            delta=shift.on_hand,
            cause_id=cause_id,
        )
        for shift in shifts
    ]
    moved = [shift for shift in shifts if shift.variant_id in standing]
    fresh = [shift for shift in shifts if shift.variant_id not in standing]
    return moved, fresh, movements
