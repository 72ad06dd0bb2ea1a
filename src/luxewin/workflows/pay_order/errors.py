"""The errors of paying an order."""

from luxewin.kit.errors import Conflict


class NothingToConfirm(Conflict):
    """The payment does not wait for a confirmation."""

    code = "payments.nothing_to_confirm"
    title = "This payment does not wait for a confirmation"
