"""Prometheus metrics of the kit; `docs/monitoring.md` has the table of all of them.

Labels come from closed sets: route templates, status classes, error codes, names of jobs. Values that clients choose,
such as paths, are never labels.
"""

from collections.abc import Mapping
from functools import lru_cache
from math import nan

from luxewin.kit.observability.instruments import Counter, Gauge, Histogram

UNMATCHED = "unmatched"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 5, 10)
"""One bound is the objective of 200 ms, so that the share of faster requests is exact."""

PROCESSES = Gauge(
    "luxewin_processes", "Running processes by role and version", ["role", "version"], multiprocess_mode="livesum"
)
REQUESTS = Counter("luxewin_http_requests", "Requests by route and status", ["method", "route", "status"])
REQUEST_SECONDS = Histogram(
    "luxewin_http_request_seconds",
    "Response time by route and class of status",
    ["method", "route", "status"],
    buckets=_BUCKETS,
)
REFUSALS = Counter("luxewin_refusals", "Requests answered with an error, by code", ["code"])
UNSHARED_LIMITS = Counter(
    "luxewin_unshared_limit", "Requests counted by one process alone, because the database did not answer", ["limit"]
)
SHED = Counter("luxewin_http_shed", "Requests rejected by admission control, by priority", ["priority"])
CONNECTIONS_ENDED = Counter(
    "luxewin_http_connections_ended", "Connections ended by the program to protect others, by reason", ["reason"]
)
PUBLISHED = Counter("luxewin_events_published", "Events published to the event log, by type", ["type"])
AMOUNTS = Counter(
    "luxewin_event_amount_minor",
    "Sum of the amounts in published events, in minor units, by type and currency",
    ["type", "currency"],
)
JOB_SECONDS = Histogram("luxewin_job_seconds", "Duration of a run of a job", ["job_name"], buckets=(*_BUCKETS, 60, 600))
JOB_FAILURES = Counter("luxewin_job_failures", "Failed runs of a job", ["job_name"])
JOB_SUCCESS = Gauge(
    "luxewin_job_success_timestamp_seconds",
    "Time of the last successful run of a job",
    ["job_name"],
    multiprocess_mode="max",
)
JOB_INTERVAL = Gauge(
    "luxewin_job_interval_seconds", "Interval between runs of a job", ["job_name"], multiprocess_mode="max"
)
INVARIANT_PROVED = Gauge(
    "luxewin_invariant_proved_timestamp_seconds",
    "Time of the last check of an invariant",
    ["invariant"],
    multiprocess_mode="max",
)
INVARIANT_INTERVAL = Gauge(
    "luxewin_invariant_interval_seconds",
    "Interval between checks of an invariant",
    ["invariant"],
    multiprocess_mode="max",
)


class LeaderGauge:
    """A gauge of shared state, set by the leading process only; a process that stops leading sets it to NaN."""

    def __init__(self, name: str, meaning: str, *labels: str) -> None:
        self._gauge = Gauge(name, meaning, labels, multiprocess_mode="livemostrecent")
        self._seen: set[str] = set()

    def set(self, value: float, *labels: str) -> None:
        """Set the value of these labels."""
        gauge = self._gauge.labels(*labels) if labels else self._gauge
        gauge.set(value)
        _LEADER_GAUGES.add(gauge)
        self._seen.update(labels)

    def set_all(self, values: Mapping[str, float]) -> None:
        """Set the values of all labels; labels that were set before and are absent now become 0."""
        for label, value in {**dict.fromkeys(self._seen, 0.0), **values}.items():
            self.set(value, label)


_LEADER_GAUGES: set[Gauge] = set()


def reset_leader_gauges() -> None:
    """Set every leader gauge of this process to NaN, which fires no alert."""
    for gauge in _LEADER_GAUGES:
        gauge.set(nan)


OUTBOX = LeaderGauge("luxewin_outbox_events", "Events in the outbox that are not published yet")
OUTBOX_OLDEST = LeaderGauge("luxewin_outbox_oldest_seconds", "Age of the oldest event in the outbox")
WAITING = LeaderGauge("luxewin_listener_waiting_events", "Published events that a listener has not handled", "listener")
WAITING_OLDEST = LeaderGauge(
    "luxewin_listener_oldest_seconds", "Age of the oldest published event that a listener has not handled", "listener"
)
DEAD_LETTERED = LeaderGauge("luxewin_dead_lettered_events", "Dead-lettered events of a listener", "listener")
UNSEALED = LeaderGauge("luxewin_unsealed_rows", "Rows of a hash chain that are not sealed", "chain")
UNSEALED_OLDEST = LeaderGauge("luxewin_unsealed_oldest_seconds", "Age of the oldest row that is not sealed", "chain")
INVARIANT_BROKEN = LeaderGauge("luxewin_invariant_broken", "1 while an invariant is violated, else 0", "invariant")
INVARIANT_SECONDS = LeaderGauge("luxewin_invariant_seconds", "Duration of the last check of an invariant", "invariant")


def observe_request(method: str, route: str | None, status: int, seconds: float) -> None:
    """Count a request under the template of its route, never its path; status 0 means that the client disconnected."""
    count, duration = _instruments(method if method in _METHODS else "other", route or UNMATCHED, status)
    count.inc()
    duration.observe(seconds)


def register_process(role: str, version: str) -> None:
    """Count this process as running, by its role, until it ends."""
    PROCESSES.labels(role, version).set(1)


@lru_cache(maxsize=4096)
def _instruments(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    exact, group = (str(status), f"{status // 100}xx") if status else ("aborted", "aborted")
    return REQUESTS.labels(method, route, exact), REQUEST_SECONDS.labels(method, route, group)
