"""Prometheus metrics; several processes of one machine share their counters through a folder."""

from collections.abc import MutableMapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

REQUESTS = Counter("luxewin_http_requests", "Requests by route and status", ["method", "route", "status"])
DURATIONS = Histogram(
    "luxewin_http_request_seconds",
    "Time to answer by route",
    ["method", "route"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
OUTBOX = Gauge("luxewin_outbox_events", "Events waiting to be published", multiprocess_mode="mostrecent")
PARKED = Gauge("luxewin_parked_events", "Events a listener could not handle", multiprocess_mode="mostrecent")
PUBLISHED = Counter("luxewin_events_published", "Events numbered into the event log")


def observe_request(scope: MutableMapping[str, Any], status: int, seconds: float) -> None:
    """Count a request under its route's template, never under its address, which anybody may invent."""
    route = scope.get("luxewin.route") or getattr(scope.get("route"), "path", "unmatched")
    REQUESTS.labels(scope["method"] if status else "aborted", route, str(status)).inc()
    DURATIONS.labels(scope["method"], route).observe(seconds)


def exposition(shared_folder: str | None) -> bytes:
    """Return the metrics of all processes that share the folder, or of this one."""
    if shared_folder is None:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=shared_folder)  # type: ignore[no-untyped-call]  # untyped there
    return generate_latest(registry)
