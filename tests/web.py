"""Routes of some modules with a given tenant, caller and services, without the middleware."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
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
CURSORS = Cursors(b"only-in-tests")


@dataclass(frozen=True, slots=True)
class Web:
    """Serves routers to clients, each with a fixed tenant and principal."""

    database: Database
    routers: tuple[APIRouter, ...]
    services: Mapping[type[Any], Any] = field(default_factory=dict)

    def client(
        self, tenant: Tenancy, principal: Principal = ANONYMOUS, *, address: str | None = None
    ) -> httpx2.AsyncClient:
        """Return a client whose requests have this tenant and principal; by default each account has an own address."""
        context_of = self._with_context(app_of(*self.routers), tenant, principal, address or address_of(principal))
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=context_of), base_url="http://shop.test")

    def _with_context(self, app: Asgi, tenant: Tenancy, principal: Principal, address: str) -> Asgi:
        async def with_context(scope: Scope, receive: Any, send: Any) -> None:
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
            context = RequestContext(
                database=self.database,
                tenant=tenant,
                principal=principal,
                request_id="in-a-test",
                address=address,
                is_dry_run="dry-run" in headers.get("prefer", ""),
                headers=headers,
                services={Cursors: CURSORS, **self.services},
            )
            if "idempotency-key" in headers:
                route = f"{scope['method']} {scope['path']}"
                context.key = idempotency.Key(principal.name, route, headers["idempotency-key"], b"\0" * 32)
            scope["state"] = {**scope.get("state", {}), "context": context}
            await app(scope, receive, send)

        return with_context


def address_of(principal: Principal) -> str:
    """Return the network address of an account; guests share one."""
    if principal.user_id is None:
        return "127.0.0.1"
    return f"2001:db8:{principal.user_id.hex[-8:-4]}:{principal.user_id.hex[-4:]}::"
