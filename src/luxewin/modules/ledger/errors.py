"""What the ledger refuses."""

from luxewin.kit.errors import Conflict


class TransferExists(Conflict):
    """The cause was booked before; a fresh reading of the state finds its effect."""

    code = "ledger.transfer_exists"
    title = "This transfer is already posted"
    retriable = True
