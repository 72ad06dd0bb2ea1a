"""Who may work now, who waits, and who is sent away: decided from numbers alone, so that every case can be tested.

Two ideas from elsewhere. *Delay, not length, tells a bad queue from a good one*: one that empties after a moment took
up a burst, one that stands is refused work (CoDel, RFC 8289; for requests: B. Maurer, "Fail at Scale", ACM Queue
13(8), 2015). *The number at work is found, not guessed*: it grows by its square root while somebody waits and nothing
is slow, and shrinks by a tenth while there is a standing delay (additive increase and multiplicative decrease, as in
TCP; the square root as in Netflix's concurrency-limits).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority, QueueLimits

P = TypeVar("P")

INTERVAL_SECONDS = 0.1
"""How often the delay inside is taken in; it counts as standing where all of the interval had it (as in CoDel)."""

STANDING_AFTER_SECONDS = 1.0
"""For how long somebody has to wait in a line without a break until it counts as standing.

As long as the shortest burst is worth waiting for, so that what comes while the whole program is held up, by a commit
or a collection of garbage, waits for its turn."""

SLOW_SECONDS = 0.02
"""A standing delay inside (of the event loop, or for a connection of the database) above which too many work.

A request passes the event loop some twenty times on its way, so this is a twentieth of what its client feels."""

SWIFT_SECONDS = 0.005
"""A standing delay below which more may work: this is CoDel's target."""

_DECREASE = 0.9
_CALLS_OF_A_PACE = 50
"""A pace is the mean of so many calls, for they come in waves."""

_TELLING_CALLS = 16
"""After so many calls a line's pace is known; the first comes when all who were at work before it are done."""


class ConcurrencyLimit:
    """How many requests may be at work, between a least and a most number."""

    def __init__(self, *, least: int, most: int) -> None:
        self._least = least
        self._most = max(least, most)
        self._value = float(min(2 * least, self._most))

    @property
    def value(self) -> float:
        """The limit now."""
        return self._value

    def adjust(self, delay_seconds: float, *, wanted: bool) -> None:
        """Take in the standing delay of the last interval, and whether somebody wanted to work and could not."""
        if delay_seconds > SLOW_SECONDS:
            self._value = max(float(self._least), self._value * _DECREASE)
        elif wanted and delay_seconds < SWIFT_SECONDS:
            self._value = min(float(self._most), self._value + math.sqrt(self._value))


@dataclass(slots=True)
class _Line(Generic[P]):
    limits: QueueLimits
    most_waiting: int
    at_work: int = 0
    places: dict[P, None] = field(default_factory=dict)
    stands_since: float | None = None
    called_at: float = 0.0
    calls: int = 0
    pace_seconds: float = 0.0
    silent_intervals: int = 0

    def patience_seconds(self, now: float) -> float:
        stands = self.stands_since is not None and now - self.stands_since > STANDING_AFTER_SECONDS
        return self.limits.standing_seconds if stands else self.limits.burst_seconds

    def expected_seconds(self) -> float:
        """Return how long a newcomer would wait: at the pace of the last calls, and no less than the line is silent.

        The first calls tell no pace. Silence is counted in intervals, not read from the clock, which also moves while
        the whole program is held up.
        """
        pace_seconds = self.pace_seconds if self.calls > _TELLING_CALLS else 0.0
        return max((len(self.places) + 1) * pace_seconds, self.silent_intervals * INTERVAL_SECONDS)

    def join(self, place: P, now: float) -> None:
        if self.stands_since is None:
            self.stands_since = self.called_at = now
        self.places[place] = None

    def call(self, now: float) -> P:
        place = next(iter(self.places))
        del self.places[place]
        if self.calls:
            self.pace_seconds += (now - self.called_at - self.pace_seconds) / min(self.calls, _CALLS_OF_A_PACE)
        self.calls += 1
        self.called_at, self.silent_intervals = now, 0
        if not self.places:
            self.forget()
        return place

    def forget(self) -> None:
        """Forget the delay: somebody found a free place, or everybody who waited was called."""
        self.stands_since, self.calls, self.pace_seconds, self.silent_intervals = None, 0, 0.0, 0


class AdmissionQueue(Generic[P]):
    """Places at work and lines before them, one for each kind of request; the worthiest are called first.

    A kind works within its share of the limit. Its line is bounded, and joined only by those who are likely to be
    called while it is still worth it; the others are sent away at once.
    """

    def __init__(
        self,
        limit: ConcurrencyLimit,
        *,
        most_waiting: int,
        clock: Callable[[], float],
        limits: Mapping[Priority, QueueLimits] = QUEUE_LIMITS,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._lines: dict[Priority, _Line[P]] = {
            priority: _Line(limits[priority], min(most_waiting, limits[priority].most_waiting or most_waiting))
            for priority in sorted(limits)
        }
        self._at_work = 0
        self._waiting = 0
        self._wanted = False

    @property
    def at_work(self) -> int:
        """How many are at work."""
        return self._at_work

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    def admit(self, priority: Priority) -> bool:
        """Give a newcomer a free place, if there is one and nobody of its kind was here before."""
        line = self._lines[priority]
        if line.places or not self._is_free(line):
            return False
        if line.stands_since is not None:
            line.forget()
        self._begin(line)
        return True

    def refuses(self, priority: Priority) -> bool:
        """Tell whether a newcomer of this kind has to be sent away."""
        line = self._lines[priority]
        if not line.places and self._is_free(line):
            return False
        self._wanted = True
        now = self._clock()
        return len(line.places) >= line.most_waiting or line.expected_seconds() > line.patience_seconds(now)

    def wait(self, priority: Priority, place: P) -> float:
        """Let a newcomer join the line of its kind; return for how many seconds that is worth it."""
        line, now = self._lines[priority], self._clock()
        line.join(place, now)
        self._waiting += 1
        self._wanted = True
        return line.patience_seconds(now)

    def give_up(self, priority: Priority, place: P) -> None:
        """Let somebody leave the line who waited too long, or is gone."""
        del self._lines[priority].places[place]
        self._waiting -= 1

    def leave(self, priority: Priority) -> Sequence[P]:
        """End the work of one; return the places of those who may begin now."""
        self._lines[priority].at_work -= 1
        self._at_work -= 1
        return self._called() if self._waiting else ()

    def adjust(self, delay_seconds: float) -> Sequence[P]:
        """Take in the standing delay of the last interval; return the places of those who may begin now.

        To be called once an interval.
        """
        for line in self._lines.values():
            line.silent_intervals += line.stands_since is not None
        self._limit.adjust(delay_seconds, wanted=self._wanted)
        self._wanted = self._waiting > 0
        return self._called()

    def _called(self) -> Sequence[P]:
        called: list[P] = []
        now = self._clock()
        for line in self._lines.values():
            while line.places and self._is_free(line):
                called.append(line.call(now))
                self._waiting -= 1
                self._begin(line)
        return called

    def _is_free(self, line: _Line[P]) -> bool:
        limits = line.limits
        if limits.most_at_work is not None and line.at_work >= limits.most_at_work:
            return False
        return self._at_work < math.ceil(self._limit.value * limits.share)

    def _begin(self, line: _Line[P]) -> None:
        line.at_work += 1
        self._at_work += 1
