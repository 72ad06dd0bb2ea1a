"""A shop with its real edge, as often as wanted: each front is one process's, with versions of its own."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any
from uuid import UUID, uuid4

import httpx2
from starlette.responses import Response

from luxewin.kit.access import SYSTEM, Principal, Role
from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, Hot, MiddlewareSettings, RequestMiddleware, Scope
from luxewin.kit.http.pages import Pages
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import Cursors
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog import routes as catalog
from luxewin.modules.identity import public as identity
from luxewin.modules.identity.public import User
from luxewin.modules.inventory import public as inventory
from luxewin.modules.storefront import routes as storefront
from luxewin.modules.storefront.public import Versions
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants.public import Directory
from luxewin.modules.vendors import routes as vendors
from tests.applications import app_of


class NothingHot:
    """Leaves every read to the router."""

    def may_be_cached(self, scope: Scope) -> bool:
        del scope
        return False

    def known(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        del tenant, headers, scope
        return None

    async def answer(self, context: RequestContext, scope: Scope) -> Response | None:
        del context, scope
        return None


class Shop:
    """A tenant that is known to every front, and its people by their tokens."""

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
    """Make a tenant with a stockroom."""
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


class Front:
    """One process's edge; `hot` answers reads before the router, unless it is left out."""

    def __init__(self, database: Database, *shops: Shop, versions: Versions, hot: bool = True) -> None:
        self.versions = versions
        self._people = {token: person for shop in shops for token, person in shop.people.items()}
        self.seconds = 0.0
        self.hot: Hot = storefront.HotReads(versions, clock=lambda: self.seconds) if hot else NothingHot()
        self._middleware = RequestMiddleware(
            storefront.ReadYourWrites(app_of(*_ROUTERS, prefix=BASE), versions),
            settings=MiddlewareSettings(default_tenant="nowhere"),
            database=database,
            tenants=Directory(database),
            authenticate=self._authenticate,
            limiter=Limiter(scale=1_000_000),
            admission=Admission(connections=16, most_waiting=100),
            hot=self.hot,
            pages=Pages({}),
            services={Cursors: Cursors(b"a key of one test that nobody else has")},
        )

    def client(self, shop: Shop, role: Role | None = None) -> httpx2.AsyncClient:
        """Return a client of a shop, anonymous or of one of its people."""
        headers = {"X-Tenant": shop.tenant.slug, "X-Request-Id": "one-of-a-test"}
        if role is not None:
            headers["Authorization"] = f"Bearer {shop.token(role)}"
        transport = httpx2.ASGITransport(app=self._middleware)
        return httpx2.AsyncClient(transport=transport, base_url=f"http://nobody.test{BASE}", headers=headers)

    async def _authenticate(self, token: str) -> Principal:
        if token not in self._people:
            raise Unauthenticated
        return self._people[token]


class Watched(Versions):
    """Versions whose changes can be awaited."""

    def __init__(self) -> None:
        self._news = asyncio.Event()
        super().__init__()

    def bump(self, tenant_id: UUID) -> None:
        super().bump(tenant_id)
        self._news.set()

    def bump_all(self) -> None:
        super().bump_all()
        self._news.set()

    def hear(self) -> None:
        super().hear()
        self._news.set()

    def go_deaf(self) -> None:
        super().go_deaf()
        self._news.set()

    async def news(self) -> None:
        """Wait for the next change of anything."""
        self._news.clear()
        async with asyncio.timeout(30):
            await self._news.wait()


def hearing() -> Watched:
    """Return versions that are known, as long as tests tell them of every change."""
    versions = Watched()
    versions.hear()
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
    """Put a product into the catalogue and return it as it was answered."""
    answer = await client.post("/products", json={"name": name, "price": {"amount": 1000, "currency": "USD"}, **more})
    assert answer.status_code == 201, answer.text
    product: dict[str, Any] = answer.json()
    return product
