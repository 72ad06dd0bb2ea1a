"""Routes of some modules behind an edge that knows its callers and services: what the gate does, without the gate."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from fastapi import APIRouter

from luxewin.kit import idempotency
from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.database import Database
from luxewin.kit.http.context import RequestContext
from luxewin.kit.pagination import Cursors
from luxewin.kit.tenancy import Tenancy
from tests.applications import app_of

Scope = MutableMapping[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]
CURSORS = Cursors(b"a key of one test that nobody else has")


@dataclass(frozen=True, slots=True)
class Web:
    """Routers served to one caller of a tenant at a time."""

    database: Database
    routers: tuple[APIRouter, ...]
    services: Mapping[type[Any], Any] = field(default_factory=dict)

    def client(self, tenant: Tenancy, principal: Principal = ANONYMOUS) -> httpx.AsyncClient:
        """Return a client whose requests are all this caller's, in this tenant."""
        transport = httpx.ASGITransport(app=self._edge(app_of(*self.routers), tenant, principal))
        return httpx.AsyncClient(transport=transport, base_url="http://shop.test")

    def _edge(self, app: Asgi, tenant: Tenancy, principal: Principal) -> Asgi:
        async def edge(scope: Scope, receive: Any, send: Any) -> None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            context = RequestContext(
                database=self.database,
                tenant=tenant,
                principal=principal,
                request_id="in-a-test",
                address="127.0.0.1",
                is_dry_run="dry-run" in headers.get("prefer", ""),
                headers=headers,
                services={Cursors: CURSORS, **self.services},
            )
            if "idempotency-key" in headers:
                route = f"{scope['method']} {scope['path']}"
                context.key = idempotency.Key(principal.name, route, headers["idempotency-key"], b"\0" * 32)
            scope["state"] = {**scope.get("state", {}), "context": context}
            await app(scope, receive, send)

        return edge
