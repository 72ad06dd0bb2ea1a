"""A pool of connections under watch: how many are in use, who waits, how long, and who gave up."""

import time
from typing import Any

import asyncpg

from luxewin.kit.observability.counting import Counter, Gauge, Histogram

_SIZE = Gauge(
    "luxewin_database_pool_size", "Most connections that the pools may open", ["role"], multiprocess_mode="livesum"
)
_IN_USE = Gauge("luxewin_database_pool_in_use", "Connections in use", ["role"], multiprocess_mode="livesum")
_WAITING = Gauge(
    "luxewin_database_pool_waiting",
    "Who waits because all connections are in use",
    ["role"],
    multiprocess_mode="livesum",
)
_WAIT_SECONDS = Histogram(
    "luxewin_database_pool_wait_seconds",
    "Time until a connection was had",
    ["role"],
    buckets=(0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1),
)
_TIMEOUTS = Counter("luxewin_database_pool_timeouts", "Who got no connection in time", ["role"])


class WatchedPool:
    """Takes connections from a pool and brings them back."""

    def __init__(self, pool: asyncpg.Pool, *, role: str) -> None:
        self.pool = pool
        self._size = pool.get_max_size()
        self._taken = 0
        self._in_use, self._waiting = _IN_USE.labels(role), _WAITING.labels(role)
        self._wait_seconds, self._timeouts = _WAIT_SECONDS.labels(role), _TIMEOUTS.labels(role)
        self._open = _SIZE.labels(role)
        self._open.inc(self._size)

    async def acquire(self, *, timeout_seconds: float) -> Any:
        """Take a connection.

        Raises:
            TimeoutError: none was free in time.
        """
        crowded = self._taken >= self._size
        if crowded:
            self._waiting.inc()
        begun = time.perf_counter()
        try:
            connection = await self.pool.acquire(timeout=timeout_seconds)
        except TimeoutError:
            self._timeouts.inc()
            raise
        finally:
            if crowded:
                self._waiting.dec()
        self._wait_seconds.observe(time.perf_counter() - begun)
        self._taken += 1
        self._in_use.inc()
        return connection

    async def release(self, connection: Any, *, timeout_seconds: float) -> None:
        """Bring a connection back."""
        self._taken -= 1
        self._in_use.dec()
        await self.pool.release(connection, timeout=timeout_seconds)

    def left(self) -> None:
        """Tell that the pool is closed."""
        self._open.dec(self._size)
