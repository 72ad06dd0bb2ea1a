"""What is told of every call of a gateway: how long it took and how it ended, as a metric and as a span."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from luxewin.kit.observability import tracing
from luxewin.kit.observability.instruments import Histogram
from luxewin.modules.payments.errors import GatewayUnavailable

_CALL_SECONDS = Histogram(
    "luxewin_gateway_call_seconds",
    "Time that a call of a gateway takes by operation and outcome",
    ["gateway", "operation", "outcome"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)


class Called:
    """A call that is under way; `outcome` is how it ended."""

    outcome = "failed"

    def answered(self, answer: object) -> None:
        """Take the outcome from what came back: the state that it names, if it names one."""
        self.outcome = str(getattr(answer, "status", "answered"))


@contextmanager
def called(gateway: str, operation: str) -> Iterator[Called]:
    """Tell of a call when the block ends."""
    call = Called()
    begun = time.perf_counter()
    with tracing.step(f"{gateway} {operation}", outward=True) as span:
        try:
            yield call
        except GatewayUnavailable:
            call.outcome = "refused"
            raise
        finally:
            _CALL_SECONDS.labels(gateway, operation, call.outcome).observe(time.perf_counter() - begun)
            span.set_attributes(gateway=gateway, operation=operation, outcome=call.outcome)
