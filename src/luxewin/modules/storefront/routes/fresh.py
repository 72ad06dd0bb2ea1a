"""Whoever has just changed the catalogue sees the change: writes through this process need no notification."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from luxewin.kit.http.middleware import BASE
from luxewin.modules.storefront.routes.rendered import READING
from luxewin.modules.storefront.service.versions import Versions

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

_CATALOGUE = tuple(f"{BASE}/{name}" for name in ("products", "categories", "collections", "imports", "vendors"))

_FIRST_REFUSAL = 400


class ReadYourWrites:
    """Wraps the router: a write to the catalogue bumps the tenant's version before its answer goes out.

    A refused one does not, or anybody could keep the lists from being kept. Other processes hear of the change by
    notification, milliseconds later.
    """

    def __init__(self, router: Asgi, versions: Versions) -> None:
        self._router = router
        self._versions = versions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] in READING or not scope["path"].startswith(_CATALOGUE):
            await self._router(scope, receive, send)
            return

        async def send_after_bump(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < _FIRST_REFUSAL:
                self._versions.bump(scope["state"]["context"].tenant.id)
            await send(message)

        await self._router(scope, receive, send_after_bump)
