"""A small installation with two shops, its pages, and a browser's way of asking for them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import httpx
import pytest
from fastapi import FastAPI

from luxewin.kit.database import Database
from luxewin.kit.http.pages import Pages
from luxewin.kit.ids import new_id
from luxewin.kit.settings import Settings
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import Directory
from luxewin.kit.access import SYSTEM
from luxewin.main import build_router
from luxewin.pages.public import pages_of

LEADERS = {"relay": 0x7E57_0001, "worker": 0x7E57_0002}
"""Locks of this suite alone: nobody else takes them."""

PRODUCTION = {
    "LUXEWIN_ENV": "production",
    "LUXEWIN_ADMIN_EMAIL": "owner@example.com",
    "LUXEWIN_ADMIN_PASSWORD": "correct horse battery staple",
    "LUXEWIN_PUBLIC_URL": "https://shop.example.com",
}


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of an installation, asked as a browser asks."""

    pages: Pages

    @classmethod
    def of(cls, database: Database, *, app: FastAPI, **environment: str) -> Self:
        """Mount the pages over a database."""
        settings = Settings.load(environment)
        mounted = pages_of(app, database=database, directory=Directory(database), settings=settings, leaders=LEADERS)
        return cls(Pages(mounted))

    async def get(self, path: str, **headers: str) -> httpx.Response:
        """Ask for a page; an address that leads to none is a failure of the test."""
        transport = httpx.ASGITransport(app=self._serve)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        page = self.pages.at(scope)
        assert page is not None, f"nothing is mounted at {scope['path']}"
        response = await page(scope)
        await response(scope, receive, send)


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The application's routes, which need nothing that runs."""
    return build_router()


MakeShop = Callable[..., Awaitable[Tenancy]]


@pytest.fixture
def make_shop(database: Database) -> MakeShop:
    """Make tenants that are in the registry, as provisioning does."""

    async def make(*, name: str = "Nook & Hearth", domains: Sequence[str] = ()) -> Tenancy:
        tenant = Tenancy(id=new_id(), slug=f"shop-{new_id().hex[-12:]}", currency="USD")
        await database.run(
            tenant,
            SYSTEM,
            lambda tx: tenants.create(
                tx, id=tenant.id, slug=tenant.slug, name=name, currency="USD", locale="en", domains=domains, settings={}
            ),
        )
        return tenant

    return make


@pytest.fixture
async def shop(make_shop: MakeShop) -> Tenancy:
    """A registered shop."""
    return await make_shop()


@pytest.fixture
async def away(test_database: Any) -> AsyncIterator[Database]:
    """A database that does not answer: its pools are closed."""
    closed = await Database.open(test_database.role("app"), test_database.role("system"), PoolLimits(size=1))
    await closed.close()
    yield closed
