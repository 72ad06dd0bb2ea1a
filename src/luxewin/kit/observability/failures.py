"""Unexpected errors, sent to a tracker with Sentry's protocol, if one is configured.

Every log entry with an exception at level error is sent, with those fields of the entry that come from closed sets or
are ids. Without a tracker its SDK is not imported.
"""

from collections.abc import Mapping, MutableMapping
from typing import Any, Protocol

_TAGS = ("request_id", "route", "tenant", "method", "job", "listener")


class Tracker(Protocol):
    """A service that collects errors."""

    def report(self, error: BaseException, tags: Mapping[str, str]) -> None:
        """Queue an error; never raises, never blocks."""

    def close(self) -> None:
        """Send what is queued, with a short timeout."""


_tracker: Tracker | None = None


def configure(dsn: str | None, *, role: str, environment: str) -> None:
    """Start to report errors, if a tracker is configured."""
    global _tracker  # noqa: PLW0603 - one tracker per process
    if dsn is None:
        return
    from luxewin.kit.observability.sentry import Sentry  # noqa: PLC0415 - imported only if a tracker is configured

    _tracker = Sentry(dsn, role=role, environment=environment)


def close() -> None:
    """Send what is queued, and stop reporting."""
    global _tracker  # noqa: PLW0603 - as in configure
    if _tracker is not None:
        _tracker.close()
        _tracker = None


def report_logged(_logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Report the exception of a log entry; a structlog processor that returns the entry unchanged."""
    error = event.get("exc_info")
    if _tracker is not None and method in {"error", "critical", "exception"} and isinstance(error, BaseException):
        tags = {name: str(event[name]) for name in _TAGS if event.get(name) is not None}
        _tracker.report(error, {**tags, "what": str(event.get("event", ""))[:100]})
    return event
