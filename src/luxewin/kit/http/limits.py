"""Rate limits by name and caller, sent in the standard headers."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from luxewin.kit.errors import TooMany

CREDENTIALS = "credentials"
MONEY = "money"
WRITES = "writes"
READS = "reads"
PUBLISHED_LIMITS = {CREDENTIALS: 20, MONEY: 60, WRITES: 300, READS: 1200}
"""Requests per minute of one caller: an account, or the address of an anonymous client (a /64 for IPv6).

`credentials` counts both for an account, because whoever holds a token may be guessing its owner's password.
"""

SHARED_LIMITS = frozenset({CREDENTIALS, MONEY})
"""Limits that hold for all processes together, counted in the database: few requests, and each may be an attack."""

LARGEST_LIMIT = 10_000_000
WINDOW_SECONDS = 60

Counts = dict[tuple[str, str], int]
"""Requests of a minute, by the name of the limit and the caller."""


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


def scaled_limits(scale: float) -> Mapping[str, int]:
    """Return the published limits, multiplied by a factor; each is at least one."""
    return {name: max(1, round(amount * scale)) for name, amount in PUBLISHED_LIMITS.items()}


class Limiter:
    """Counts requests in this process, in a sliding window.

    `scale` stretches the published limits; `changed` returns those that were changed since, by name, and is called for
    every request, so that a change takes effect while the program runs.

    Source: the sliding window counter. Requests are counted by minute. Requests of the previous minute count in
    proportion to its overlap with the last sixty seconds, as if spread evenly. Rejected requests do not count.
    """

    def __init__(
        self,
        *,
        scale: float = 1.0,
        changed: Callable[[], Mapping[str, int]] = dict,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._limits = scaled_limits(scale)
        self._changed = changed
        self._window = 0
        self._before: Counts = {}
        self._now: Counts = {}

    def allowed(self, limit: str) -> int:
        """Return the number of requests per minute that a limit allows now."""
        return self._changed().get(limit) or self._limits[limit]

    def count(self, limit: str, caller: str) -> Allowance:
        """Count a request, and return the remaining quota."""
        window, elapsed_seconds = divmod(self._clock(), WINDOW_SECONDS)
        if window != self._window:
            # The counts of a minute are dropped together, so no cleanup is needed.
            self._before = self._now if window == self._window + 1 else {}
            self._window, self._now = int(window), {}
        key, allowed = (limit, caller), self.allowed(limit)
        before, now = self._before.get(key, 0), self._now.get(key, 0)
        if before * (1 - elapsed_seconds / WINDOW_SECONDS) + now + 1 > allowed:
            return refused(limit, allowed, before=before, now=now, elapsed_seconds=elapsed_seconds)
        self._now[key] = now + 1
        return admitted(limit, allowed, before=before, now=now + 1, elapsed_seconds=elapsed_seconds)


def admitted(limit: str, allowed: int, *, before: int, now: int, elapsed_seconds: float) -> Allowance:
    """Return the allowance after a request that was admitted and is counted in `now`."""
    left = int(allowed - before * (1 - elapsed_seconds / WINDOW_SECONDS) - now)
    seconds = math.ceil(WINDOW_SECONDS - elapsed_seconds)
    return Allowance(_policy(limit, allowed), f'"{limit}";r={max(0, left)};t={seconds}', None)


def refused(limit: str, allowed: int, *, before: int, now: int, elapsed_seconds: float) -> Allowance:
    """Return the allowance after a request that was refused; it is not counted in `now`."""
    seconds = max(1, math.ceil(_seconds_until_free(allowed, before, now) - elapsed_seconds))
    return Allowance(_policy(limit, allowed), f'"{limit}";r=0;t={seconds}', seconds)


@lru_cache(maxsize=64)
def _policy(limit: str, allowed: int) -> str:
    return f'"{limit}";q={allowed};w={WINDOW_SECONDS}'


def _seconds_until_free(allowed: int, before: int, now: int) -> float:
    """Return the seconds from the start of the minute until one more request is admitted, if no other arrives."""
    if now < allowed:
        return WINDOW_SECONDS * (1 - (allowed - 1 - now) / before)
    return WINDOW_SECONDS * (2 - (allowed - 1) / now)
