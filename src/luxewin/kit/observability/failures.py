"""Unexpected failures, told to a tracker that speaks Sentry's protocol, for whoever has configured one.

Whatever is logged with an exception at the level of an error goes there too, from any place, with those facts of its
log entry that come from closed sets or are ids. Until a tracker is configured nothing is imported.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

_TOLD = ("request_id", "route", "tenant", "method", "job", "listener")


class Tracker(Protocol):
    """Where failures go."""

    def report(self, error: BaseException, tags: Mapping[str, str]) -> None:
        """Send a failure; never raises, never waits."""

    def close(self) -> None:
        """Send what waits, without waiting long."""


_tracker: Tracker | None = None


def configure(dsn: str | None, *, role: str, environment: str) -> None:
    """Begin to tell of failures, where a tracker is named."""
    global _tracker  # noqa: PLW0603 - one process, one place where its failures go
    if dsn is None:
        return
    from luxewin.kit.observability.sentry import Sentry  # noqa: PLC0415 - loaded by those alone who have a tracker

    _tracker = Sentry(dsn, role=role, environment=environment)


def close() -> None:
    """Send what waits, and tell no more."""
    global _tracker  # noqa: PLW0603 - as in configure
    if _tracker is not None:
        _tracker.close()
        _tracker = None


def told(_logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Tell the tracker of a log entry with an exception; the entry itself stays as it is."""
    error = event.get("exc_info")
    if _tracker is not None and method in {"error", "critical", "exception"} and isinstance(error, BaseException):
        tags = {name: str(event[name]) for name in _TOLD if event.get(name) is not None}
        _tracker.report(error, {**tags, "what": str(event.get("event", ""))[:100]})
    return event
