"""What a span can be told, and where spans go, in words of ours."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol


class Noted(Protocol):
    """A span that is open."""

    def rename(self, name: str) -> None:
        """Call it otherwise, now that more is known."""

    def note(self, **attributes: str | int) -> None:
        """Add attributes; `a_b` is told as `luxewin.a_b`."""

    def note_standard(self, attributes: Mapping[str, str | int]) -> None:
        """Add attributes whose names OpenTelemetry has fixed."""

    def failed(self, kind: str) -> None:
        """Mark it as failed, by the kind of failure alone."""


Span = AbstractContextManager[Noted]


class Spans(Protocol):
    """Where spans go."""

    def request(self, method: str, headers: Mapping[str, str]) -> Span:
        """Open the span of a request; a `traceparent` that came with it is continued."""

    def work(self, name: str) -> Span:
        """Open a span that nobody has asked for: a duty, a batch."""

    def step(self, name: str, *, outward: bool) -> Span | None:
        """Open a span within the current one; None where there is none, since nobody would find it."""

    def ids(self) -> Mapping[str, str]:
        """Return the ids of the current span."""

    def close(self) -> None:
        """Send what waits, without waiting long."""
