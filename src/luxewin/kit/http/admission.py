"""Admission: how many requests are at work at once, and who is refused when there is too much to do.

A request that would have to wait longer than it is worth is refused at once, and told when to come back; the least
worthy first (`worth`). The decisions are the `waiting_room`'s; here are the tasks that wait and the clock that ticks.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping, Sequence
from typing import Any
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.errors import Unavailable
from luxewin.kit.http.admission_queue import INTERVAL_SECONDS, AdmissionQueue, ConcurrencyLimit
from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority, QueueLimits, priority_of
from luxewin.kit.http.problems import MEDIA_TYPE, problem_response
from luxewin.kit.http.raw_response import RawResponse
from luxewin.kit.ids import new_request_id
from luxewin.kit.observability.metrics import SHED

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
_Place = asyncio.Future[None]

CROWDED = "luxewin.crowded"
"""Stands in the scope of a request whose connection was one too many."""

_BASE = "/api/v1/"
_FEWEST_AT_WORK = 4
_ENOUGH_AT_WORK = 12
_SAMPLES = 4
_MOST_FOR_EACH_CONNECTION = 16
_SPREAD_SECONDS = 3
_SHED = {priority: SHED.labels(priority.name.lower()) for priority in Priority}


class Overloaded(Unavailable):
    """More is asked than can be answered in time; this request was refused before anything was done for it.

    Send it again after `Retry-After`, and wait longer each time. Payments and orders are refused last.
    """

    code = "service.overloaded"
    title = "The server is overloaded; try again shortly"


_ANY_ID = str(UUID(int=0)).encode()
_BODY = bytes(problem_response(Overloaded(), request_id=str(UUID(int=0))).body)
_HEAD = (
    b"content-type: %b\r\ncontent-length: %d\r\ncache-control: no-store\r\n" % (MEDIA_TYPE.encode(), len(_BODY))
    + b"retry-after: %d\r\nx-request-id: %b\r\n"
)
_NOT_PLAIN = frozenset({b"x-request-id", b"origin", b"expect"})
"""What the answer has to reflect, or must not come before."""


class ClientLeft(Exception):
    """The client hung up before its request was served, so there is nobody to answer."""


class Admission:
    """The bound on requests at work, which adapts, and the lines of those who wait.

    While there is a standing delay it goes down, to no less than keeps one process busy; while requests wait although
    nothing inside is slow (they may all be waiting for a payment gateway) it goes up.
    """

    def __init__(
        self, *, connections: int, most_waiting: int, limits: Mapping[Priority, QueueLimits] = QUEUE_LIMITS
    ) -> None:
        least = max(_FEWEST_AT_WORK, min(connections, _ENOUGH_AT_WORK))
        limit = ConcurrencyLimit(least=least, most=_MOST_FOR_EACH_CONNECTION * connections)
        self._queue: AdmissionQueue[_Place] = AdmissionQueue(
            limit, most_waiting=most_waiting, clock=time.monotonic, limits=limits
        )
        self._refused = 0

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return self._queue.waiting

    def refuses(self, priority: Priority) -> bool:
        """Tell whether a newcomer has no prospect of a turn that is still worth it."""
        return self._queue.refuses(priority)

    def reject_early(self, method: str, path: str, headers: Iterable[tuple[bytes, bytes]]) -> RawResponse | None:
        """Return the refusal of a plain request that has no prospect; None where it has one, or is not plain.

        It has all of the answer but its first line and the headers that all answers have. The less a refusal
        costs, the more is left for what is served. It is counted as shed, and nowhere else.
        """
        priority = priority_of(method, path)
        if method == "HEAD" or not path.startswith(_BASE) or not self._queue.refuses(priority):
            return None
        if any(name in _NOT_PLAIN for name, _ in headers):
            return None
        request_id = new_request_id().encode()
        seconds = self._refusal(priority).facts["retry_after_seconds"]
        return RawResponse(_HEAD % (seconds, request_id), _BODY.replace(_ANY_ID, request_id))

    def refused(self, priority: Priority, request_id: str) -> Response:
        """Count a refusal, and return its answer."""
        return problem_response(self._refusal(priority), request_id=request_id)

    def turn(self, priority: Priority, receive: Receive) -> "Turn":
        """Return a place at work, to be entered with `async with`; the request's body must have been read."""
        return Turn(self, priority, receive)

    async def watch(self, queue_delay_seconds: Callable[[], float]) -> None:
        """Measure the standing delay again and again, and let the limit heed it.

        It is the larger of the event loop's, seen by how late this task wakes up, and the database pool's.
        """
        while True:
            lags = [await _lag_seconds(INTERVAL_SECONDS / _SAMPLES) for _ in range(_SAMPLES)]
            _call(self._queue.adjust(max(min(lags), queue_delay_seconds())))

    async def enter(self, priority: Priority, receive: Receive) -> None:
        """Take a place at work, or wait for one as long as it is worth it.

        Raises:
            Overloaded: the wait was, or would be, too long.
            ClientLeft: the client hung up meanwhile.
        """
        if self._queue.admit(priority):
            return
        if self._queue.refuses(priority):
            raise self._refusal(priority)
        place: _Place = asyncio.get_running_loop().create_future()
        patience_seconds = self._queue.wait(priority, place)
        leaving = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait({place, leaving}, timeout=patience_seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            self._take_back(priority, place)
            raise
        finally:
            leaving.cancel()
        if not place.done():
            self._queue.give_up(priority, place)
            raise ClientLeft if leaving.done() and not leaving.cancelled() else self._refusal(priority)

    def leave(self, priority: Priority) -> None:
        """Give the place back; whoever is next begins."""
        _call(self._queue.leave(priority))

    def _refusal(self, priority: Priority) -> Overloaded:
        _SHED[priority].inc()
        self._refused += 1
        # Not all of them in the same second: that would be the next wave.
        return Overloaded(retry_after_seconds=1 + self._refused % _SPREAD_SECONDS)

    def _take_back(self, priority: Priority, place: _Place) -> None:
        if place.done():
            self.leave(priority)
        else:
            self._queue.give_up(priority, place)


class Turn:
    """A place at work, for as long as the block lasts."""

    __slots__ = ("_admission", "_receive", "_worth")

    def __init__(self, admission: Admission, priority: Priority, receive: Receive) -> None:
        self._admission = admission
        self._worth = priority
        self._receive = receive

    async def __aenter__(self) -> None:
        await self._admission.enter(self._worth, self._receive)

    async def __aexit__(self, *_: object) -> None:
        self._admission.leave(self._worth)


def _call(places: Sequence[_Place]) -> None:
    for place in places:
        place.set_result(None)


async def _lag_seconds(pause_seconds: float) -> float:
    """Return how much later than asked for the event loop comes back to this."""
    loop = asyncio.get_running_loop()
    due = loop.time() + pause_seconds
    await asyncio.sleep(pause_seconds)
    return loop.time() - due


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
