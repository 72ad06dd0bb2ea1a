"""The interface of spans, independent of the tracing library."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol


class OpenSpan(Protocol):
    """A span that has not ended."""

    def rename(self, name: str) -> None:
        """Set the name."""

    def set_attributes(self, **attributes: str | int) -> None:
        """Add attributes; `a_b` becomes `luxewin.a_b`."""

    def set_standard_attributes(self, attributes: Mapping[str, str | int]) -> None:
        """Add attributes whose names are standardised by OpenTelemetry."""

    def mark_failed(self, kind: str) -> None:
        """Set the status to error; only the type of the error is recorded."""


Span = AbstractContextManager[OpenSpan]


class Spans(Protocol):
    """Creates spans and exports them."""

    def request(self, method: str, headers: Mapping[str, str]) -> Span:
        """Open the span of a request; the trace of a `traceparent` header is continued."""

    def work(self, name: str) -> Span:
        """Open the root span of background work: a job, a batch."""

    def step(self, name: str, *, outward: bool) -> Span | None:
        """Open a child of the current span; None if there is no current span."""

    def ids(self) -> Mapping[str, str]:
        """Return the ids of the current span."""

    def close(self) -> None:
        """Export the queued spans, with a short timeout."""
