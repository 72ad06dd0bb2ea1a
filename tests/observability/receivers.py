"""The other ends: what a collector, a tracker and a pager do with what is sent to them, and no more."""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Condition, Thread
from typing import Self, TypeVar

import brotli
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

T = TypeVar("T")
SURELY_THERE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Received:
    """What somebody has posted."""

    path: str
    body: bytes


class Receiver:
    """An HTTP server on this machine that keeps whatever is posted to it."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self._news = Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, request: BaseHTTPRequestHandler) -> None:
        """Keep a request, and answer it."""
        body = request.rfile.read(int(request.headers.get("content-length", 0)))
        match request.headers.get("content-encoding"):
            case "gzip":
                body = gzip.decompress(body)
            case "br":
                body = brotli.decompress(body)
        with self._news:
            self.received.append(Received(request.path, body))
            self._news.notify_all()
        request.send_response(200)
        request.send_header("content-length", "2")
        request.end_headers()
        request.wfile.write(b"{}")

    async def until(self, find: Callable[[list[Received]], T | None]) -> T:
        """Wait until what was received holds what is looked for, and return that."""
        return await asyncio.to_thread(self._until, find)

    def _until(self, find: Callable[[list[Received]], T | None]) -> T:
        found: T | None = None

        def is_there() -> bool:
            nonlocal found
            found = find(self.received)
            return found is not None

        with self._news:
            self._news.wait_for(is_there, timeout=SURELY_THERE_SECONDS)
        assert found is not None, f"it never came; what did: {[one.path for one in self.received]}"
        return found


@dataclass(frozen=True, slots=True)
class Told:
    """A span, and the name of the service that told of it."""

    service: str
    span: Span

    @property
    def attributes(self) -> dict[str, str | int]:
        """Its attributes, texts and whole numbers."""
        return {
            pair.key: pair.value.int_value if pair.value.HasField("int_value") else pair.value.string_value
            for pair in self.span.attributes
        }


def spans_in(received: list[Received]) -> list[Told]:
    """Return every span that was received."""
    spans = []
    for one in received:
        request = ExportTraceServiceRequest.FromString(one.body)
        for resource in request.resource_spans:
            named = {pair.key: pair.value.string_value for pair in resource.resource.attributes}
            spans += [Told(named["service.name"], span) for scope in resource.scope_spans for span in scope.spans]
    return spans
