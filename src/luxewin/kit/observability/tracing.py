"""Traces, for whoever has configured an endpoint. Until then nothing is imported, and a span costs a function call.

Attributes are names and numbers from closed sets, a tenant's slug and a request's id; no header, body, address or
message of an exception ever goes into a span.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from luxewin.kit.observability.spans import Span, Spans

OTLP_VARIABLES = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class _Nothing(AbstractContextManager["_Nothing"]):
    def __exit__(self, *_: object) -> None:
        return None

    def rename(self, name: str) -> None:
        pass

    def note(self, **attributes: str | int) -> None:
        pass

    def note_standard(self, attributes: Mapping[str, str | int]) -> None:
        pass

    def failed(self, kind: str) -> None:
        pass


_NOTHING = _Nothing()
_spans: Spans | None = None


def configure(endpoint: str | None, environ: Mapping[str, str], *, role: str) -> None:
    """Begin to trace where our setting or a standard variable of OpenTelemetry names an endpoint."""
    global _spans  # noqa: PLW0603 - one process, one place where its spans go
    if endpoint is None and not any(environ.get(name) for name in OTLP_VARIABLES):
        return
    from luxewin.kit.observability.otlp import OtlpSpans  # noqa: PLC0415 - loaded by those alone who trace

    _spans = OtlpSpans(endpoint, role=role, environ=environ)


def close() -> None:
    """Send what waits, and trace no more."""
    global _spans  # noqa: PLW0603 - as in configure
    if _spans is not None:
        _spans.close()
        _spans = None


def is_on() -> bool:
    """Tell whether anybody traces."""
    return _spans is not None


def request(method: str, headers: Mapping[str, str]) -> Span:
    """Open the span of a request."""
    return _NOTHING if _spans is None else _spans.request(method, headers)


def work(name: str) -> Span:
    """Open the span of a duty or a batch."""
    return _NOTHING if _spans is None else _spans.work(name)


def step(name: str, *, outward: bool = False) -> Span:
    """Open a span within the current one, if there is one; `outward` where somebody else is asked."""
    return _NOTHING if _spans is None else _spans.step(name, outward=outward) or _NOTHING


def with_ids(_logger: object, _method: str, event: Any) -> Any:
    """Put the ids of the current span into a log entry, so that the two find each other."""
    if _spans is not None:
        event.update(_spans.ids())
    return event
