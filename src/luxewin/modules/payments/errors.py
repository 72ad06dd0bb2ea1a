"""What payments refuse."""

from luxewin.kit.errors import Conflict, InvalidInput, NotFound, Unavailable


class GatewaySilentError(Exception):
    """A gateway gave no answer that can be used: what was asked may have taken effect, or not. Users never see it."""


class GatewayUnknown(InvalidInput):
    """No gateway of this name is offered here."""

    code = "payments.gateway_unknown"
    title = "The payment gateway does not exist"


class GatewayUnavailable(Unavailable):
    """The gateway was not asked: too many calls wait for it, or it has stopped answering."""

    code = "payments.gateway_unavailable"
    title = "The payment gateway does not respond; nothing was charged"


class CardDataRefused(InvalidInput):
    """What was sent looks like a card number; card data never reaches this service (PCI DSS SAQ A)."""

    code = "payments.card_data_refused"
    title = "This looks like a card number; send the token that the payment gateway returns"


class PaymentInProgress(Conflict):
    """The order has a payment whose outcome stands or is awaited."""

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
    """The state of the payment or refund does not lead where it was asked to go."""

    code = "payments.not_allowed"
    title = "The payment does not allow this in its current status"


class PaymentChanged(Conflict):
    """Another outcome was recorded at the same moment; a fresh reading sees it."""

    code = "payments.changed"
    title = "Another request changed the payment at the same time; try again"
    retriable = True


class RefundExceedsCapture(Conflict):
    """No more can be given back than was captured and not given back before."""

    code = "payments.refund_exceeds_capture"
    title = "The refund is larger than the remaining amount of the payment"


class WebhookRefused(InvalidInput):
    """The webhook does not prove where it comes from, or is too old."""

    code = "payments.webhook_refused"
    title = "The signature of the webhook is not valid"


class EndpointUnknown(NotFound):
    """There is no such webhook endpoint."""

    code = "payments.endpoint_unknown"
    title = "The webhook endpoint does not exist"


class WebhookHandled(Conflict):
    """The webhook took effect before; a fresh reading finds it."""

    code = "payments.webhook_handled"
    title = "This webhook was already processed"
    retriable = True
