"""The use cases of payments; none of them commits, and none of them speaks to a gateway."""

from luxewin.modules.payments.service.attempts import (
    DueAttempt,
    Settled,
    attempt,
    attempts_of,
    begin_attempt,
    due_attempts,
    find_attempt,
    live_attempt,
    look_up_later,
    settle,
    summary,
)
from luxewin.modules.payments.service.clearing import Disagreement, clearing_owner, disagreements_with
from luxewin.modules.payments.service.disputes import open_dispute
from luxewin.modules.payments.service.endpoints import (
    EndpointSecrets,
    NewEndpoint,
    endpoints,
    open_endpoint,
    retire_endpoint,
)
from luxewin.modules.payments.service.measuring import measure_unknown
from luxewin.modules.payments.service.order_payments import OrderPayments, first_payment, payments_of
from luxewin.modules.payments.service.payment_lists import PaymentSheet, payment_page, payment_sheet
from luxewin.modules.payments.service.refunds import (
    DueRefund,
    begin_refund,
    due_refunds,
    grant_refund,
    look_up_refund_later,
    refund,
    refunds_of,
    settle_refund,
)
from luxewin.modules.payments.service.webhooks import (
    DueWebhook,
    due_webhooks,
    payment_outcome_of,
    store_webhook,
    stored_event,
    verified_event,
    webhook_handled,
    webhook_later,
)

__all__ = [
    "Disagreement",
    "DueAttempt",
    "DueRefund",
    "DueWebhook",
    "EndpointSecrets",
    "NewEndpoint",
    "OrderPayments",
    "PaymentSheet",
    "Settled",
    "attempt",
    "attempts_of",
    "begin_attempt",
    "begin_refund",
    "clearing_owner",
    "disagreements_with",
    "due_attempts",
    "due_refunds",
    "due_webhooks",
    "endpoints",
    "find_attempt",
    "first_payment",
    "grant_refund",
    "live_attempt",
    "look_up_later",
    "look_up_refund_later",
    "measure_unknown",
    "open_dispute",
    "open_endpoint",
    "payment_outcome_of",
    "payment_page",
    "payment_sheet",
    "payments_of",
    "refund",
    "refunds_of",
    "retire_endpoint",
    "settle",
    "settle_refund",
    "store_webhook",
    "stored_event",
    "summary",
    "verified_event",
    "webhook_handled",
    "webhook_later",
]
