"""Reading stock."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import Availability, Movement, VariantStock
from luxewin.modules.inventory.errors import VariantUnknown


async def availability(tx: Transaction, variant_ids: Sequence[UUID]) -> dict[UUID, Availability]:
    """Return the stock of each variant; unknown variants are left out."""
    rows = await repository.availability(tx, variant_ids)
    return {row["variant_id"]: Availability(row["stock"], row["reserved"], row["in_stock"]) for row in rows}


async def lock_availability(tx: Transaction, variant_ids: Sequence[UUID]) -> dict[UUID, Availability]:
    """Return the stock of each variant, which nobody else can change until the transaction ends."""
    await repository.lock_stock(tx, sorted(variant_ids))
    # A statement of its own, so that it sees what those who held the locks before have committed.
    return await availability(tx, variant_ids)


async def stock_of(tx: Transaction, variant_id: UUID) -> VariantStock:
    """Return the stock levels of a variant.

    Raises:
        VariantUnknown: the variant has no stock record.
    """
    stock = await repository.stock_of(tx, variant_id)
    if stock is None:
        raise VariantUnknown
    return stock


async def lock_stock_of(tx: Transaction, variant_id: UUID) -> VariantStock:
    """Return the stock levels of a variant, which nobody else can change until the transaction ends.

    Raises:
        VariantUnknown: the variant has no stock record.
    """
    await repository.lock_stock(tx, [variant_id])
    # A statement of its own, so that it sees what those who held the locks before have committed.
    return await stock_of(tx, variant_id)


async def movements_of(
    tx: Transaction, variant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Movement]:
    """Return a variant's movements, the latest first, from before a position in that order."""
    return await repository.movements(tx, variant_id, before=before, limit=limit)


async def take_statistics(tx: Transaction) -> None:
    """Update the planner's statistics (ANALYZE) of the tables of stock."""
    await repository.take_statistics(tx)
