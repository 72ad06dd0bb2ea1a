"""Reserving stock: one query chooses the locations and two writes guarantee the units, for any number of lines."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import (
    Allocation,
    AvailableStock,
    StockAdjustment,
    StockLine,
    choose_locations,
    merge_adjustments,
)
from luxewin.modules.inventory.errors import StockTaken


async def allocate(tx: Transaction, lines: Sequence[StockLine]) -> list[Allocation]:
    """Choose the locations that serve the lines; an untracked variant needs none.

    Raises:
        SoldOut: fewer units are available; the error names the first such variant and its available units.
    """
    rows = await repository.available_stock(tx, list({line.variant_id for line in lines}))
    return choose_locations(
        lines,
        tracked={row["variant_id"]: row["tracked"] for row in rows},
        levels=[
            AvailableStock(row["variant_id"], row["location_id"], row["available"])
            for row in rows
            if row["location_id"] is not None
        ],
    )


def hold(tx: Transaction, allocations: Sequence[Allocation], *, owner_id: UUID, until: datetime | None) -> list[Write]:
    """Return the writes that reserve all allocated units for an owner `until` a time (None: until settled).

    If the units are taken meanwhile, the writes fail with a retriable `StockTaken`, and a retry allocates again,
    perhaps at another location.
    """
    if not allocations:
        return []
    adjustments = merge_adjustments(
        StockAdjustment(allocation.variant_id, allocation.location_id, reserved=allocation.quantity)
        for allocation in allocations
    )
    return [
        repository.adjust(tx, adjustments, otherwise=StockTaken),
        repository.add_reservations(tx, allocations, owner_id=owner_id, until=until),
    ]
