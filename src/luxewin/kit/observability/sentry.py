"""Error reports with Sentry's SDK: the error and its position in the code, without request data or personal data.

No integration is enabled, so nothing is patched and no breadcrumbs are collected. An event contains the exception, its
stack trace and our tags. The messages of exceptions are redacted before they are sent.
"""

from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

from luxewin import __version__
from luxewin.kit.observability.redaction import redact_text

_SHUTDOWN_SECONDS = 1.0


class Sentry:
    """Sends errors to the tracker of a DSN."""

    def __init__(self, dsn: str, *, role: str, environment: str) -> None:
        self._role = role
        sentry_sdk.init(
            dsn,
            release=f"luxewin@{__version__}",
            environment=environment,
            server_name=role,
            default_integrations=False,
            auto_enabling_integrations=False,
            include_local_variables=False,
            max_breadcrumbs=0,
            max_request_body_size="never",
            before_send=_redact_event,
            shutdown_timeout=_SHUTDOWN_SECONDS,
        )

    def report(self, error: BaseException, tags: Mapping[str, str]) -> None:
        """Queue an error for the SDK's thread."""
        with sentry_sdk.new_scope() as scope:
            for name, value in {**tags, "process": self._role}.items():
                scope.set_tag(name, value)
            scope.capture_exception(error)

    def close(self) -> None:
        """Send the queued errors, within one second."""
        sentry_sdk.get_client().close(timeout=_SHUTDOWN_SECONDS)


def _redact_event(event: Event, _hint: Hint) -> Event | None:
    for unwanted in ("request", "user", "extra", "breadcrumbs", "modules"):
        event.pop(unwanted, None)  # type: ignore[misc]  # a key of a closed mapping, by a name that is no literal
    exceptions: Any = event.get("exception", {})
    for exception in exceptions.get("values", ()):
        exception["value"] = redact_text(exception.get("value"))
    return event
