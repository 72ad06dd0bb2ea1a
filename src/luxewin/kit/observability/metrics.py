"""Prometheus metrics of the kit; `docs/monitoring.md` has the table of all of them.

Labels come from closed sets: route templates, status classes, codes of refusals, names of duties. What anybody may
invent, such as a path, is never a label.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import nan

from luxewin.kit.observability.counting import Counter, Gauge, Histogram

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)
"""One bound is the objective of 200 ms, so that the share below it is counted and not guessed."""

PROCESSES = Gauge(
    "luxewin_processes", "Running processes by role and version", ["role", "version"], multiprocess_mode="livesum"
)
REQUESTS = Counter("luxewin_http_requests", "Requests by route and status", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "luxewin_http_request_seconds",
    "Time to answer by route and class of status",
    ["method", "route", "status"],
    buckets=_BUCKETS,
)
REFUSALS = Counter("luxewin_refusals", "Refused requests by code", ["code"])
SHED = Counter("luxewin_http_shed", "Requests refused because there was too much to do, by their worth", ["worth"])
PUBLISHED = Counter("luxewin_events_published", "Facts that entered the event log by type", ["type"])
AMOUNTS = Counter(
    "luxewin_event_amount_minor", "Minor units that published facts tell of by type and currency", ["type", "currency"]
)
DUTY_SECONDS = Histogram("luxewin_duty_seconds", "Time that a duty takes", ["duty"], buckets=(*_BUCKETS, 60, 600))
DUTY_FAILURES = Counter("luxewin_duty_failures", "Runs of a duty that failed", ["duty"])
DUTY_SUCCESS = Gauge(
    "luxewin_duty_success_timestamp_seconds", "When a duty last succeeded", ["duty"], multiprocess_mode="max"
)
DUTY_INTERVAL = Gauge(
    "luxewin_duty_interval_seconds", "How often a duty is done at least", ["duty"], multiprocess_mode="max"
)
LAW_PROVED = Gauge(
    "luxewin_law_proved_timestamp_seconds", "When a law was last proved or refuted", ["law"], multiprocess_mode="max"
)
LAW_INTERVAL = Gauge(
    "luxewin_law_interval_seconds", "How often a law is to be proved", ["law"], multiprocess_mode="max"
)


class Measured:
    """A gauge of what is everybody's, told by the leading process alone; who stops leading takes its figures back."""

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self._gauge = Gauge(name, meaning, labels, multiprocess_mode="livemostrecent")
        self._told: set[str] = set()

    def tell(self, value: float, *labels: str) -> None:
        """Tell one figure."""
        figure = self._gauge.labels(*labels) if labels else self._gauge
        figure.set(value)
        _TOLD.add(figure)
        self._told.update(labels)

    def tell_all(self, values: Mapping[str, float]) -> None:
        """Tell the figure of every label there is; one that is no longer among them has come to nothing."""
        for label, value in {**dict.fromkeys(self._told, 0.0), **values}.items():
            self.tell(value, label)


_TOLD: set[Gauge] = set()


def take_back_measurements() -> None:
    """Let no figure of this process stand: what is not a number fires no alert."""
    for figure in _TOLD:
        figure.set(nan)


OUTBOX = Measured("luxewin_outbox_events", "Facts waiting to be published")
OUTBOX_OLDEST = Measured("luxewin_outbox_oldest_seconds", "Age of the oldest fact that waits to be published")
WAITING = Measured("luxewin_listener_waiting_events", "Published events that a listener has not seen", "listener")
WAITING_OLDEST = Measured(
    "luxewin_listener_oldest_seconds", "Age of the oldest published event that a listener has not seen", "listener"
)
PARKED = Measured("luxewin_parked_events", "Events that a listener could not handle", "listener")
UNSEALED = Measured("luxewin_unsealed_rows", "Rows of a hash chain that are not sealed yet", "chain")
UNSEALED_OLDEST = Measured("luxewin_unsealed_oldest_seconds", "Age of the oldest row that is not sealed yet", "chain")
LAW_BROKEN = Measured("luxewin_law_broken", "1 while a law does not hold, else 0", "law")
LAW_SECONDS = Measured("luxewin_law_seconds", "Time that the last proof of a law took", "law")


def observe_request(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count a request under its route's template, never under its address; status 0 is a client that went away."""
    count, duration = _of_request(method if method in _METHODS else "other", route or UNMATCHED, status)
    count.inc()
    duration.observe(seconds)


def announce_process(role: str, version: str) -> None:
    """Tell that a process of this role runs, until it ends."""
    PROCESSES.labels(role, version).set(1)


@lru_cache(maxsize=4096)
def _of_request(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    shown, group = (str(status), f"{status // 100}xx") if status else ("aborted", "aborted")
    return REQUESTS.labels(method, route, shown), REQUEST_SECONDS.labels(method, route, group)
