"""The answer on its way out."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.responses import Response

from luxewin.kit.crash_points import Place, crash_point
from luxewin.kit.http.limits import Allowance

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

API_VERSION = "1"
SECURITY_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"api-version", API_VERSION.encode()),
]
STRICT_CONTENT = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")


class Exchange:
    """The answer on its way out: adds the headers every answer has, and remembers the status."""

    def __init__(self, scope: Scope, send: Send, request_id: str, added: list[tuple[bytes, bytes]]) -> None:
        self.status = 0
        self.allowance: Allowance | None = None
        self._scope = scope
        self._send = send
        self.request_id = request_id
        self._added = added

    async def send(self, message: Message) -> None:
        """Send a message of the answer; the first of them gets the headers."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), *self._headers(message)]
            crash_point(Place.BEFORE_ANSWER)
        await self._send(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            crash_point(Place.AFTER_ANSWER)

    async def answer(self, response: Response, receive: Receive) -> None:
        """Answer, unless an answer has begun already."""
        if self.status == 0:
            await response(self._scope, receive, self.send)

    def _headers(self, message: Message) -> list[tuple[bytes, bytes]]:
        added = [*SECURITY_HEADERS, (b"x-request-id", self.request_id.encode()), *self._added]
        names = {name for name, _ in message.get("headers", ())}
        if b"content-security-policy" not in names:
            added.append(STRICT_CONTENT)
        if b"cache-control" not in names:
            added.append((b"cache-control", b"no-store"))
        if self.allowance is not None:
            added.append((b"ratelimit-policy", self.allowance.policy.encode()))
            added.append((b"ratelimit", self.allowance.state.encode()))
        return added
