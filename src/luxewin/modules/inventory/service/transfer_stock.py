"""Transferring stock between two locations."""

from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Movement, MovementKind, StockAdjustment, merge_adjustments
from luxewin.modules.inventory.errors import LocationUnknown, SameLocation, StockReserved, VariantUnknown
from luxewin.modules.inventory.service.settle_reservations import adjustment_of_sale, due_on_arrival, end_as_sold


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferStock:
    """Transfer units from one location to another; `id` is the cause of both movements."""

    id: UUID
    variant_id: UUID
    from_location_id: UUID
    to_location_id: UUID
    quantity: int
    reason: str | None = None


async def transfer_stock(tx: Transaction, transfer: TransferStock) -> None:
    """Transfer available units in one transaction: at any time they are at exactly one of the locations.

    Units that arrive are assigned to the orders that wait for them there.

    Raises:
        SameLocation, VariantUnknown, LocationUnknown: nothing was changed.
        StockReserved: fewer units are available at the first location.
    """
    await _must_be_possible(tx, transfer)
    levels = {row["location_id"]: row["on_hand"] for row in await repository.lock_stock(tx, [transfer.variant_id])}
    out = StockAdjustment(transfer.variant_id, transfer.from_location_id, on_hand=-transfer.quantity)
    into = StockAdjustment(transfer.variant_id, transfer.to_location_id, on_hand=transfer.quantity)
    error = StockReserved(variant_id=transfer.variant_id, on_hand=levels.get(transfer.from_location_id, 0))
    if transfer.to_location_id in levels:
        after = {transfer.variant_id: levels[transfer.to_location_id] + transfer.quantity}
        due = await due_on_arrival(tx, transfer.to_location_id, after)
        tx.write(
            repository.adjust(tx, merge_adjustments([out, into, *map(adjustment_of_sale, due)]), otherwise=error),
            *end_as_sold(tx, due),
        )
    else:
        tx.write(repository.adjust(tx, [out], otherwise=error), repository.add_stock_rows(tx, [into]))
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


async def _must_be_possible(tx: Transaction, transfer: TransferStock) -> None:
    if transfer.from_location_id == transfer.to_location_id:
        raise SameLocation(pointer="/to_location_id")
    for location_id in (transfer.from_location_id, transfer.to_location_id):
        if await repository.location(tx, location_id) is None:
            raise LocationUnknown
    if await repository.variant(tx, transfer.variant_id) is None:
        raise VariantUnknown


def _movement(transfer: TransferStock, adjustment: StockAdjustment) -> Movement:
    return Movement(
        id=new_id(),
        variant_id=adjustment.variant_id,
        location_id=adjustment.location_id,
        kind=MovementKind.TRANSFERRED,
        delta=adjustment.on_hand,
        reason=transfer.reason,
        cause_id=transfer.id,
    )
