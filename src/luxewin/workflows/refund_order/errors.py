"""The errors of refunding."""

from luxewin.kit.errors import Conflict


class RefundNotFailed(Conflict):
    """Only a refund that the gateway has failed to send can be sent again."""

    code = "orders.refund_not_failed"
    title = "This refund has not failed; there is nothing to send again"
