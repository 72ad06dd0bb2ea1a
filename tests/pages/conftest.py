"""The pages of an installation with a real database, and of one whose database is unreachable."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

import httpx2
import pytest
from fastapi import FastAPI
from playwright.async_api import Browser

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.http.pages import Pages
from luxewin.kit.ids import new_id
from luxewin.kit.pools import PoolLimits
from luxewin.kit.settings import Settings
from luxewin.kit.tenancy import Tenancy
from luxewin.main import ROUTER
from luxewin.modules.raffles.public import Beacons, LocalBeacon
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import Directory
from luxewin.pages.public import pages_of
from tests.conftest import TestDatabase
from tests.pages.browsing import open_browser

LEADERS = {"relay": 0x7E57_0001, "worker": 0x7E57_0002}
"""Locks that are used only by these tests."""

PRODUCTION = {
    "LUXEWIN_ENV": "production",
    "LUXEWIN_ADMIN_EMAIL": "owner@example.com",
    "LUXEWIN_ADMIN_PASSWORD": "correct horse battery staple",
    "LUXEWIN_PUBLIC_URL": "https://shop.example.com",
}
MakeShop = Callable[[str], Awaitable[Tenancy]]


@dataclass(frozen=True, slots=True)
class Site:
    """The pages of an installation."""

    pages: Pages

    @classmethod
    def of(cls, database: Database, app: FastAPI, **environment: str) -> Self:
        """Mount the pages over a database."""
        settings = Settings.load(environment, SETTINGS_EXTENSIONS)
        mounted = pages_of(
            app,
            database=database,
            directory=Directory(database),
            settings=settings,
            beacons=Beacons([LocalBeacon(b"a beacon of one test")]),
            leaders=LEADERS,
        )
        return cls(Pages(mounted))

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        """Request a page."""
        transport = httpx2.ASGITransport(app=self._serve)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as client:
            return await client.get(path, headers=named)

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        page = self.pages.at(scope)
        assert page is not None, f"nothing is mounted at {scope['path']}"
        response = await page(scope)
        await response(scope, receive, send)


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as running:
        yield running


@pytest.fixture(scope="session")
def app() -> FastAPI:
    """The routes of the application; they need no running process."""
    return ROUTER


@pytest.fixture
def make_shop(database: Database) -> MakeShop:
    """Create shops in the registry."""

    async def make(name: str) -> Tenancy:
        tenant = Tenancy(id=new_id(), slug=f"shop-{new_id().hex[-12:]}", currency="USD")
        async with database.begin(tenant, SYSTEM) as tx:
            await tenants.create(tx, id=tenant.id, slug=tenant.slug, name=name, currency=tenant.currency)
        return tenant

    return make


@pytest.fixture
async def away(test_database: TestDatabase) -> Database:
    """The pages of an installation whose database is unreachable."""
    closed = await Database.open(test_database.role("app"), test_database.role("system"), PoolLimits(size=1))
    await closed.close()
    return closed
