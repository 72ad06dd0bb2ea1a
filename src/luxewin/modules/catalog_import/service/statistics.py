"""Letting the database know how large the tables that an import fills have become."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog_import.repository import import_changes


async def take_statistics(tx: Transaction) -> None:
    """Take statistics of the tables of products, stock and changes, so that queries are planned for their size."""
    await catalog.take_statistics(tx)
    await import_changes.take_statistics(tx)
