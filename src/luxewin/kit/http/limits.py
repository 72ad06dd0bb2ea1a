"""Rate limits per class of route and caller: one documented table, announced in the standard headers."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from luxewin.kit.errors import TooMany

CREDENTIALS = "credentials"
WRITES = "writes"
READS = "reads"
PUBLISHED_LIMITS = {CREDENTIALS: 20, WRITES: 300, READS: 1200}
"""Requests a minute of one caller: an account, or an address (a /64 for IPv6) while nobody is signed in."""

Counts = dict[tuple[str, str], int]
"""Requests of a minute, by route class and caller."""

_WINDOW_SECONDS = 60
_CREDENTIAL_PATHS = ("/api/v1/auth/login", "/api/v1/auth/register", "/api/v1/auth/refresh", "/api/v1/auth/password")

_SIGN_UP_PATH = "/api/v1/users"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left to a caller, as the headers `RateLimit-Policy` and `RateLimit` announce it."""

    policy: str
    state: str
    refused_for_seconds: int | None

    def must_admit(self) -> None:
        """Refuse the request where the limit is used up.

        Raises:
            TooMany: says in how many seconds to come back.
        """
        if self.refused_for_seconds is not None:
            raise TooMany(retry_after_seconds=self.refused_for_seconds)


class Limiter:
    """Counts requests in this process, in a sliding window; `scale` stretches the published limits.

    Source: the sliding window counter. Minutes are counted one by one, and of the minute before so much counts as still
    lies within the last sixty seconds, as if its requests had come evenly. Refused requests do not count.
    """

    def __init__(self, *, scale: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._limits = {name: max(1, round(amount * scale)) for name, amount in PUBLISHED_LIMITS.items()}
        self._policies = {name: f'"{name}";q={amount};w={_WINDOW_SECONDS}' for name, amount in self._limits.items()}
        self._window = 0
        self._before: Counts = {}
        self._now: Counts = {}

    def count(self, route_class: str, caller: str) -> Allowance:
        """Count a request, and tell what is left after it."""
        window, gone_seconds = divmod(self._clock(), _WINDOW_SECONDS)
        if window != self._window:
            # A whole minute's counts are let go at once: nothing is ever swept.
            self._before = self._now if window == self._window + 1 else {}
            self._window, self._now = int(window), {}
        key, most = (route_class, caller), self._limits[route_class]
        before, now = self._before.get(key, 0), self._now.get(key, 0)
        used = before * (1 - gone_seconds / _WINDOW_SECONDS) + now
        if used + 1 <= most:
            self._now[key] = now + 1
            left, seconds = int(most - used - 1), math.ceil(_WINDOW_SECONDS - gone_seconds)
            return Allowance(self._policies[route_class], f'"{route_class}";r={left};t={seconds}', None)
        seconds = max(1, math.ceil(_seconds_until_free(most, before, now) - gone_seconds))
        return Allowance(self._policies[route_class], f'"{route_class}";r=0;t={seconds}', seconds)


def _seconds_until_free(most: int, before: int, now: int) -> float:
    """Return how many seconds after the minute's begin one more request is admitted, if nobody asks meanwhile."""
    if now < most:
        return _WINDOW_SECONDS * (1 - (most - 1 - now) / before)
    return _WINDOW_SECONDS * (2 - (most - 1) / now)


def route_class(method: str, path: str) -> str:
    """Tell which limit a request counts against."""
    if path.startswith(_CREDENTIAL_PATHS) or (method == "POST" and path == _SIGN_UP_PATH):
        return CREDENTIALS
    return READS if method in {"GET", "HEAD", "OPTIONS"} else WRITES
