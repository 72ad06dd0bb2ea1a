"""Failures by Sentry's SDK: what happened and where in the code; nothing of what was sent, and nobody's name.

No integration is on, so nothing is patched and nothing is gathered on the way, and personal data are left out, as the
SDK has it where nobody asks for them: an event is made of an exception, the places in the code, and our tags. What
exceptions say for themselves is cleaned before it leaves.
"""

from collections.abc import Mapping
from typing import Any

import sentry_sdk
from sentry_sdk.types import Event, Hint

from luxewin import __version__
from luxewin.kit.observability.redaction import without_secrets

_LAST_WORDS_SECONDS = 1.0


class Sentry:
    """Sends failures to the tracker that the DSN names."""

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
            before_send=_cleaned,
            shutdown_timeout=_LAST_WORDS_SECONDS,
        )

    def report(self, error: BaseException, tags: Mapping[str, str]) -> None:
        """Put a failure into the queue of the SDK's thread."""
        with sentry_sdk.new_scope() as scope:
            for name, value in {**tags, "process": self._role}.items():
                scope.set_tag(name, value)
            scope.capture_exception(error)

    def close(self) -> None:
        """Send what waits, for a second at most."""
        sentry_sdk.get_client().close(timeout=_LAST_WORDS_SECONDS)


def _cleaned(event: Event, _hint: Hint) -> Event | None:
    for unwanted in ("request", "user", "extra", "breadcrumbs", "modules"):
        event.pop(unwanted, None)  # type: ignore[misc]  # a key of a closed mapping, by a name that is no literal
    exceptions: Any = event.get("exception", {})
    for exception in exceptions.get("values", ()):
        exception["value"] = without_secrets(exception.get("value"))
    return event
