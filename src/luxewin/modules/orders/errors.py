"""What orders refuse."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound


class OrderUnknown(NotFound):
    """No such order, or not the caller's."""

    code = "request.not_found"
    title = "There is no such object"


class OrderChanged(Conflict):
    """Somebody else changed the order at the same moment."""

    code = "orders.changed"
    title = "The order was changed at the same moment; try again"
    retriable = True


class OrderNotPayable(Conflict):
    """Only an order that waits for its payment can be paid."""

    code = "orders.not_payable"
    title = "This order cannot be paid in its present state"


class OrderNotCancellable(Conflict):
    """The order has gone too far, or has ended."""

    code = "orders.not_cancellable"
    title = "This order cannot be cancelled in its present state"


class PaymentUnderWay(Conflict):
    """A payment is being made at this moment; its outcome must be known first."""

    code = "orders.payment_under_way"
    title = "A payment of this order is under way; wait for its outcome"


class OrderNotRefundable(Conflict):
    """Nothing has been paid, or all of it has been given back."""

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


class ItemUnavailable(Conflict):
    """Something in the cart is no longer sold."""

    code = "orders.item_unavailable"
    title = "Something in the cart is no longer sold; remove it and try again"


class OrderTooLarge(Conflict):
    """The total is beyond what can be told exactly."""

    code = "orders.total_too_large"
    title = "The order's total is larger than any order can be"


class ShippingAddressRequired(InvalidInput):
    """What is sent needs to know where to; an order of tickets alone does not."""

    code = "orders.shipping_address_required"
    title = "An order of goods needs a `shipping_address`"


class EmailRequired(InvalidInput):
    """A guest must say where the receipt goes."""

    code = "orders.email_required"
    title = "A guest's order needs an `email`"
