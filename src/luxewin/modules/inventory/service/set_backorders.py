"""Opening and closing the backorders of variants."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.inventory import repository


def open_backorders(tx: Transaction, variant_ids: Sequence[UUID], *, limit: int) -> None:
    """Let variants be sold beyond their stock at the default location, up to `limit` units.

    The stock of the variants must be locked. A variant that is not tracked has no limit anyway.
    """
    tx.write(repository.open_backorders(tx, variant_ids, limit=limit))


def close_backorders(tx: Transaction, variant_ids: Sequence[UUID]) -> None:
    """Let no more units of variants be sold beyond their stock.

    Units that are sold already stay owed, and no more than these, until they arrive. The stock of the variants must be
    locked.
    """
    tx.write(repository.close_backorders(tx, variant_ids))
