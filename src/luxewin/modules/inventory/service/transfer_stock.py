"""Transferring stock between two locations."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, Shift, merged
from luxewin.modules.inventory.errors import LocationUnknown, SameLocation, StockReserved, VariantUnknown
from luxewin.modules.inventory.service.settle_reservations import due_on_arrival, end_as_sold, sold


@dataclass(frozen=True, slots=True, kw_only=True)
class StockTransfer:
    """So many pieces go from one location to another; `id` is the cause of both movements."""

    id: UUID
    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int
    reason: str | None = None


async def transfer_stock(tx: Transaction, transfer: StockTransfer) -> None:
    """Move pieces that are neither held for an order nor missing; they are never in two places, nor in none.

    What arrives goes to the orders that wait for it there.

    Raises:
        SameLocation, VariantUnknown, LocationUnknown: nothing was changed.
        StockReserved: less is free at the first location.
    """
    await _must_make_sense(tx, transfer)
    shelves = {row["location_id"]: row["on_hand"] for row in await repository.lock_stock(tx, [transfer.variant_id])}
    out = Shift(transfer.variant_id, transfer.from_location_id, on_hand=-transfer.quantity)
    into = Shift(transfer.variant_id, transfer.to_location_id, on_hand=transfer.quantity)
    error = StockReserved(variant_id=transfer.variant_id, on_hand=shelves.get(transfer.from_location_id, 0))
    if transfer.to_location_id in shelves:
        after = {transfer.variant_id: shelves[transfer.to_location_id] + transfer.quantity}
        due = await due_on_arrival(tx, transfer.to_location_id, after)
        tx.write(repository.shift(tx, merged([out, into, *map(sold, due)]), otherwise=error), *end_as_sold(tx, due))
    else:
        tx.write(repository.shift(tx, [out], otherwise=error), repository.add_shelves(tx, [into]))
    tx.write(repository.add_movements(tx, [_movement(transfer, out), _movement(transfer, into)]))
    tx.audit(
        "inventory.stock_transferred",
        target=transfer.variant_id,
        after={
            "from_location_id": transfer.from_location_id,
            "to_location_id": transfer.to_location_id,
            "quantity": transfer.quantity,
            "reason": transfer.reason,
        },
    )


async def _must_make_sense(tx: Transaction, transfer: StockTransfer) -> None:
    if transfer.from_location_id == transfer.to_location_id:
        raise SameLocation(pointer="/to_location_id")
    for location_id in (transfer.from_location_id, transfer.to_location_id):
        if await repository.location(tx, location_id) is None:
            raise LocationUnknown
    if await repository.variant(tx, transfer.variant_id) is None:
        raise VariantUnknown


def _movement(transfer: StockTransfer, shift: Shift) -> Movement:
    return Movement(
        id=new_id(),
        variant_id=shift.variant_id,
        location_id=shift.location_id,
        kind=MovementKind.TRANSFERRED,
        delta=shift.on_hand,
        reason=transfer.reason,
        cause_id=transfer.id,
    )
