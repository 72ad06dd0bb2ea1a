"""Rate limits that hold for all processes together (`SHARED_LIMITS`)."""

import asyncio
import time
from collections.abc import Callable

from luxewin.kit.database import Database
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.limits import SHARED_LIMITS, Allowance, Limiter, admitted, refused
from luxewin.kit.observability.metrics import UNSHARED_LIMITS
from luxewin.kit.pools import LostRaceError
from luxewin.kit.request_counts import count_request

TIMEOUT_SECONDS = 0.5
REFUSAL_SECONDS = 1.0
"""For how long a refusal is repeated without another query: an attack must not become load of the database."""

MAX_REFUSED = 10_000
_NO_ANSWER = (Unavailable, LostRaceError, *DRIVER_ERRORS)


class SharedLimits:
    """Counts requests to limits that are shared, in the database.

    If the database does not answer, this process counts alone, and a metric tells so: a limit protects, and must not be
    what stops a shop.
    """

    def __init__(self, database: Database, local: Limiter, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._local = local
        self._clock = clock
        for limit in SHARED_LIMITS:
            UNSHARED_LIMITS.labels(limit)  # shown as 0 before it rises
        self._refused: dict[tuple[str, str], tuple[float, Allowance]] = {}

    async def count(self, limit: str, caller: str) -> Allowance:
        """Count a request, and return the remaining quota."""
        until, repeated = self._refused.get((limit, caller), (0.0, None))
        if repeated is not None and self._clock() < until:
            return repeated
        try:
            return await self._count_in_database(limit, caller)
        except _NO_ANSWER:
            UNSHARED_LIMITS.labels(limit).inc()
            return self._local.count(limit, caller)

    async def _count_in_database(self, limit: str, caller: str) -> Allowance:
        allowed = self._local.allowed(limit)
        async with asyncio.timeout(TIMEOUT_SECONDS):
            count = await count_request(self._database, limit, caller, allowed=allowed)
        present = admitted if count.is_admitted else refused
        allowance = present(limit, allowed, before=count.before, now=count.now, elapsed_seconds=count.elapsed_seconds)
        if not count.is_admitted:
            self._remember(limit, caller, allowance)
        return allowance

    def _remember(self, limit: str, caller: str, allowance: Allowance) -> None:
        if len(self._refused) >= MAX_REFUSED:
            self._refused.clear()
        self._refused[limit, caller] = (self._clock() + REFUSAL_SECONDS, allowance)
