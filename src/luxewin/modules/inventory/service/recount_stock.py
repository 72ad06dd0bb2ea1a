"""Recounting the stock of many variants at once, and correcting it by what it was off."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, Place, Shift, merged
from luxewin.modules.inventory.errors import LocationUnknown, StockChanged, StockReserved, VariantUnknown
from luxewin.modules.inventory.service.settle_reservations import due_on_arrival, end_as_sold, sold

Shelves = Mapping[Place, Any]
"""What lies on each shelf, and what of it can be sold, as it was read under its lock."""


async def recount(tx: Transaction, counted: Mapping[UUID, int], reason: str) -> dict[UUID, int]:
    """Bring what is on hand of variants, over all locations, to these numbers; the default location makes up for it.

    A variant that was not tracked is from now on. Return by how much each number has moved, where it has.

    Raises:
        VariantUnknown: no stock is kept of one of them.
        StockReserved: the default location cannot make up for it, or less would be left than is promised; its facts
            name the variant.
    """
    shelves = await _locked(tx, sorted(counted))
    deltas = dict(counted)
    for (variant_id, _), shelf in shelves.items():
        deltas[variant_id] -= shelf["on_hand"]
    await _move(tx, deltas, shelves, reason)
    return {variant_id: delta for variant_id, delta in deltas.items() if delta}


async def correct(tx: Transaction, deltas: Mapping[UUID, int], reason: str) -> None:
    """Move what is on hand of variants at the default location by so much.

    Raises: as `recount`.
    """
    await _move(tx, deltas, await _locked(tx, sorted(deltas)), reason)


async def _locked(tx: Transaction, variant_ids: Sequence[UUID]) -> Shelves:
    # Locked, because new numbers are derived from old ones: two simultaneous counts must not add up.
    tracked = await repository.tracking_of(tx, variant_ids)
    if len(tracked) < len(variant_ids):
        raise VariantUnknown
    untracked = [variant_id for variant_id in variant_ids if not tracked[variant_id]]
    if untracked:
        tx.write(repository.begin_tracking(tx, untracked))
    return {(row["variant_id"], row["location_id"]): row for row in await repository.lock_stock(tx, variant_ids)}


async def _move(tx: Transaction, deltas: Mapping[UUID, int], shelves: Shelves, reason: str) -> None:
    """Write what moves at the default location; goods that arrive go to the orders that wait for them."""
    location_id = await repository.location(tx, None)
    if location_id is None:
        raise LocationUnknown
    shifts = [Shift(variant_id, location_id, on_hand=delta) for variant_id, delta in sorted(deltas.items())]
    for shift in shifts:
        shelf = shelves.get(shift.place)
        on_hand, available = (shelf["on_hand"], shelf["available"]) if shelf else (0, 0)
        if on_hand + shift.on_hand < 0 or (shift.on_hand < 0 and available + shift.on_hand < 0):
            raise StockReserved(variant_id=shift.variant_id, on_hand=on_hand)
    new = [shift for shift in shifts if shift.place not in shelves]
    moved = [shift for shift in shifts if shift.place in shelves and shift.on_hand]
    if new:
        tx.write(repository.add_shelves(tx, new))
    if moved:
        arriving = {
            each.variant_id: shelves[each.place]["on_hand"] + each.on_hand for each in moved if each.on_hand > 0
        }
        due = await due_on_arrival(tx, location_id, arriving) if arriving else []
        tx.write(repository.shift(tx, merged([*moved, *map(sold, due)]), otherwise=StockChanged), *end_as_sold(tx, due))
    _tell(tx, [shift for shift in shifts if shift.on_hand], shelves, reason)


def _tell(tx: Transaction, shifts: Sequence[Shift], shelves: Shelves, reason: str) -> None:
    movements = [
        Movement(
            id=new_id(),
            variant_id=shift.variant_id,
            location_id=shift.location_id,
            kind=MovementKind.ADJUSTED,
            delta=shift.on_hand,
            reason=reason,
        )
        for shift in shifts
    ]
    if movements:
        tx.write(repository.add_movements(tx, movements))
    for shift in shifts:
        before = shelves[shift.place]["on_hand"] if shift.place in shelves else 0
        tx.audit(
            "inventory.stock_adjusted",
            target=shift.variant_id,
            before={"location_id": shift.location_id, "on_hand": before},
            after={"location_id": shift.location_id, "on_hand": before + shift.on_hand, "reason": reason},
        )
