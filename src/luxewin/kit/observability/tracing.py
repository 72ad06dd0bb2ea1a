"""Traces, if an endpoint is configured. Otherwise OpenTelemetry is not imported, and a span costs a function call.

Attributes are names and numbers from closed sets, a tenant's slug and a request's id. A span never contains a header, a
body, an address or the message of an exception.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from luxewin.kit.observability.spans import Span, Spans

OTLP_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class _NullSpan(AbstractContextManager["_NullSpan"]):
    def __exit__(self, *_: object) -> None:
        return None

    def rename(self, name: str) -> None:
        pass

    def set_attributes(self, **attributes: str | int) -> None:
        pass

    def set_standard_attributes(self, attributes: Mapping[str, str | int]) -> None:
        pass

    def mark_failed(self, kind: str) -> None:
        pass


_NULL_SPAN = _NullSpan()
_spans: Spans | None = None


def configure(endpoint: str | None, environ: Mapping[str, str], *, role: str) -> None:
    """Start tracing if our setting or a standard variable of OpenTelemetry names an endpoint."""
    global _spans  # noqa: PLW0603 - one exporter per process
    if endpoint is None and not any(environ.get(name) for name in OTLP_VARIABLES):
        return
    from luxewin.kit.observability.otlp import OtlpSpans  # noqa: PLC0415 - imported only if tracing is configured

    _spans = OtlpSpans(endpoint, role=role, environ=environ)


def close() -> None:
    """Export the queued spans, and stop tracing."""
    global _spans  # noqa: PLW0603 - as in configure
    if _spans is not None:
        _spans.close()
        _spans = None


def is_on() -> bool:
    """Return whether tracing is configured."""
    return _spans is not None


def request(method: str, headers: Mapping[str, str]) -> Span:
    """Open the span of a request."""
    return _NULL_SPAN if _spans is None else _spans.request(method, headers)


def work(name: str) -> Span:
    """Open the root span of a job or a batch."""
    return _NULL_SPAN if _spans is None else _spans.work(name)


def step(name: str, *, outward: bool = False) -> Span:
    """Open a child of the current span, if there is one; `outward` marks a call to another system."""
    return _NULL_SPAN if _spans is None else _spans.step(name, outward=outward) or _NULL_SPAN


def with_ids(_logger: object, _method: str, event: Any) -> Any:
    """Add the ids of the current span to a log entry, to correlate both."""
    if _spans is not None:
        event.update(_spans.ids())
    return event
