"""Updating the planner's statistics of the tables that an import fills."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog_import.repository import import_changes


async def take_statistics(tx: Transaction) -> None:
    """Update the planner's statistics (ANALYZE) of the tables of products, stock and changes."""
    await catalog.take_statistics(tx)
    await import_changes.take_statistics(tx)
