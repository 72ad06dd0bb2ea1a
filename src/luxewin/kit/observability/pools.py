"""Metrics of connection pools: connections in use, waiters, waiting times and timeouts."""

import time
from typing import Any

import asyncpg

from luxewin.kit.observability.instruments import Counter, Gauge, Histogram

_SIZE = Gauge(
    "luxewin_database_pool_size", "Most connections that the pools may open", ["role"], multiprocess_mode="livesum"
)
_IN_USE = Gauge("luxewin_database_pool_in_use", "Connections in use", ["role"], multiprocess_mode="livesum")
_WAITING = Gauge(
    "luxewin_database_pool_waiting",
    "Waiters, because all connections are in use",
    ["role"],
    multiprocess_mode="livesum",
)
_WAIT_SECONDS = Histogram(
    "luxewin_database_pool_wait_seconds",
    "Time to acquire a connection",
    ["role"],
    buckets=(0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1),
)
_TIMEOUTS = Counter("luxewin_database_pool_timeouts", "Waiters that got no connection in time", ["role"])


class MeasuredPool:
    """A pool of asyncpg with metrics."""

    def __init__(self, pool: asyncpg.Pool, *, role: str) -> None:
        self.pool = pool
        self._size = pool.get_max_size()
        self._acquired = 0
        self._in_use, self._waiting = _IN_USE.labels(role), _WAITING.labels(role)
        self._wait_seconds, self._timeouts = _WAIT_SECONDS.labels(role), _TIMEOUTS.labels(role)
        self._open = _SIZE.labels(role)
        self._open.inc(self._size)

    async def acquire(self, *, timeout_seconds: float) -> Any:
        """Acquire a connection.

        Raises:
            TimeoutError: none was free in time.
        """
        is_exhausted = self._acquired >= self._size
        if is_exhausted:
            self._waiting.inc()
        started = time.perf_counter()
        try:
            connection = await self.pool.acquire(timeout=timeout_seconds)
        except TimeoutError:
            self._timeouts.inc()
            raise
        finally:
            if is_exhausted:
                self._waiting.dec()
        self._wait_seconds.observe(time.perf_counter() - started)
        self._acquired += 1
        self._in_use.inc()
        return connection

    async def release(self, connection: Any, *, timeout_seconds: float) -> None:
        """Release a connection."""
        self._acquired -= 1
        self._in_use.dec()
        await self.pool.release(connection, timeout=timeout_seconds)

    def mark_closed(self) -> None:
        """Remove the pool's size from the metrics."""
        self._open.dec(self._size)
