"""Creating the stock records of new variants."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import NewStock


def track(tx: Transaction, variants: Sequence[NewStock]) -> list[Write]:
    """Return the writes that create the stock records of new variants, at the default location.

    The initial stock is a movement `received`, so that the stock on hand is the sum of movements from the beginning.
    """
    return repository.add_variants(tx, variants) if variants else []
