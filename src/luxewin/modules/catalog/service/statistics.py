"""Updating the planner's statistics of the catalogue."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.repository import products
from luxewin.modules.inventory import public as inventory


async def take_statistics(tx: Transaction) -> None:
    """Update the planner's statistics (ANALYZE) of the tables of products and stock."""
    await products.take_statistics(tx)
    await inventory.take_statistics(tx)
