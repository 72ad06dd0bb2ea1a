"""Letting the database know how large the catalogue has become."""

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.repository import products
from luxewin.modules.inventory import public as inventory


async def take_statistics(tx: Transaction) -> None:
    """Take statistics of the tables of products and of their stock, so that queries are planned for their size."""
    await products.take_statistics(tx)
    await inventory.take_statistics(tx)
