"""The errors of the ledger."""

from luxewin.kit.errors import Conflict


class TransferExists(Conflict):
    """The transfer of this cause exists; a new attempt reads its effect."""

    code = "ledger.transfer_exists"
    title = "This transfer is already posted"
    retriable = True
