"""A persistent HTTP/1.1 connection with little overhead of its own, so that a load measures the server."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self, cast

import httptools
import orjson

_LONGEST_ANSWER_SECONDS = 30.0


@dataclass(slots=True)
class Answer:
    """A response: the status, the headers by lower-case name, and the body."""

    status: int = 0
    headers: dict[bytes, bytes] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> Any:
        """Return the body parsed as JSON."""
        return orjson.loads(self.body)


class UnexpectedAnswerError(Exception):
    """The response differs from the expected one."""

    def __init__(self, message: str, body: bytes = b"") -> None:
        super().__init__(message)
        self.body = body


class Connection(asyncio.Protocol):
    """One connection, which carries one request at a time."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._answer = Answer()
        self._answered: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)

    @classmethod
    async def open(cls, host: str, port: int, *, source: str | None = None) -> Self:
        """Connect, from the `source` address if one is given."""
        local = None if source is None else (source, 0)
        _, connection = await asyncio.get_running_loop().create_connection(cls, host, port, local_addr=local)
        return connection

    @property
    def is_open(self) -> bool:
        """True if the connection is open."""
        return self._transport is not None and not self._transport.is_closing()

    async def ask(self, request: bytes) -> Answer:
        """Send a request and return its answer, whatever its status.

        Raises:
            UnexpectedAnswerError: the connection ended.
            TimeoutError: nothing came for a long time.
        """
        if self._transport is None or self._transport.is_closing():
            raise UnexpectedAnswerError("the connection is not open")
        self._answer, self._answered = Answer(), asyncio.get_running_loop().create_future()
        self._parser = httptools.HttpResponseParser(self)
        self._transport.write(request)
        return await asyncio.wait_for(self._answered, _LONGEST_ANSWER_SECONDS)

    async def send(self, request: bytes, *, expect: int) -> Answer:
        """Send a request and return its answer.

        Raises:
            UnexpectedAnswerError: the answer has another status, or the connection ended.
        """
        answer = await self.ask(request)
        if answer.status != expect:
            line, _, _ = request.partition(b"\r")
            raise UnexpectedAnswerError(f"{line!r}: {answer.status} {answer.body[:500]!r}", answer.body)
        return answer

    def close(self) -> None:
        """Close the connection."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the event loop when the connection is made."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's transport is not a subclass

    def data_received(self, data: bytes) -> None:
        """Called by the event loop with received data."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the event loop when the connection is lost."""
        if self._answered is not None and not self._answered.done():
            self._answered.set_exception(UnexpectedAnswerError(f"the connection ended: {exc or 'closed'}"))

    def on_header(self, name: bytes, value: bytes) -> None:
        """Called by the parser."""
        self._answer.headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        """Called by the parser."""
        self._answer.body += body

    def on_message_complete(self) -> None:
        """Called by the parser when the response is complete."""
        self._answer.status = self._parser.get_status_code()
        if self._answered is not None and not self._answered.done():
            self._answered.set_result(self._answer)


def request(method: str, target: str, *, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a request."""
    content = b"" if body is None else orjson.dumps(body)
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", *(f"{k}: {v}" for k, v in (headers or {}).items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + content
