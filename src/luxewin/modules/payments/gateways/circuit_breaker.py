"""A circuit breaker: no calls to a gateway that has failed several times in a row, until it is tried again."""

import time
from collections.abc import Callable

from luxewin.modules.payments.errors import GatewayUnavailable


class CircuitBreaker:
    """Opens after so many failures in a row; after `reset_seconds` it lets one call through to try the gateway."""

    def __init__(
        self, *, max_failures: int = 10, reset_seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_failures = max_failures
        self._reset_seconds = reset_seconds
        self._clock = clock
        self._failures = 0
        self._open_until = 0.0

    def check(self) -> None:
        """Return if a call may be made.

        Raises:
            GatewayUnavailable: the circuit is open; the gateway is not called.
        """
        if self._failures < self._max_failures:
            return
        now = self._clock()
        if now < self._open_until:
            raise GatewayUnavailable(retry_after_seconds=max(1, round(self._open_until - now)))
        self._open_until = now + self._reset_seconds

    def record_success(self) -> None:
        """Close the circuit: the gateway has responded."""
        self._failures = 0

    def record_failure(self) -> None:
        """Count a failure: the gateway has not responded."""
        self._failures += 1
        self._open_until = self._clock() + self._reset_seconds
