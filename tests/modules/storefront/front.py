"""The storefront behind the real middleware, as one process serves it; each has versions and caches of its own."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import httpx2

from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.direct import DirectCalls
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, RequestMiddleware
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import Cursors
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog import routes as catalog
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import Role, User
from luxewin.modules.inventory import public as inventory
from luxewin.modules.storefront import routes as storefront
from luxewin.modules.storefront.public import CacheVersions
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import Directory
from luxewin.modules.vendors import routes as vendors
from tests.applications import app_of


class Shop:
    """A tenant, and its accounts by their access tokens."""

    def __init__(self, tenant: Tenancy, users: Sequence[User]) -> None:
        self.tenant = tenant
        self.people = {
            self.token(user.role): Principal(user.role, user_id=user.id, session_id=new_id(), tenant_id=tenant.id)
            for user in users
        }

    def token(self, role: Role) -> str:
        return f"{role.value}-{self.tenant.slug}"

    def user_id(self, role: Role) -> UUID:
        user_id = self.people[self.token(role)].user_id
        assert user_id is not None
        return user_id


async def open_shop(database: Database) -> Shop:
    """Create a tenant with a location for stock."""
    tenant = Tenancy(id=new_id(), slug=f"shop-{uuid4().hex[:10]}", currency="USD")
    async with database.begin(tenant, SYSTEM) as tx:
        await tenants.create(tx, id=tenant.id, slug=tenant.slug, name="A shop", currency="USD")
        tx.write(inventory.create_default_location(tx))
        users = [
            await identity.register(tx, name="Ada", email=f"{role}@example.com", password_hash="never used", role=role)
            for role in (Role.CUSTOMER, Role.VENDOR, Role.ADMIN)
        ]
    return Shop(tenant, users)


_ROUTERS = (storefront.router, catalog.router, vendors.router)
_ROUTES = RouteTable((BASE, router) for router in _ROUTERS)


class Front:
    """One process; without `direct` calls every request is handled by the framework."""

    def __init__(self, database: Database, *shops: Shop, versions: CacheVersions, direct: bool = True) -> None:
        self.versions = versions
        self._people = {token: person for shop in shops for token, person in shop.people.items()}
        self.reads = storefront.CachedReads(versions)
        app = app_of(*_ROUTERS, prefix=BASE)
        self._middleware = RequestMiddleware(
            storefront.ReadYourWrites(DirectCalls(app, _ROUTES) if direct else app, versions),
            settings=MiddlewareSettings(default_tenant="nowhere"),
            database=database,
            tenants=Directory(database),
            authenticate=self._authenticate,
            limiter=Limiter(scale=1_000_000),
            admission=Admission(connections=16, max_waiting=100),
            cache=self.reads,
            routes=_ROUTES,
            pages=Pages({}),
            services={
                Cursors: Cursors(b"a key of one test that nobody else has"),
                storefront.CachedReads: self.reads,
            },
        )

    def client(self, shop: Shop, role: Role | None = None) -> httpx2.AsyncClient:
        """Return a client of a shop, anonymous or with the account of this role."""
        headers = {"X-Tenant": shop.tenant.slug, "X-Request-Id": "one-of-a-test"}
        if role is not None:
            headers["Authorization"] = f"Bearer {shop.token(role)}"
        transport = httpx2.ASGITransport(app=self._middleware)
        return httpx2.AsyncClient(transport=transport, base_url=f"http://nobody.test{BASE}", headers=headers)

    async def _authenticate(self, token: str) -> Principal:
        if token not in self._people:
            raise Unauthenticated
        return self._people[token]


class Watched(CacheVersions):
    """Versions whose changes can be awaited."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()
        super().__init__()

    def bump(self, tenant_id: UUID) -> None:
        super().bump(tenant_id)
        self._changed.set()

    def bump_all(self) -> None:
        super().bump_all()
        self._changed.set()

    def subscribed(self) -> None:
        super().subscribed()
        self._changed.set()

    def unsubscribed(self) -> None:
        super().unsubscribed()
        self._changed.set()

    async def next_change(self) -> None:
        """Wait for the next change of any version."""
        self._changed.clear()
        async with asyncio.timeout(30):
            await self._changed.wait()


def known_versions() -> Watched:
    """Return versions that change only when a test bumps them."""
    versions = Watched()
    versions.subscribed()
    return versions


@asynccontextmanager
async def listening(versions: Watched, connect_arguments: dict[str, Any]) -> AsyncIterator[None]:
    """Follow the database's notifications in the background."""
    listener = asyncio.create_task(versions.listen(connect_arguments))
    try:
        yield
    finally:
        listener.cancel()
        with suppress(asyncio.CancelledError):
            await listener


async def add_product(client: httpx2.AsyncClient, name: str, **more: Any) -> dict[str, Any]:
    """Create a product, and return the response."""
    answer = await client.post("/products", json={"name": name, "price": {"amount": 1000, "currency": "USD"}, **more})
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    return product
