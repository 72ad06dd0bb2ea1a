"""Sending pending writes; unique names may have been taken since they were checked."""

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.errors import CatalogueMoved


async def flush(tx: Transaction) -> None:
    """Send the pending writes; a name, slug or SKU that another transaction has taken meanwhile is a conflict.

    Raises:
        CatalogueMoved: a retry finds the other object.
    """
    try:
        await tx.flush()
    except asyncpg.UniqueViolationError as error:
        raise CatalogueMoved from error
