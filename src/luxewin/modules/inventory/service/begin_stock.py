"""Beginning to keep stock of variants."""

from collections.abc import Sequence

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.inventory import repository
from luxewin.modules.inventory.domain import NewStock


def track(tx: Transaction, variants: Sequence[NewStock]) -> list[Write]:
    """Return the writes that begin to keep stock of new variants, at the default location.

    What is on hand at first is a movement `received`, so that from the first moment on_hand is the sum of movements.
    """
    return repository.add_variants(tx, variants) if variants else []
