"""Taking back returned units."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import (
    Movement,
    MovementKind,
    Returned,
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


async def restock(tx: Transaction, lines: Sequence[StockLine], *, owner_id: UUID, cause_id: UUID) -> list[Write]:
    """Return the writes that take back units of an owner, such as an order, and add them to the default location.

    Stock gets back only what it has given: units on backorder never left it, so their reservations are released; units
    that were sold while their variant was not tracked were never subtracted, so they are skipped. Units that do return
    are assigned to the orders that wait for them.
    """
    location_id = await repository.location(tx, None)
    if location_id is None:
        raise LocationUnknown
    locked = await repository.lock_stock(tx, [line.variant_id for line in lines])
    on_hand_before = {row["variant_id"]: row["on_hand"] for row in locked if row["location_id"] == location_id}
    returned = split_by_delivery(lines, await repository.unreturned_reservations(tx, owner_id))
    arriving = merge_adjustments(
        StockAdjustment(line.variant_id, location_id, on_hand=line.quantity) for line in returned.sold
    )
    after = {
        adjustment.variant_id: on_hand_before[adjustment.variant_id] + adjustment.on_hand
        for adjustment in arriving
        if adjustment.variant_id in on_hand_before
    }
    due = await due_on_arrival(tx, location_id, after, without=returned.ended) if after else []
    moved = [adjustment for adjustment in arriving if adjustment.variant_id in on_hand_before]
    new = [adjustment for adjustment in arriving if adjustment.variant_id not in on_hand_before]
    return [
        *_adjust(tx, [*moved, *map(adjustment_of_sale, due), *_no_longer_reserved(returned)]),
        *([repository.add_stock_rows(tx, new)] if new else []),
        *_end(tx, returned),
        *([repository.add_movements(tx, _returns(arriving, cause_id=cause_id))] if arriving else []),
        *end_as_sold(tx, due),
    ]


async def release_undelivered(tx: Transaction, lines: Sequence[StockLine], *, owner_id: UUID) -> list[Write]:
    """Return the writes that release the reservations of units on backorder that an owner no longer gets.

    Units that have left the stock do not come back. Without this, units that arrive later would be subtracted for
    nobody.
    """
    await repository.lock_stock(tx, [line.variant_id for line in lines])
    returned = split_by_delivery(lines, await repository.unreturned_reservations(tx, owner_id))
    return [*_adjust(tx, _no_longer_reserved(returned)), *_end(tx, returned)]


def _no_longer_reserved(returned: Returned) -> list[StockAdjustment]:
    stays = [StockAdjustment(*reservation.key, reserved=reservation.quantity) for reservation in returned.kept]
    return [*map(adjustment_of_release, returned.ended), *stays]


def _adjust(tx: Transaction, adjustments: Sequence[StockAdjustment]) -> list[Write]:
    merged = merge_adjustments(adjustments)
    return [repository.adjust(tx, merged, otherwise=StockChanged)] if merged else []


def _end(tx: Transaction, returned: Returned) -> list[Write]:
    return [
        *([repository.end_reservations(tx, returned.ended, status="released")] if returned.ended else []),
        *([repository.keep_reservations(tx, returned.kept)] if returned.kept else []),
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
