"""Client connections, bounded: their number, the head of a request, the framing of a body, the time to read.

Every rejection here is a problem document; the server's own rejections would be plain text.
"""

import asyncio
import resource
import socket
import struct
import time
from typing import Any

import httptools
import structlog
from starlette.responses import Response
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from luxewin.kit.http.admission import OVER_CONNECTION_LIMIT
from luxewin.kit.http.body_framing import LARGEST_FRAMING_BYTES, BodyFraming
from luxewin.kit.http.connection_table import ConnectionTable
from luxewin.kit.http.headers import LARGEST_HEADERS_BYTES, HeadersTooLarge
from luxewin.kit.http.problems import problem, problem_response
from luxewin.kit.http.response_writer import SECURITY_HEADERS
from luxewin.kit.ids import new_request_id

HEAD_SECONDS = 10.0
"""The timeout for the head of a request, from its first byte."""

_LARGEST_HEAD_BYTES = 2 * LARGEST_HEADERS_BYTES
_OTHER_FILES = 256
_RESET_AT_ONCE = struct.pack("ii", 1, 0)
"""The socket option SO_LINGER with a time of zero: closing discards unsent data and resets the connection."""

log = structlog.get_logger("http")


class BoundedProtocol(HttpToolsProtocol):
    """One connection of the HTTP server.

    A connection beyond the limits of the table gets one response and is closed, never reset: a rejection, unless the
    request is for health or metrics. A connection whose client does not read is reset.
    """

    def __init__(
        self,
        table: ConnectionTable,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.peer = ""
        self.idle_since: float | None = None
        self._table = table
        self._taken_blocks = 0
        self._head_is_open = False
        self._body_is_open = False
        self._request_ended = False
        self._cycles: list[RequestResponseCycle] = []
        self._framing = BodyFraming()
        self._head_bytes = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        """Count the connection, and close it if nothing is sent."""
        super().connection_made(transport)
        self.peer = self.client[0] if self.client else ""
        self.idle_since = time.monotonic()
        if not self._table.add(self):
            self.app = _serve_once(self.app)
        self._close_when_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """End all requests of the connection: each is reported as disconnected."""
        self._table.remove(self)
        self._end_head()
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse data; the connection is closed if a head is too large or too slow, or a body's framing too large."""
        self._request_ended = False
        if self._body_is_open:
            self._framing.add(len(data))
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._body_is_open and self._framing.is_too_large:
            self._refuse_framing()
            return
        if self._is_idle() and self.timeout_keep_alive_task is None:
            self._close_when_idle()  # the server does not, if the body came after the response
        if not self._awaits_head():
            return
        self._head_bytes += len(data)
        if self._head_bytes > _LARGEST_HEAD_BYTES:
            request_id = new_request_id()
            self._refuse(problem_response(HeadersTooLarge(), request_id=request_id), request_id)
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def resume_writing(self) -> None:
        """Continue to send, and record that the client has taken a block."""
        self._taken_blocks += 1
        super().resume_writing()

    def on_response_complete(self) -> None:
        """Record that the connection is idle, unless another request waits."""
        super().on_response_complete()
        self.idle_since = time.monotonic() if self._is_idle() and not self._head_is_open else None

    def unsent_bytes(self) -> int:
        """Return the number of bytes that the client has not taken yet."""
        return self.transport.get_write_buffer_size()

    def taken_blocks(self) -> int:
        """Return how often the client has emptied a full buffer so far."""
        return self._taken_blocks

    def close(self) -> None:
        """Close the connection after everything is sent."""
        self.transport.close()

    def abort(self) -> None:
        """Reset the connection: neither this process nor the kernel keeps what the client has not read."""
        connected: socket.socket | None = self.transport.get_extra_info("socket")
        if connected is not None:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_ONCE)
        self.transport.abort()

    def on_message_begin(self) -> None:
        """Record that a request begins."""
        self.idle_since = None
        self._head_is_open = True
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; drop the trailers of a chunked body, which are not headers (RFC 9110, 6.5)."""
        if not self._body_is_open:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start to serve a request; if the client hangs up, all requests of the connection end."""
        self._end_head()
        if not self.url.startswith((b"/", b"*")):
            self._take_host_of_target()
        self._body_is_open = True
        self._framing.begin()
        super().on_headers_complete()
        self._cycles = [cycle for cycle in (*self._cycles, self.cycle) if not cycle.response_complete]

    def on_body(self, body: bytes) -> None:
        """Take a part of a body."""
        self._framing.subtract_content(len(body))
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Record that a request is complete."""
        self._body_is_open = False
        self._request_ended = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Reject data that is not HTTP."""
        self._end_head()
        request_id = new_request_id()
        self._refuse(problem(400, "request.invalid", msg, request_id=request_id), request_id)

    def _take_host_of_target(self) -> None:
        """Replace the header `Host` by the host of a request target in absolute form (RFC 9112, 3.2.2)."""
        target = httptools.parse_url(self.url)
        port = b":%d" % target.port if target.port else b""
        self.headers[:] = [(name, value) for name, value in self.headers if name != b"host"]
        self.headers.append((b"host", (target.host or b"") + port))

    def _awaits_head(self) -> bool:
        """Return whether the data received belongs to a head, or to the empty lines that may precede one.

        It does not if it ends a request that was answered early: the next request may come much later.
        """
        return self._head_is_open or (self._is_idle() and not self._body_is_open and not self._request_ended)

    def _close_when_idle(self) -> None:
        """Close the connection if nothing more is received within the keep-alive time."""
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _end_head(self) -> None:
        self._head_is_open = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
        self._head_bytes = 0

    def _refuse_framing(self) -> None:
        """Hang up, after a rejection unless the client would take it for the response to another request."""
        if self._cycles != [self.cycle] or self.cycle.response_started:
            self.transport.close()
            return
        request_id = new_request_id()
        title = f"The chunk extensions and trailers of the body have more than {LARGEST_FRAMING_BYTES} bytes"
        self._refuse(problem(400, "request.invalid", title, request_id=request_id), request_id)

    def _refuse(self, response: Response, request_id: str) -> None:
        lines = [b"HTTP/1.1 %d " % response.status_code, b"connection: close"]
        headers = [*response.raw_headers, *SECURITY_HEADERS, (b"x-request-id", request_id.encode())]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(response.body))
        self.transport.close()


def allow_open_files(connections: int) -> None:
    """Raise this process's limit of open files for this number of connections, as far as the system allows."""
    required = connections + _OTHER_FILES
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < required:
        granted = required if most == resource.RLIM_INFINITY else min(required, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, most))
        if granted < required:
            log.warning("too few open files for all connections", allowed=granted, required=required)


def _serve_once(app: Any) -> Any:
    """Return an application that serves one request of a connection beyond the limit, then closes it."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        async def send_and_close(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        scope[OVER_CONNECTION_LIMIT] = True
        await app(scope, receive, send_and_close)

    return serve
