"""The errors of orders."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class OrderUnknown(NotFound):
    """There is no such order, or it is not the caller's."""

    code = "request.not_found"
    title = "There is no such thing here"


class OrderChanged(Conflict):
    """Somebody else changed the order at the same moment."""

    code = "orders.changed"
    title = "The order was changed at the same moment; try again"
    retriable = True


class OrderNotPayable(Conflict):
    """Only an order that awaits its payment can be paid."""

    code = "orders.not_payable"
    title = "This order cannot be paid in its present state"


class OrderNotCancellable(Conflict):
    """The order was sent, or has ended."""

    code = "orders.not_cancellable"
    title = "This order cannot be cancelled in its present state"


class PaymentUnderWay(Conflict):
    """A payment is in progress; its outcome must be known first."""

    code = "orders.payment_under_way"
    title = "A payment of this order is under way; wait for its outcome"


class OrderNotRefundable(Conflict):
    """Nothing was paid, or all of it was refunded."""

    code = "orders.not_refundable"
    title = "This order has no money that could be refunded"


class RefundTooLarge(Conflict):
    """More than what was captured and not yet refunded."""

    code = "orders.refund_too_large"
    title = "The refund is larger than what is left of the payment"


class RefundInvalid(InvalidInput):
    """The refund names lines or a currency that the order does not have."""

    code = "orders.refund_invalid"
    title = "The refund does not fit this order"


class OrderTooLarge(Conflict):
    """The total is larger than the largest amount of money."""

    code = "orders.total_too_large"
    title = "The order's total is larger than any order can be"


class ShippingAddressRequired(InvalidInput):
    """Something of the order is sent, and there is no address."""

    code = "orders.shipping_address_required"
    title = "An order of goods needs a `shipping_address`"


class EmailRequired(InvalidInput):
    """A guest gave no address for the receipt."""

    code = "orders.email_required"
    title = "A guest's order needs an `email`"
