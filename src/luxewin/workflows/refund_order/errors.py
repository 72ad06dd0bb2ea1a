"""What refunding refuses."""

from luxewin.kit.errors import Conflict


class RefundNotFailed(Conflict):
    """Only a refund that the gateway has failed can be sent again."""

    code = "orders.refund_not_failed"
    title = "This refund has not failed; there is nothing to send again"
