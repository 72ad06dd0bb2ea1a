"""Adjusting stock after staff have counted, found, lost or received units."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, StockAdjustment, merge_adjustments
from luxewin.modules.inventory.errors import LocationUnknown, StockReserved, VariantUnknown
from luxewin.modules.inventory.service.settle_reservations import adjustment_of_sale, due_on_arrival, end_as_sold


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustStock:
    """Adjust the stock at one location: by a `delta`, or to a counted number (`on_hand`), not both.

    Without `location_id` it is the default location.
    """

    variant_id: UUID
    reason: str
    location_id: UUID | None = None
    delta: int | None = None
    on_hand: int | None = None


async def adjust_stock(tx: Transaction, adjustment: AdjustStock) -> None:
    """Adjust the stock on hand; an untracked variant becomes tracked.

    Raises:
        VariantUnknown, LocationUnknown: there is no such variant, or no such location.
        StockReserved: less would be left than is reserved.
    """
    location_id = await repository.location(tx, adjustment.location_id)
    if location_id is None:
        raise LocationUnknown
    levels = await _lock_stock(tx, adjustment.variant_id)
    before = levels.get(location_id)
    if adjustment.delta is not None:
        delta = adjustment.delta
    else:
        assert adjustment.on_hand is not None
        delta = adjustment.on_hand - (before or 0)
    await _put(tx, StockAdjustment(adjustment.variant_id, location_id, on_hand=delta), before, reason=adjustment.reason)


async def _lock_stock(tx: Transaction, variant_id: UUID) -> dict[UUID, int]:
    # Locked, because the new number is derived from the old number: two simultaneous counts must not add up.
    variant = await repository.variant(tx, variant_id)
    if variant is None:
        raise VariantUnknown
    if not variant["tracked"]:
        tx.write(repository.begin_tracking(tx, [variant_id]))
    return {row["location_id"]: row["on_hand"] for row in await repository.lock_stock(tx, [variant_id])}


async def _put(tx: Transaction, adjustment: StockAdjustment, before: int | None, *, reason: str) -> None:
    """Write the adjustment of one stock row; `before` is its locked stock on hand, None for a new row.

    Units that arrive are assigned to the orders that wait for them, in the same write.
    """
    after = (before or 0) + adjustment.on_hand
    error = StockReserved(variant_id=adjustment.variant_id, on_hand=before or 0)
    if after < 0:
        raise error
    if before is None:
        tx.write(repository.add_stock_rows(tx, [adjustment]))
    if adjustment.on_hand == 0:
        return
    if before is not None:
        due = (
            await due_on_arrival(tx, adjustment.location_id, {adjustment.variant_id: after})
            if adjustment.on_hand > 0
            else []
        )
        tx.write(
            repository.adjust(tx, merge_adjustments([adjustment, *map(adjustment_of_sale, due)]), otherwise=error),
            *end_as_sold(tx, due),
        )
    tx.write(repository.add_movements(tx, [_movement(adjustment, reason)]))
    tx.audit(
        "inventory.stock_adjusted",
        target=adjustment.variant_id,
        before={"location_id": adjustment.location_id, "on_hand": before or 0},
        after={"location_id": adjustment.location_id, "on_hand": after, "reason": reason},
    )


def _movement(adjustment: StockAdjustment, reason: str) -> Movement:
    return Movement(
        id=new_id(),
        variant_id=adjustment.variant_id,
        location_id=adjustment.location_id,
        kind=MovementKind.ADJUSTED,
        delta=adjustment.on_hand,
        reason=reason,
    )
