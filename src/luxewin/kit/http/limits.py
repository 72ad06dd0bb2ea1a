"""Rate limits per class of route and caller: one documented table, announced in the standard headers."""

import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from luxewin.kit.errors import TooMany

CREDENTIALS = "credentials"
WRITES = "writes"
READS = "reads"
PUBLISHED_LIMITS = {CREDENTIALS: 20, WRITES: 300, READS: 1200}
"""Requests a minute of one caller: an account, or an address (a /64 for IPv6) while nobody is signed in."""

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
    """Counts requests in this process, in a sliding window; `scale` stretches the published limits."""

    def __init__(self, *, scale: float = 1.0) -> None:
        self._limits: dict[str, RateLimitItem] = {
            name: RateLimitItemPerMinute(max(1, round(amount * scale))) for name, amount in PUBLISHED_LIMITS.items()
        }
        self._windows = SlidingWindowCounterRateLimiter(MemoryStorage())

    def count(self, route_class: str, caller: str) -> Allowance:
        """Count a request, and tell what is left after it."""
        limit = self._limits[route_class]
        admitted = self._windows.hit(limit, route_class, caller)
        stats = self._windows.get_window_stats(limit, route_class, caller)
        window_seconds = limit.get_expiry()
        reset_seconds = max(1, min(window_seconds, round(stats.reset_time - time.time())))
        return Allowance(
            f'"{route_class}";q={limit.amount};w={window_seconds}',
            f'"{route_class}";r={stats.remaining};t={reset_seconds}',
            None if admitted else reset_seconds,
        )


def route_class(method: str, path: str) -> str:
    """Tell which limit a request counts against."""
    if path.startswith(_CREDENTIAL_PATHS) or (method == "POST" and path == _SIGN_UP_PATH):
        return CREDENTIALS
    return READS if method in {"GET", "HEAD", "OPTIONS"} else WRITES
