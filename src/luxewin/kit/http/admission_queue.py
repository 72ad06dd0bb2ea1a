"""Admission decisions, computed from numbers: a request starts, waits or is rejected.

Two known ideas are used. *Delay, not length, distinguishes a bad queue from a good one*: a queue that empties after a
moment has absorbed a burst, one that does not empty is congested (CoDel, RFC 8289; for requests: B. Maurer, "Fail at
Scale", ACM Queue 13(8), 2015). *The concurrency limit is found, not configured*: it grows by its square root while
requests wait although nothing is slow, and shrinks by a tenth while there is a standing delay (additive increase and
multiplicative decrease, as in TCP; the square root as in Netflix's concurrency-limits).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority, QueueLimits

W = TypeVar("W")

INTERVAL_SECONDS = 0.1
"""The interval of measurements; a delay is standing if it lasts for a whole interval (as in CoDel)."""

CONGESTED_AFTER_SECONDS = 1.0
"""The time after which a queue that is never empty counts as congested.

As long as the shortest wait of a burst, so that requests that arrive while the whole process is held up, by a commit or
a garbage collection, are served."""

HIGH_DELAY_SECONDS = 0.02
"""The standing delay (of the event loop, or for a database connection) above which the concurrency limit shrinks.

A request passes the event loop some twenty times, so this is a twentieth of what its client notices."""

LOW_DELAY_SECONDS = 0.005
"""The standing delay below which the concurrency limit may grow: the target of CoDel."""

_DECREASE = 0.9
_INTERVAL_SAMPLES = 50
"""The interval between starts is averaged over this many, because they come in waves."""

_MIN_STARTS = 16
"""The number of starts after which the interval is known; the first comes when everything active before it is done."""


class ConcurrencyLimit:
    """The number of requests that may be active, between a minimum and a maximum."""

    def __init__(self, *, minimum: int, maximum: int) -> None:
        self._minimum = minimum
        self._maximum = max(minimum, maximum)
        self._value = float(min(2 * minimum, self._maximum))

    @property
    def value(self) -> float:
        """The current limit."""
        return self._value

    def adjust(self, delay_seconds: float, *, was_reached: bool) -> None:
        """Adjust the limit to the standing delay of the last interval, and to whether requests had to wait for it."""
        if delay_seconds > HIGH_DELAY_SECONDS:
            self._value = max(float(self._minimum), self._value * _DECREASE)
        elif was_reached and delay_seconds < LOW_DELAY_SECONDS:
            self._value = min(float(self._maximum), self._value + math.sqrt(self._value))


@dataclass(slots=True)
class _PriorityQueue(Generic[W]):
    limits: QueueLimits
    max_waiting: int
    active: int = 0
    waiters: dict[W, None] = field(default_factory=dict)
    non_empty_since: float | None = None
    last_start_at: float = 0.0
    starts: int = 0
    start_interval_seconds: float = 0.0
    idle_intervals: int = 0

    def max_wait_seconds(self, now: float) -> float:
        is_congested = self.non_empty_since is not None and now - self.non_empty_since > CONGESTED_AFTER_SECONDS
        return self.limits.congested_seconds if is_congested else self.limits.burst_seconds

    def expected_wait_seconds(self) -> float:
        """Return how long a new request would wait: computed from recent starts, and at least the time since the last.

        Time without a start is counted in intervals, not read from the clock, which also moves while the whole process
        is held up.
        """
        interval_seconds = self.start_interval_seconds if self.starts > _MIN_STARTS else 0.0
        return max((len(self.waiters) + 1) * interval_seconds, self.idle_intervals * INTERVAL_SECONDS)

    def append(self, waiter: W, now: float) -> None:
        if self.non_empty_since is None:
            self.non_empty_since = self.last_start_at = now
        self.waiters[waiter] = None

    def pop(self, now: float) -> W:
        waiter = next(iter(self.waiters))
        del self.waiters[waiter]
        if self.starts:
            seconds = now - self.last_start_at
            self.start_interval_seconds += (seconds - self.start_interval_seconds) / min(self.starts, _INTERVAL_SAMPLES)
        self.starts += 1
        self.last_start_at, self.idle_intervals = now, 0
        if not self.waiters:
            self.reset()
        return waiter

    def reset(self) -> None:
        """Reset the measurements: a request was admitted at once, or the queue is empty again."""
        self.non_empty_since, self.starts, self.start_interval_seconds, self.idle_intervals = None, 0, 0.0, 0


class AdmissionQueue(Generic[W]):
    """Active requests and one queue of waiters for each priority; the highest priority starts first.

    A priority uses at most its share of the limit. Its queue is bounded, and joined only by requests that will probably
    start in time; all others are rejected at once.
    """

    def __init__(
        self,
        limit: ConcurrencyLimit,
        *,
        max_waiting: int,
        clock: Callable[[], float],
        limits: Mapping[Priority, QueueLimits] = QUEUE_LIMITS,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._queues: dict[Priority, _PriorityQueue[W]] = {
            priority: _PriorityQueue(limits[priority], min(max_waiting, limits[priority].max_waiting or max_waiting))
            for priority in sorted(limits)
        }
        self._active = 0
        self._waiting = 0
        self._was_reached = False

    @property
    def active(self) -> int:
        """The number of active requests."""
        return self._active

    @property
    def waiting(self) -> int:
        """The number of waiting requests."""
        return self._waiting

    def admit(self, priority: Priority) -> bool:
        """Start a new request if there is capacity and none of its priority waits; return whether it was started."""
        queue = self._queues[priority]
        if queue.waiters or not self._has_capacity(queue):
            return False
        if queue.non_empty_since is not None:
            queue.reset()
        self._start(queue)
        return True

    def rejects(self, priority: Priority) -> bool:
        """Return whether a new request of this priority must be rejected."""
        queue = self._queues[priority]
        if not queue.waiters and self._has_capacity(queue):
            return False
        self._was_reached = True
        now = self._clock()
        return len(queue.waiters) >= queue.max_waiting or queue.expected_wait_seconds() > queue.max_wait_seconds(now)

    def enqueue(self, priority: Priority, waiter: W) -> float:
        """Add a waiter to the queue of its priority; return the longest time in seconds that it should wait."""
        queue, now = self._queues[priority], self._clock()
        queue.append(waiter, now)
        self._waiting += 1
        self._was_reached = True
        return queue.max_wait_seconds(now)

    def remove(self, priority: Priority, waiter: W) -> None:
        """Remove a waiter that has waited too long, or whose client has left."""
        del self._queues[priority].waiters[waiter]
        self._waiting -= 1

    def finish(self, priority: Priority) -> Sequence[W]:
        """End an active request; return the waiters that start now."""
        self._queues[priority].active -= 1
        self._active -= 1
        return self._start_waiters() if self._waiting else ()

    def adjust(self, delay_seconds: float) -> Sequence[W]:
        """Adjust the limit to the standing delay of the last interval; return the waiters that start now.

        To be called once an interval.
        """
        for queue in self._queues.values():
            queue.idle_intervals += queue.non_empty_since is not None
        self._limit.adjust(delay_seconds, was_reached=self._was_reached)
        self._was_reached = self._waiting > 0
        return self._start_waiters()

    def _start_waiters(self) -> Sequence[W]:
        started: list[W] = []
        now = self._clock()
        for queue in self._queues.values():
            while queue.waiters and self._has_capacity(queue):
                started.append(queue.pop(now))
                self._waiting -= 1
                self._start(queue)
        return started

    def _has_capacity(self, queue: _PriorityQueue[W]) -> bool:
        limits = queue.limits
        if limits.max_active is not None and queue.active >= limits.max_active:
            return False
        return self._active < math.ceil(self._limit.value * limits.share)

    def _start(self, queue: _PriorityQueue[W]) -> None:
        queue.active += 1
        self._active += 1
