"""The errors of refunding."""

from luxewin.kit.errors import Conflict


class RefundNotFailed(Conflict):
    """Only a refund that the gateway has failed to send can be sent again."""

    code = "orders.refund_not_failed"
    title = "The refund has not failed, so it cannot be retried"
