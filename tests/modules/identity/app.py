"""The middleware and the routes of identity, tenants and their workflows, in the process of the test."""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from functools import cache
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
from fastapi import FastAPI

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.http import problems
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, RequestMiddleware
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.shared_limits import SharedLimits
from luxewin.kit.pagination import Cursors
from luxewin.kit.settings import Settings
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity import public as identity
from luxewin.modules.identity import routes as identity_routes
from luxewin.modules.identity.public import Role
from luxewin.modules.payments.public import EndpointSecrets, Gateways
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants import routes as tenants_routes
from luxewin.modules.tenants.public import PLATFORM, Directory
from luxewin.workflows.log_in import routes as log_in_routes
from luxewin.workflows.provision_tenant import routes as provision_tenant_routes
from tests.caches import NoCache

MASTER_KEY = b"the master key of one test run.."
PASSWORD = "nine owls in the attic"
OTHER_PASSWORD = "a long walk by the sea"
LOWEST_COST = 4
"""The lowest cost that bcrypt accepts, to keep the tests fast."""


class App:
    """The application of one process; a second one on the same database acts as a second process."""

    def __init__(
        self,
        database: Database,
        *,
        gateways: Gateways,
        cost: int = LOWEST_COST,
        limit_scale: float = 1_000_000,
        **environment: str,
    ) -> None:
        self.database = database
        self.directory = Directory(database)
        self.keys = identity.SigningKeys(database, MASTER_KEY)
        self.refresh_tokens = identity.RefreshTokens(MASTER_KEY)
        self.passwords = identity.Passwords(cost=cost)
        self.authenticator = identity.Authenticator(database, self.keys, self.directory)
        services: Mapping[type[Any], Any] = {
            Settings: Settings.load(environment),
            Cursors: Cursors(b"a key of one test that nobody else has"),
            Directory: self.directory,
            identity.SigningKeys: self.keys,
            identity.RefreshTokens: self.refresh_tokens,
            identity.Fingerprints: identity.Fingerprints(MASTER_KEY),
            identity.Passwords: self.passwords,
            identity.Authenticator: self.authenticator,
            Gateways: gateways,
            EndpointSecrets: EndpointSecrets(MASTER_KEY),
        }
        limiter = Limiter(scale=limit_scale, changed=self.directory.changed_limits)
        self._middleware = RequestMiddleware(
            _router(),
            settings=MiddlewareSettings(default_tenant="nowhere"),
            database=database,
            tenants=self.directory,
            authenticate=self.authenticator,
            limiter=limiter,
            shared_limits=SharedLimits(database, limiter),
            admission=Admission(connections=16, max_waiting=100),
            cache=NoCache(),
            routes=_ROUTES,
            pages=Pages({}),
            services=services,
        )

    def client(
        self, tenant: Tenancy, token: str | None = None, *, address: str = "127.0.0.1", **headers: str
    ) -> httpx2.AsyncClient:
        """Return a client of a tenant, with an access token if one is given."""
        given = {"X-Tenant": tenant.slug, **{name.replace("_", "-"): text for name, text in headers.items()}}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        transport = httpx2.ASGITransport(app=self._middleware, client=(address, 50000))
        return httpx2.AsyncClient(transport=transport, base_url=f"http://nobody.test{BASE}", headers=given)

    async def create_shop(self) -> Tenancy:
        """Create a tenant that the middleware can find."""
        shop = Tenancy(id=uuid4(), slug=f"shop-{uuid4().hex[:10]}", currency="USD")
        async with self.database.begin(shop, SYSTEM) as tx:
            await tenants.create(tx, id=shop.id, slug=shop.slug, name="A shop", currency="USD")
        await self.directory.refresh()
        return shop

    async def create_account(self, shop: Tenancy, role: Role = Role.CUSTOMER, *, password: str = PASSWORD) -> "Account":
        """Create an account with any role and log in to it."""
        email = f"{uuid4().hex[:12]}@example.com"
        password_hash = await self.passwords.hash(password)
        where = PLATFORM if role is Role.SUPER_ADMIN else shop
        async with self.database.begin(where, SYSTEM) as tx:
            await identity.register(tx, name="Ada", email=email, password_hash=password_hash, role=role)
        return await Account.log_in(self, shop, email=email, password=password)


class Account:
    """An account that is logged in on one device."""

    def __init__(self, app: App, shop: Tenancy, answered: dict[str, Any], *, password: str) -> None:
        self.app = app
        self.shop = shop
        self.id: str = answered["user"]["id"]
        self.email: str = answered["user"]["email"]
        self.password = password
        self.access_token: str = answered["access_token"]
        self.refresh_token: str = answered["refresh_token"]

    @classmethod
    async def log_in(cls, app: App, shop: Tenancy, *, email: str, password: str, **headers: str) -> "Account":
        """Log in."""
        async with app.client(shop, **headers) as client:
            answer = await client.post("/auth/login", json={"email": email, "password": password})
        assert answer.status_code == 200, answer.text
        return cls(app, shop, answer.json(), password=password)

    def client(self, shop: Tenancy | None = None, **headers: str) -> httpx2.AsyncClient:
        """Return a client with the access token, of their own tenant or another."""
        return self.app.client(shop or self.shop, self.access_token, **headers)


async def open_connections(database: Database, *, connections: int = 18) -> None:
    """Open connections before a race, so that no participant is slowed down by connecting."""
    async with AsyncExitStack() as held:
        for connection in [await database.app.acquire() for _ in range(connections)]:
            held.push_async_callback(database.app.release, connection)


async def until_blocked_or_done(owner: asyncpg.Connection, task: asyncio.Task[Any]) -> None:
    """Return when a transaction of the task waits for a lock, or the task has ended."""
    async with asyncio.timeout(5):
        while not task.done():
            waiting = await owner.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if waiting:
                return


async def status_of_own_account(app: App, shop: Tenancy, token: str) -> int:
    """Return the status of `GET /auth/me` with an access token."""
    async with app.client(shop, token) as client:
        return (await client.get("/auth/me")).status_code


_ROUTERS = (log_in_routes.router, identity_routes.router, provision_tenant_routes.router, tenants_routes.router)
_ROUTES = RouteTable([*((BASE, router) for router in _ROUTERS), ("", identity_routes.well_known)])


@cache
def _router() -> FastAPI:
    application = FastAPI()
    problems.install(application)
    for router in _ROUTERS:
        application.include_router(router, prefix=BASE)
    application.include_router(identity_routes.well_known)
    return application
