"""The errors of orders."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class OrderUnknown(NotFound):
    """There is no such order, or it is not the caller's."""

    code = "request.not_found"
    title = "The order does not exist"


class OrderChanged(Conflict):
    """Another request changed the order at the same time."""

    code = "orders.changed"
    title = "Another request changed the order at the same time; try again"
    retriable = True


class OrderNotPayable(Conflict):
    """Only an order that awaits its payment can be paid."""

    code = "orders.not_payable"
    title = "The order cannot be paid in its current status"


class OrderNotCancellable(Conflict):
    """The order was sent, or has ended."""

    code = "orders.not_cancellable"
    title = "The order cannot be cancelled in its current status"


class PaymentUnderWay(Conflict):
    """A payment is in progress; its outcome must be known first."""

    code = "orders.payment_under_way"
    title = "A payment of this order is in progress; wait for its result"


class OrderNotRefundable(Conflict):
    """Nothing was paid, or all of it was refunded."""

    code = "orders.not_refundable"
    title = "The order has no payment that can be refunded"


class RefundTooLarge(Conflict):
    """More than what was captured and not yet refunded."""

    code = "orders.refund_too_large"
    title = "The refund is larger than the remaining amount of the payment"


class RefundInvalid(InvalidInput):
    """The refund names lines or a currency that the order does not have."""

    code = "orders.refund_invalid"
    title = "The refund does not match the lines of this order"


class TotalChanged(Conflict):
    """The order would cost another amount than the buyer expects."""

    code = "orders.total_changed"
    title = "The order costs another total now; show it to the buyer, and repeat the request with it"


class TooManyUnpaidOrders(Conflict):
    """Too many orders of the buyer, or of their network address, were not paid."""

    code = "orders.too_many_unpaid"
    title = "Too many orders await their payment; pay or cancel one of them, or send a `payment` with the order"


class HoldTooLarge(Conflict):
    """The order would reserve a larger share of what is left than the shop reserves without a payment."""

    code = "orders.hold_too_large"
    title = "The shop does not reserve so many units without a payment; order fewer, or send a `payment`"


class PayAtOnce(Conflict):
    """The sale closes soon, and what is not paid until then would not be sold."""

    code = "orders.pay_at_once"
    title = "The sale closes soon, and nothing is reserved without a payment any more; send a `payment` with the order"


class ShippingAddressRequired(InvalidInput):
    """The order contains items that are shipped, and has no address."""

    code = "orders.shipping_address_required"
    title = "`shipping_address` is missing: the order contains items that are shipped"


class EmailRequired(InvalidInput):
    """A guest sent no email address for the receipt."""

    code = "orders.email_required"
    title = "`email` is missing: an order without an account needs it"
