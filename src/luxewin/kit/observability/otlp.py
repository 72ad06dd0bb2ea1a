"""Spans of OpenTelemetry, exported as OTLP over HTTP by a thread: an unavailable collector slows no request.

The SDK reads the standard environment variables: headers, certificates, sampler, resource attributes.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from luxewin import __version__
from luxewin.kit.errors import DomainError
from luxewin.kit.observability import spans

_SEND_EVERY_MILLISECONDS = 1000
_SHUTDOWN_SECONDS = 1.0


class OtlpSpans:
    """Sends spans to a collector; `endpoint` is its base URL, or None if the standard variables set it."""

    def __init__(self, endpoint: str | None, *, role: str, environ: Mapping[str, str]) -> None:
        attributes = {"service.version": __version__}
        if not environ.get("OTEL_SERVICE_NAME"):
            attributes["service.name"] = f"luxewin-{role}"
        address = None if endpoint is None else endpoint.rstrip("/") + "/v1/traces"
        self._exporter = OTLPSpanExporter(endpoint=address)
        self._provider = TracerProvider(resource=Resource.create(attributes), shutdown_on_exit=False)
        self._provider.add_span_processor(
            BatchSpanProcessor(self._exporter, schedule_delay_millis=_SEND_EVERY_MILLISECONDS)
        )
        self._tracer = self._provider.get_tracer("luxewin", __version__)
        self._propagator = TraceContextTextMapPropagator()

    @contextmanager
    def request(self, method: str, headers: Mapping[str, str]) -> Iterator[spans.OpenSpan]:
        """Open the span of a request; the trace of a `traceparent` header is continued."""
        parent = self._propagator.extract(headers) if "traceparent" in headers else None
        with self._tracer.start_as_current_span(
            method, parent, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield _OtelSpan(span)

    @contextmanager
    def work(self, name: str) -> Iterator[spans.OpenSpan]:
        """Open the root span of background work."""
        with self._open(name, SpanKind.INTERNAL) as span:
            yield span

    def step(self, name: str, *, outward: bool) -> spans.Span | None:
        """Open a child of the current span; None if there is no current span."""
        if not get_current_span().get_span_context().is_valid:
            return None
        return self._open(name, SpanKind.CLIENT if outward else SpanKind.INTERNAL)

    def ids(self) -> Mapping[str, str]:
        """Return the ids of the current span."""
        current = get_current_span().get_span_context()
        if not current.is_valid:
            return {}
        return {"trace_id": f"{current.trace_id:032x}", "span_id": f"{current.span_id:016x}"}

    def close(self) -> None:
        """Export the queued spans, within one second: an unavailable collector must not block the shutdown."""
        ending = Thread(target=self._provider.shutdown, daemon=True)
        ending.start()
        ending.join(_SHUTDOWN_SECONDS)
        if ending.is_alive():
            self._exporter.shutdown()  # type: ignore[no-untyped-call]  # untyped there

    @contextmanager
    def _open(self, name: str, kind: SpanKind) -> Iterator[spans.OpenSpan]:
        with self._tracer.start_as_current_span(
            name, kind=kind, record_exception=False, set_status_on_exception=False
        ) as otel_span:
            span = _OtelSpan(otel_span)
            try:
                yield span
            except DomainError as error:
                span.set_attributes(error=error.code)
                raise
            except Exception as error:
                span.mark_failed(type(error).__name__)
                raise


class _OtelSpan:
    """Adapts a span of OpenTelemetry to `OpenSpan`."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def rename(self, name: str) -> None:
        self._span.update_name(name)

    def set_attributes(self, **attributes: str | int) -> None:
        self._span.set_attributes({f"luxewin.{name}": value for name, value in attributes.items()})

    def set_standard_attributes(self, attributes: Mapping[str, str | int]) -> None:
        self._span.set_attributes(dict(attributes))

    def mark_failed(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))
