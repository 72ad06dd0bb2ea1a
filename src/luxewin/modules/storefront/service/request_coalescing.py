"""Request coalescing: equal requests at the same time share one query, which begins after each of them has arrived."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_MAX_QUERIES = 2


class RequestCoalescer(Generic[T]):
    """At most two queries per key: one that runs, and one that waits for it and serves all requests of that time.

    Nothing is cached, and no request joins a query that has begun, so a result includes everything that was committed
    before the request arrived: a buyer sees the stock level after the purchase.
    """

    def __init__(self) -> None:
        self._queries: dict[Hashable, list[asyncio.Task[T]]] = {}

    async def run(self, key: Hashable, query: Callable[[], Awaitable[T]]) -> T:
        """Return the result of a query that begins from now on."""
        queries = self._queries.setdefault(key, [])
        if len(queries) < _MAX_QUERIES:
            task = asyncio.create_task(_after(queries[-1] if queries else None, query))
            queries.append(task)
            task.add_done_callback(lambda done: self._end(key, done))
        # Shielded: a request that is cancelled must not cancel the query for the others.
        return await asyncio.shield(queries[-1])

    def _end(self, key: Hashable, task: "asyncio.Task[T]") -> None:
        queries = self._queries[key]
        queries.remove(task)
        if not queries:
            del self._queries[key]
        if not task.cancelled():
            task.exception()


async def _after(running: "asyncio.Task[T] | None", query: Callable[[], Awaitable[T]]) -> T:
    if running is not None:
        await asyncio.wait([running])
    return await query()
