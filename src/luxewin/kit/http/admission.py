"""Admission control: a limit on the number of active requests, with queues and early rejection.

A request that would have to wait too long is rejected at once with `Retry-After`; low priorities first (see
`priorities`). `admission_queue` decides; this module holds the tasks that wait, and measures the delay.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any, Self

from luxewin.kit.errors import Unavailable
from luxewin.kit.http.admission_queue import INTERVAL_SECONDS, AdmissionQueue, ConcurrencyLimit
from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority, QueueLimits
from luxewin.kit.observability.metrics import SHED

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Waiter = asyncio.Future[None]

OVER_CONNECTION_LIMIT = "luxewin.over_connection_limit"
"""The scope key that marks a request whose connection exceeds the limit of connections."""

_MIN_CONCURRENCY = 4
_BUSY_CONCURRENCY = 12
"""This many active requests keep one process busy."""

_SAMPLES = 4
_MAX_FOR_EACH_CONNECTION = 16
_RETRY_SPREAD_SECONDS = 3
_SHED = {priority: SHED.labels(priority.name.lower()) for priority in Priority}


class Overloaded(Unavailable):
    """There are more requests than can be answered in time; this one was rejected before anything was done for it.

    Send it again after `Retry-After`, and wait longer each time. Requests of low priority are rejected first.
    """

    code = "service.overloaded"
    title = "The server is overloaded; try again shortly"


class ClientLeft(Exception):
    """The client hung up before its request was served, so no response can be sent."""


class Admission:
    """Admission control with an adaptive concurrency limit, and queues of the requests that wait.

    The limit shrinks while there is a standing delay, but always keeps one process busy. It grows while requests wait
    although nothing inside is slow: the active requests may all be waiting for a remote service.
    """

    def __init__(
        self, *, connections: int, max_waiting: int, limits: Mapping[Priority, QueueLimits] = QUEUE_LIMITS
    ) -> None:
        minimum = max(_MIN_CONCURRENCY, min(connections, _BUSY_CONCURRENCY))
        limit = ConcurrencyLimit(minimum=minimum, maximum=_MAX_FOR_EACH_CONNECTION * connections)
        self._queue: AdmissionQueue[_Waiter] = AdmissionQueue(
            limit, max_waiting=max_waiting, clock=time.monotonic, limits=limits
        )
        self._rejected = 0

    @property
    def waiting(self) -> int:
        """The number of waiting requests."""
        return self._queue.waiting

    def rejects(self, priority: Priority) -> bool:
        """Return whether a new request of this priority must be rejected."""
        return self._queue.rejects(priority)

    def rejection(self, priority: Priority) -> Overloaded:
        """Count a rejected request, and return its error."""
        _SHED[priority].inc()
        self._rejected += 1
        # Different delays, so that the clients do not all return in the same second.
        return Overloaded(retry_after_seconds=1 + self._rejected % _RETRY_SPREAD_SECONDS)

    def slot(self, priority: Priority, receive: Receive) -> "Slot":
        """Return a slot for one active request, to be entered with `async with`, after its body was read."""
        return Slot(self, priority, receive)

    async def watch(self, queue_delay_seconds: Callable[[], float]) -> None:
        """Measure the standing delay and adjust the limit, until cancelled.

        The delay is the larger of the event loop's, measured by how late this task wakes up, and the database pool's.
        """
        while True:
            lags = [await _lag_seconds(INTERVAL_SECONDS / _SAMPLES) for _ in range(_SAMPLES)]
            _resume(self._queue.adjust(max(min(lags), queue_delay_seconds())))

    async def enter(self, priority: Priority, receive: Receive) -> None:
        """Start a request, or wait until it may start.

        Raises:
            Overloaded: the wait was, or would be, too long.
            ClientLeft: the client hung up meanwhile.
        """
        if self._queue.admit(priority):
            return
        if self._queue.rejects(priority):
            raise self.rejection(priority)
        waiter: _Waiter = asyncio.get_running_loop().create_future()
        max_wait_seconds = self._queue.enqueue(priority, waiter)
        leaving = asyncio.ensure_future(_until_disconnected(receive))
        try:
            await asyncio.wait({waiter, leaving}, timeout=max_wait_seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._cancel(priority, waiter)
            raise
        finally:
            leaving.cancel()
        if not waiter.done():
            self._queue.remove(priority, waiter)
            raise ClientLeft if leaving.done() and not leaving.cancelled() else self.rejection(priority)

    def leave(self, priority: Priority) -> None:
        """End an active request, and start the next one in the queue."""
        _resume(self._queue.finish(priority))

    def _cancel(self, priority: Priority, waiter: _Waiter) -> None:
        if waiter.done():
            self.leave(priority)
        else:
            self._queue.remove(priority, waiter)


class Slot:
    """The slot of one active request, held during the block or until it is released."""

    __slots__ = ("_admission", "_is_held", "_priority", "_receive")

    def __init__(self, admission: Admission, priority: Priority, receive: Receive) -> None:
        self._admission = admission
        self._priority = priority
        self._receive = receive
        self._is_held = False

    async def __aenter__(self) -> Self:
        await self._admission.enter(self._priority, self._receive)
        self._is_held = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        """End the active request: only sending is left, which takes as long as the client likes."""
        if self._is_held:
            self._is_held = False
            self._admission.leave(self._priority)


def _resume(waiters: Sequence[_Waiter]) -> None:
    for waiter in waiters:
        waiter.set_result(None)


async def _lag_seconds(pause_seconds: float) -> float:
    """Return how much later than scheduled the event loop resumes this coroutine."""
    loop = asyncio.get_running_loop()
    due = loop.time() + pause_seconds
    await asyncio.sleep(pause_seconds)
    return loop.time() - due


async def _until_disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
