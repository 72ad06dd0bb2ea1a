"""Rate limits by name and caller, sent in the standard headers."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from luxewin.kit.errors import TooMany

CREDENTIALS = "credentials"
WRITES = "writes"
READS = "reads"
PUBLISHED_LIMITS = {CREDENTIALS: 20, WRITES: 300, READS: 1200}
"""Requests per minute of one caller: an account, or the address of an anonymous client (a /64 for IPv6)."""

Counts = dict[tuple[str, str], int]
"""Requests of a minute, by the name of the limit and the caller."""

_WINDOW_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Allowance:
    """The remaining quota of a caller, as values of the headers `RateLimit-Policy` and `RateLimit`."""

    policy: str
    state: str
    refused_for_seconds: int | None

    def raise_if_exceeded(self) -> None:
        """Check that the limit was not exceeded.

        Raises:
            TooMany: it was; the error contains the seconds until the next attempt.
        """
        if self.refused_for_seconds is not None:
            raise TooMany(retry_after_seconds=self.refused_for_seconds)


class Limiter:
    """Counts requests in this process, in a sliding window; `scale` stretches the published limits.

    Source: the sliding window counter. Requests are counted by minute. Requests of the previous minute count in
    proportion to its overlap with the last sixty seconds, as if spread evenly. Rejected requests do not count.
    """

    def __init__(self, *, scale: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits = {name: max(1, round(amount * scale)) for name, amount in PUBLISHED_LIMITS.items()}
        self._policies = {name: f'"{name}";q={amount};w={_WINDOW_SECONDS}' for name, amount in self._limits.items()}
        self._window = 0
        self._before: Counts = {}
        self._now: Counts = {}

    def count(self, limit: str, caller: str) -> Allowance:
        """Count a request, and return the remaining quota."""
        window, elapsed_seconds = divmod(self._clock(), _WINDOW_SECONDS)
        if window != self._window:
            # The counts of a minute are dropped together, so no cleanup is needed.
            self._before = self._now if window == self._window + 1 else {}
            self._window, self._now = int(window), {}
        key, allowed = (limit, caller), self._limits[limit]
        before, now = self._before.get(key, 0), self._now.get(key, 0)
        used = before * (1 - elapsed_seconds / _WINDOW_SECONDS) + now
        if used + 1 <= allowed:
            self._now[key] = now + 1
            left, seconds = int(allowed - used - 1), math.ceil(_WINDOW_SECONDS - elapsed_seconds)
            return Allowance(self._policies[limit], f'"{limit}";r={left};t={seconds}', None)
        seconds = max(1, math.ceil(_seconds_until_free(allowed, before, now) - elapsed_seconds))
        return Allowance(self._policies[limit], f'"{limit}";r=0;t={seconds}', seconds)


def _seconds_until_free(allowed: int, before: int, now: int) -> float:
    """Return the seconds from the start of the minute until one more request is admitted, if no other arrives."""
    if now < allowed:
        return _WINDOW_SECONDS * (1 - (allowed - 1 - now) / before)
    return _WINDOW_SECONDS * (2 - (allowed - 1) / now)
