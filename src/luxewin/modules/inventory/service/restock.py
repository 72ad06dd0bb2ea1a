"""Restocking returned units."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import (
    Movement,
    MovementKind,
    StockAdjustment,
    StockLine,
    merge_adjustments,
    split_by_delivery,
)
from luxewin.modules.inventory.errors import LocationUnknown, StockChanged
from luxewin.modules.inventory.service.settle_reservations import (
    adjustment_of_release,
    adjustment_of_sale,
    due_on_arrival,
    end_as_sold,
)


async def restock(
    tx: Transaction, lines: Sequence[StockLine], *, cause_id: UUID, owner_id: UUID | None = None
) -> list[Write]:
    """Return the writes that add returned units to the stock at the default location; untracked variants are skipped.

    Units on backorder that `owner_id` (by default, the cause itself) has not received yet never left the stock, so
    their reservations are released. Units that do return are assigned to the orders that wait for them.
    """
    location_id = await repository.location(tx, None)
    if location_id is None:
        raise LocationUnknown
    locked = await repository.lock_stock(tx, [line.variant_id for line in lines])
    on_hand_before = {row["variant_id"]: row["on_hand"] for row in locked if row["location_id"] == location_id}
    undelivered, returning = split_by_delivery(lines, await repository.active_reservations(tx, owner_id or cause_id))
    tracked = await repository.tracked_among(tx, [line.variant_id for line in returning])
    arriving = merge_adjustments(
        StockAdjustment(line.variant_id, location_id, on_hand=line.quantity)
        for line in returning
        if line.variant_id in tracked
    )
    after = {
        adjustment.variant_id: on_hand_before[adjustment.variant_id] + adjustment.on_hand
        for adjustment in arriving
        if adjustment.variant_id in on_hand_before
    }
    due = await due_on_arrival(tx, location_id, after, without=undelivered) if after else []
    moved = [adjustment for adjustment in arriving if adjustment.variant_id in on_hand_before]
    new = [adjustment for adjustment in arriving if adjustment.variant_id not in on_hand_before]
    adjustments = merge_adjustments([*moved, *map(adjustment_of_sale, due), *map(adjustment_of_release, undelivered)])
    return [
        *([repository.adjust(tx, adjustments, otherwise=StockChanged)] if adjustments else []),
        *([repository.add_stock_rows(tx, new)] if new else []),
        *([repository.end_reservations(tx, undelivered, status="released")] if undelivered else []),
        *([repository.add_movements(tx, _returns(arriving, cause_id=cause_id))] if arriving else []),
        *end_as_sold(tx, due),
    ]


def _returns(adjustments: Sequence[StockAdjustment], *, cause_id: UUID) -> list[Movement]:
    return [
        Movement(
            id=new_id(),
            variant_id=adjustment.variant_id,
            location_id=adjustment.location_id,
            kind=MovementKind.RESTOCKED,
            delta=adjustment.on_hand,
            cause_id=cause_id,
        )
        for adjustment in adjustments
    ]
