"""Reserving stock: decided on one reading, guaranteed by two writes, however many lines there are."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Allocation, Shelf, Shift, StockLine, allocated, merged
from luxewin.modules.inventory.errors import StockTaken


async def allocate(tx: Transaction, lines: Sequence[StockLine]) -> list[Allocation]:
    """Choose where the pieces are taken from; a variant that is not tracked needs no place.

    Raises:
        SoldOut: names the first variant of which less is available, and how much.
    """
    rows = await repository.shelves(tx, list({line.variant_id for line in lines}))
    return allocated(
        lines,
        tracked={row["variant_id"]: row["tracked"] for row in rows},
        shelves=[
            Shelf(row["variant_id"], row["location_id"], row["available"])
            for row in rows
            if row["location_id"] is not None
        ],
    )


def hold(tx: Transaction, allocations: Sequence[Allocation], *, owner_id: UUID, until: datetime | None) -> list[Write]:
    """Hold the chosen pieces for an owner until then (None: until they are settled), all of them or none.

    What was allocated may be gone by now: then the writes refuse the transaction with a `SoldOut` that is retriable,
    and the next try allocates afresh, perhaps from another location.
    """
    if not allocations:
        return []
    shifts = merged(
        Shift(allocation.variant_id, allocation.location_id, reserved=allocation.quantity) for allocation in allocations
    )
    return [
        repository.shift(tx, shifts, otherwise=StockTaken),
        repository.add_reservations(tx, allocations, owner_id=owner_id, until=until),
    ]
