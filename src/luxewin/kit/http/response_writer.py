"""Sending responses."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from starlette.responses import Response

from luxewin.kit.crash_points import Position, crash_point
from luxewin.kit.http.limits import Allowance
from luxewin.kit.http.types import Message, Receive, Scope, Send

API_VERSION = "1"
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"api-version", API_VERSION.encode()),
]
PIECE_BYTES = 64 << 10
"""A larger body is handed over in pieces, each when the client has taken the one before."""

_ALLOWED_ORIGIN = b"access-control-allow-origin"
STRICT_CONTENT = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class ResponseWriter:
    """Sends a response with the headers of every response; `status` is 0 until the response begins.

    `sends_finished_file`: the body is a file that is complete when the response begins.
    """

    def __init__(
        self,
        scope: Scope,
        send: Send,
        request_id: str,
        added: list[tuple[bytes, bytes]],
        *,
        sends_finished_file: bool = False,
    ) -> None:
        self.status = 0
        self.allowance: Allowance | None = None
        self._scope = scope
        self._send = send
        self.request_id = request_id
        self._added = added
        self._sends_finished_file = sends_finished_file
        self._when_only_sending: list[Callable[[], object]] = []

    @contextmanager
    def when_only_sending(self, callback: Callable[[], object]) -> Iterator[None]:
        """Call this if, during the block, the response is finished and only has to be sent.

        Sending takes as long as the client likes.
        """
        self._when_only_sending.append(callback)
        try:
            yield
        finally:
            if callback in self._when_only_sending:
                self._when_only_sending.remove(callback)

    async def send(self, message: Message) -> None:
        """Send a message of the response; the first of them gets the headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = complete(message.get("headers", ()), self.request_id, self._added, self.allowance)
            crash_point(Position.BEFORE_RESPONSE)
        elif self._sends_finished_file or not message.get("more_body"):
            while self._when_only_sending:
                self._when_only_sending.pop()()
        if len(message.get("body", b"")) > PIECE_BYTES:
            await self._send_pieces(message)
            return
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            crash_point(Position.AFTER_RESPONSE)

    async def _send_pieces(self, message: Message) -> None:
        body, more = memoryview(message["body"]), message.get("more_body", False)
        for start in range(0, len(body), PIECE_BYTES):
            is_last = start + PIECE_BYTES >= len(body)
            piece = bytes(body[start : start + PIECE_BYTES])
            await self.send({"type": "http.response.body", "body": piece, "more_body": more or not is_last})

    async def answer(self, response: Response, receive: Receive) -> None:
        """Send a response, unless one has begun already."""
        if self.status == 0:
            await response(self._scope, receive, self.send)


def complete(
    headers: Iterable[tuple[bytes, bytes]],
    request_id: str,
    added: Iterable[tuple[bytes, bytes]],
    allowance: Allowance | None,
) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response with those that every response has.

    A response that is readable for every site (`Access-Control-Allow-Origin: *`) keeps that: a second one is invalid.
    """
    all_headers = [*headers, *SECURITY_HEADERS, (b"x-request-id", request_id.encode())]
    names = {name for name, _ in all_headers}
    all_headers += [pair for pair in added if pair[0] != _ALLOWED_ORIGIN or _ALLOWED_ORIGIN not in names]
    if b"content-security-policy" not in names:
        all_headers.append(STRICT_CONTENT)
    if b"cache-control" not in names:
        all_headers.append((b"cache-control", b"no-store"))
    if allowance is not None:
        all_headers.append((b"ratelimit-policy", allowance.policy.encode()))
        all_headers.append((b"ratelimit", allowance.state.encode()))
    return all_headers
