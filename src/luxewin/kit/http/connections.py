"""Connections of clients, bounded: their number, the time and the length of a request's head.

Whatever is refused here is answered with a problem document too; the server's own words are plain text.
"""

import asyncio
import resource
from collections.abc import Callable
from typing import Any

import structlog
from starlette.responses import Response
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from luxewin.kit.http.admission import CROWDED
from luxewin.kit.http.headers import LARGEST_HEADERS_BYTES, HeadersTooLarge
from luxewin.kit.http.problems import problem, problem_response
from luxewin.kit.http.raw_response import RawResponse
from luxewin.kit.http.response_writer import SECURITY_HEADERS
from luxewin.kit.ids import new_request_id

HEAD_SECONDS = 10.0
"""How long a client may take over the head of a request once it has begun to send it."""

_LARGEST_HEAD_BYTES = 2 * LARGEST_HEADERS_BYTES
_FILES_BESIDES = 256

AtTheDoor = Callable[[Any], RawResponse | None]
"""Takes a scope; returns the answer to a request that need not even come in, or None where it shall."""

log = structlog.get_logger("http")


class BoundedProtocol(HttpToolsProtocol):
    """One connection of the HTTP server.

    The server's limit of concurrency is taken as the most connections. One that comes on top is answered once, with a
    refusal unless it asks for health or metrics, and closed; none is reset.
    """

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._most_connections, self.limit_concurrency = self.limit_concurrency, None
        self._head_is_open = False
        self._body_is_open = False
        self._request_ended = False
        self._cycles: list[RequestResponseCycle] = []
        self._head_bytes = 0
        self._head_due: asyncio.TimerHandle | None = None
        self._at_the_door: AtTheDoor = getattr(config.loaded_app, "early_response", _nobody)
        self._stays_outside = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        """Count the connection, and close it if it stays silent."""
        super().connection_made(transport)
        if self._most_connections is not None and len(self.connections) > self._most_connections:
            self.app, self._at_the_door = _once(self.app), _nobody
        self._hang_up_when_idle()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._end_head()
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; a head that does not end is not waited for, nor kept."""
        self._request_ended = False
        super().data_received(data)
        if self.transport.is_closing() or not self._awaits_head():
            return
        self._head_bytes += len(data)
        if self._head_bytes > _LARGEST_HEAD_BYTES:
            request_id = new_request_id()
            self._refuse(problem_response(HeadersTooLarge(), request_id=request_id), request_id)
        elif self._head_due is None:
            self._head_due = self.loop.call_later(HEAD_SECONDS, self.transport.close)

    def on_message_begin(self) -> None:
        """Hear from the parser that a request begins."""
        self._head_is_open = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Hear from the parser that the head is whole."""
        self._end_head()
        self._body_is_open = True
        if self.transport.is_closing():
            self._stays_outside = True
            return
        prompt = self._prompt() if self._is_idle() and not self.flow.write_paused else None
        self._stays_outside = prompt is not None
        if prompt is None:
            self._let_in()
        else:
            self._answer_at_once(prompt)

    def on_body(self, body: bytes) -> None:
        """Hear from the parser of a piece of the body; what was answered before it came is not kept."""
        if self._stays_outside:
            self._hang_up_when_idle()
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Hear from the parser that a request is whole."""
        self._body_is_open = False
        self._request_ended = True
        if self._stays_outside:
            self._hang_up_when_idle()
        else:
            super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._end_head()
        request_id = new_request_id()
        self._refuse(problem(400, "request.invalid", msg, request_id=request_id), request_id)

    def _awaits_head(self) -> bool:
        """Tell whether what was received belongs to a head, or to the empty lines that may stand before one.

        Where a request ended in it that was answered at once, nothing is owed: the next may come much later.
        """
        return self._head_is_open or (self._is_idle() and not self._body_is_open and not self._request_ended)

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _prompt(self) -> RawResponse | None:
        """Ask whether the request need not even come in; one with a strange address comes in and is told so."""
        path, _, query = self.url.partition(b"?")
        if not path.startswith(b"/") or b"%" in path:
            return None
        self.scope["method"] = self.parser.get_method().decode("ascii")
        self.scope["path"], self.scope["query_string"] = path.decode("latin-1"), query
        self.scope["http_version"] = self.parser.get_http_version()
        return self._at_the_door(self.scope)

    def _let_in(self) -> None:
        """Begin to serve a request; whoever leaves before all their requests are served leaves all of them."""
        self._unset_keepalive_if_required()
        super().on_headers_complete()
        self._cycles = [cycle for cycle in (*self._cycles, self.cycle) if not cycle.response_complete]

    def _answer_at_once(self, prompt: RawResponse) -> None:
        """Answer a request for which nothing else is done: no task is begun and nothing of it is kept."""
        stays = self.parser.should_keep_alive() and self.scope["http_version"] != "1.0"
        lines = [b"%b: %b\r\n" % header for header in self.server_state.default_headers]
        end = b"\r\n" if stays else b"connection: close\r\n\r\n"
        self.transport.write(b"".join([prompt.head, *lines, end, prompt.body]))
        if stays:
            self._hang_up_when_idle()
        else:
            self.transport.close()

    def _hang_up_when_idle(self) -> None:
        self._unset_keepalive_if_required()
        if self.transport.is_closing():
            return
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _end_head(self) -> None:
        self._head_is_open = False
        if self._head_due is not None:
            self._head_due.cancel()
            self._head_due = None
        self._head_bytes = 0

    def _refuse(self, answer: Response, request_id: str) -> None:
        lines = [b"HTTP/1.1 %d " % answer.status_code, b"connection: close"]
        headers = [*answer.raw_headers, *SECURITY_HEADERS, (b"x-request-id", request_id.encode())]
        lines += [name + b": " + value for name, value in headers]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + bytes(answer.body))
        self.transport.close()


def allow_open_files(connections: int) -> None:
    """Raise this process's limit of open files so that so many connections fit, as far as the system lets it."""
    wanted = connections + _FILES_BESIDES
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now != resource.RLIM_INFINITY and now < wanted:
        granted = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, most))
        if granted < wanted:
            log.warning("too few open files for all connections", allowed=granted, wanted=wanted)


def _once(app: Any) -> Any:
    """Let an application serve one request of a connection that is one too many, then close it."""

    async def served(scope: Any, receive: Any, send: Any) -> None:
        async def closing(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), (b"connection", b"close")]
            await send(message)

        scope[CROWDED] = True
        await app(scope, receive, closing)

    return served


def _nobody(_scope: Any) -> None:
    """Let everybody in."""
