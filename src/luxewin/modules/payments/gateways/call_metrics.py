"""The metric and the trace span of every call to a gateway: its duration and its outcome."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from luxewin.kit.observability import tracing
from luxewin.kit.observability.instruments import Counter, Histogram
from luxewin.modules.payments.domain.gateway_messages import WebhookResult
from luxewin.modules.payments.errors import GatewayUnavailable

_CALL_SECONDS = Histogram(
    "luxewin_gateway_call_seconds",
    "Time that a call of a gateway takes by operation and outcome",
    ["gateway", "operation", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class GatewayCall:
    """A call in progress; `outcome` is the label that it is recorded with."""

    outcome = "failed"

    def set_response(self, response: object) -> None:
        """Take the outcome from the status of the response, if it has one."""
        self.outcome = str(getattr(response, "status", "answered"))


@contextmanager
def measured_call(gateway: str, operation: str) -> Iterator[GatewayCall]:
    """Record the duration and the outcome of a call when the block ends."""
    call = GatewayCall()
    started = time.perf_counter()
    with tracing.step(f"{gateway} {operation}", outward=True) as span:
        try:
            yield call
        except GatewayUnavailable:
            call.outcome = "refused"
            raise
        finally:
            _CALL_SECONDS.labels(gateway, operation, call.outcome).observe(time.perf_counter() - started)
            span.set_attributes(gateway=gateway, operation=operation, outcome=call.outcome)


WEBHOOKS_HANDLED = Counter(
    "luxewin_payment_webhooks_total", "Webhooks handled, by gateway and result", ["gateway", "result"]
)


def show_webhook_counters(gateway: str) -> None:
    """Show the counters of a gateway's webhooks as 0 before they rise."""
    for result in WebhookResult:
        WEBHOOKS_HANDLED.labels(gateway, result)
