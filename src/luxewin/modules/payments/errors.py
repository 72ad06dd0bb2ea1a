"""The errors of payments."""

from luxewin.kit.errors import Conflict, Declined, InvalidInput, NotFound, Unavailable


class GatewayConnectionError(Exception):
    """A gateway gave no usable response; the request may have taken effect or not. It is never shown to users."""


class PaymentDeclined(Declined):
    """The payment was declined, finally."""

    code = "payments.declined"
    title = "The payment was declined"


class GatewayUnknown(InvalidInput):
    """No payment gateway with this name is offered."""

    code = "payments.gateway_unknown"
    title = "The payment gateway does not exist"


class GatewayUnavailable(Unavailable):
    """The gateway was not called: too many calls are waiting, or the circuit breaker is open.

    What was committed before the call stays: the worker completes or voids a payment, and executes a refund.
    """

    code = "payments.gateway_unavailable"
    title = "The payment gateway is unavailable; try again with the same Idempotency-Key"


class CardDataRefused(InvalidInput):
    """The value looks like a card number; card data must not reach this service (PCI DSS SAQ A)."""

    code = "payments.card_data_refused"
    title = "This looks like a card number; send the token that the payment gateway returns"


class PaymentInProgress(Conflict):
    """The order has a payment that is captured, or whose outcome is pending."""

    code = "payments.in_progress"
    title = "The order is already paid, or a payment is in progress"


class PaymentUnknown(NotFound):
    """There is no such payment."""

    code = "payments.unknown"
    title = "The payment does not exist"


class RefundUnknown(NotFound):
    """There is no such refund."""

    code = "payments.refund_unknown"
    title = "The refund does not exist"


class TransitionRefused(Conflict):
    """The state of the payment or refund does not allow the requested transition."""

    code = "payments.not_allowed"
    title = "The payment does not allow this in its current status"


class PaymentChanged(Conflict):
    """Another outcome was recorded at the same time; a new attempt reads it."""

    code = "payments.changed"
    title = "Another request changed the payment at the same time; try again"
    retriable = True


class RefundExceedsCapture(Conflict):
    """The refund exceeds the captured amount that is not refunded or disputed yet."""

    code = "payments.refund_exceeds_capture"
    title = "The refund is larger than what is left of the payment: captured, and neither refunded nor disputed"


class WebhookRefused(InvalidInput):
    """The signature of the webhook is invalid or too old, or its body is not an event."""

    code = "payments.webhook_refused"
    title = "The signature of the webhook is not valid"


class EndpointUnknown(NotFound):
    """There is no such webhook endpoint."""

    code = "payments.endpoint_unknown"
    title = "The webhook endpoint does not exist"


class WebhookHandled(Conflict):
    """The webhook was handled before; a new attempt reads its effect."""

    code = "payments.webhook_handled"
    title = "This webhook was already processed"
    retriable = True
