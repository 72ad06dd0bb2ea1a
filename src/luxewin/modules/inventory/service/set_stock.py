"""Setting the stock of many variants to numbers, or adjusting it by differences."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, StockAdjustment, StockKey, merge_adjustments
from luxewin.modules.inventory.errors import LocationUnknown, StockChanged, StockReserved, VariantUnknown
from luxewin.modules.inventory.service.settle_reservations import adjustment_of_sale, due_on_arrival, end_as_sold

LockedStock = Mapping[StockKey, Any]
"""The locked stock rows by their keys, with `on_hand`, `reserved` and `available`."""


async def set_stock(
    tx: Transaction, wanted: Mapping[UUID, int], reason: str, *, clamped: bool = False
) -> dict[UUID, int]:
    """Set the stock of variants to these numbers: the units on hand, at all locations, that are not reserved.

    The numbers of the locked rows count, so a unit that is sold at the same time is sold before or after, and never
    comes back. The default location is adjusted. With `clamped`, a number that would leave less than nothing on hand
    leaves nothing on hand. An untracked variant becomes tracked. Return the adjustments that are not zero, by variant.

    Raises:
        VariantUnknown: one of the variants has no stock record.
        StockReserved: the default location has too few units, or less than nothing would be on hand; the error names
            the variant.
    """
    levels = await _lock_stock(tx, sorted(wanted))
    on_hand: Counter[UUID] = Counter()
    reserved: Counter[UUID] = Counter()
    for (variant_id, _), level in levels.items():
        on_hand[variant_id] += level["on_hand"]
        reserved[variant_id] += level["reserved"]
    deltas = {}
    for variant_id, number in wanted.items():
        target = number + reserved[variant_id]
        deltas[variant_id] = (max(0, target) if clamped else target) - on_hand[variant_id]
    await _adjust(tx, deltas, levels, reason)
    return {variant_id: delta for variant_id, delta in deltas.items() if delta}


async def correct(tx: Transaction, deltas: Mapping[UUID, int], reason: str) -> None:
    """Adjust the stock on hand of variants at the default location by these differences.

    Raises: the errors of `set_stock`.
    """
    await _adjust(tx, deltas, await _lock_stock(tx, sorted(deltas)), reason)


async def _lock_stock(tx: Transaction, variant_ids: Sequence[UUID]) -> LockedStock:
    # Locked, because new numbers are derived from old numbers: two simultaneous counts must not add up.
    tracked = await repository.tracking_of(tx, variant_ids)
    if len(tracked) < len(variant_ids):
        raise VariantUnknown
    untracked = [variant_id for variant_id in variant_ids if not tracked[variant_id]]
    if untracked:
        tx.write(repository.begin_tracking(tx, untracked))
    return {(row["variant_id"], row["location_id"]): row for row in await repository.lock_stock(tx, variant_ids)}


async def _adjust(tx: Transaction, deltas: Mapping[UUID, int], levels: LockedStock, reason: str) -> None:
    """Write the adjustments; units that arrive are assigned to the orders that wait for them."""
    location_id = await repository.location(tx, None)
    if location_id is None:
        raise LocationUnknown
    adjustments = [
        StockAdjustment(variant_id, location_id, on_hand=delta) for variant_id, delta in sorted(deltas.items())
    ]
    for adjustment in adjustments:
        level = levels.get(adjustment.key)
        on_hand, available = (level["on_hand"], level["available"]) if level else (0, 0)
        if on_hand + adjustment.on_hand < 0 or (adjustment.on_hand < 0 and available + adjustment.on_hand < 0):
            raise StockReserved(variant_id=adjustment.variant_id, on_hand=on_hand)
    new = [adjustment for adjustment in adjustments if adjustment.key not in levels]
    moved = [adjustment for adjustment in adjustments if adjustment.key in levels and adjustment.on_hand]
    if new:
        tx.write(repository.add_stock_rows(tx, new))
    if moved:
        arriving = {each.variant_id: levels[each.key]["on_hand"] + each.on_hand for each in moved if each.on_hand > 0}
        due = await due_on_arrival(tx, location_id, arriving) if arriving else []
        tx.write(
            repository.adjust(tx, merge_adjustments([*moved, *map(adjustment_of_sale, due)]), otherwise=StockChanged),
            *end_as_sold(tx, due),
        )
    _add_movements(tx, [adjustment for adjustment in adjustments if adjustment.on_hand], levels, reason)


def _add_movements(tx: Transaction, adjustments: Sequence[StockAdjustment], levels: LockedStock, reason: str) -> None:
    movements = [
        Movement(
            id=new_id(),
            variant_id=adjustment.variant_id,
            location_id=adjustment.location_id,
            kind=MovementKind.ADJUSTED,
            delta=adjustment.on_hand,
            reason=reason,
        )
        for adjustment in adjustments
    ]
    if movements:
        tx.write(repository.add_movements(tx, movements))
    for adjustment in adjustments:
        before = levels[adjustment.key]["on_hand"] if adjustment.key in levels else 0
        tx.audit(
            "inventory.stock_adjusted",
            target=adjustment.variant_id,
            before={"location_id": adjustment.location_id, "on_hand": before},
            after={"location_id": adjustment.location_id, "on_hand": before + adjustment.on_hand, "reason": reason},
        )
