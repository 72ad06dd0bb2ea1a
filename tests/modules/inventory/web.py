"""Routes of some modules behind an edge that knows its callers: what the gate does, without the gate."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import httpx
from fastapi import APIRouter

from luxewin.kit import idempotency
from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.database import Database
from luxewin.kit.http.call import Call
from luxewin.kit.pagination import Cursors
from luxewin.kit.tenancy import Tenancy
from tests.applications import app_of

Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


class Web:
    """An HTTP client per caller, to the given routes of one tenant."""

    def __init__(self, database: Database, tenant: Tenancy, *routers: APIRouter) -> None:
        self._database = database
        self._tenant = tenant
        self._app = app_of(*routers)

    def client(self, principal: Principal = ANONYMOUS) -> httpx.AsyncClient:
        """Return a client whose requests are all this caller's."""
        transport = httpx.ASGITransport(app=self._as(principal))
        return httpx.AsyncClient(transport=transport, base_url="http://shop.test")

    def _as(self, principal: Principal) -> Asgi:
        async def edge(scope: Scope, receive: Any, send: Any) -> None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            call = Call(
                database=self._database,
                tenant=self._tenant,
                principal=principal,
                request_id="in-a-test",
                address="127.0.0.1",
                dry_run="dry-run" in headers.get("prefer", ""),
                headers=headers,
                services={Cursors: Cursors(b"a key of one test that nobody else has")},
            )
            if "idempotency-key" in headers:
                route = f"{scope['method']} {scope['path']}"
                call.key = idempotency.Key(principal.name, route, headers["idempotency-key"], b"\0" * 32)
            scope["state"] = {**scope.get("state", {}), "call": call}
            await self._app(scope, receive, send)

        return edge
