"""Sending what was gathered, where a name may have been taken since it was looked for."""

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.errors import CatalogueMoved


async def flush(tx: Transaction) -> None:
    """Send what was gathered; a name, slug or SKU that somebody else has taken at this moment is a lost race.

    Raises:
        CatalogueMoved: a fresh try will find whose it is.
    """
    try:
        await tx.flush()
    except asyncpg.UniqueViolationError as error:
        raise CatalogueMoved from error
