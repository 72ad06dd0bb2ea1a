"""The HTTP application: every route of every module and workflow, behind the gate."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import orjson
import uvicorn
from fastapi import APIRouter, FastAPI

from luxewin import __version__
from luxewin.demo import pictures
from luxewin.kit.database import Database
from luxewin.kit.http import logs, problems
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.connections import BoundedProtocol, allow_open_files
from luxewin.kit.http.health import Health, Metrics
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, RequestMiddleware
from luxewin.kit.http.pages import Page, Pages
from luxewin.kit.http.straight import DirectRoutes
from luxewin.kit.leadership import WORKER_LOCK
from luxewin.kit.messaging.relay import RELAY_LOCK
from luxewin.kit.pagination import Cursors
from luxewin.kit.settings import Settings
from luxewin.modules.cart import routes as cart_routes
from luxewin.modules.catalog import routes as catalog_routes
from luxewin.modules.identity import public as identity
from luxewin.modules.identity import routes as identity_routes
from luxewin.modules.inventory import routes as inventory_routes
from luxewin.modules.ledger import routes as ledger_routes
from luxewin.modules.orders import routes as orders_routes
from luxewin.modules.orders.public import OrderTokens
from luxewin.modules.payments import public as payments
from luxewin.modules.payments import routes as payments_routes
from luxewin.modules.payments.gateways.opening import open_gateways
from luxewin.modules.raffles import routes as raffles_routes
from luxewin.modules.raffles.public import Beacons, ConfiguredAnchors, MerkleTreeCache, RaffleSecrets, open_beacons
from luxewin.modules.shipping import routes as shipping_routes
from luxewin.modules.storefront import public as storefront
from luxewin.modules.storefront import routes as storefront_routes
from luxewin.modules.tenants import public as tenants
from luxewin.modules.tenants import routes as tenants_routes
from luxewin.modules.vendors import routes as vendors_routes
from luxewin.pages.openapi.document import document
from luxewin.pages.public import pages_of
from luxewin.runtime.installation import Installation
from luxewin.runtime.process import run_process
from luxewin.workflows.buy_tickets import routes as buy_tickets_routes
from luxewin.workflows.cancel_order import routes as cancel_order_routes
from luxewin.workflows.cancel_raffle import routes as cancel_raffle_routes
from luxewin.workflows.check_out import routes as check_out_routes
from luxewin.workflows.claim_prize import routes as claim_prize_routes
from luxewin.workflows.import_catalog import routes as import_catalog_routes
from luxewin.workflows.log_in import routes as log_in_routes
from luxewin.workflows.pay_order import routes as pay_order_routes
from luxewin.workflows.provision_tenant import routes as provision_tenant_routes
from luxewin.workflows.receive_webhook import routes as receive_webhook_routes
from luxewin.workflows.refund_order import routes as refund_order_routes

ROUTERS: tuple[APIRouter, ...] = (
    log_in_routes.router,
    identity_routes.router,
    storefront_routes.router,
    catalog_routes.router,
    import_catalog_routes.router,
    vendors_routes.router,
    inventory_routes.router,
    cart_routes.router,
    shipping_routes.router,
    check_out_routes.router,
    orders_routes.router,
    pay_order_routes.router,
    cancel_order_routes.router,
    refund_order_routes.router,
    receive_webhook_routes.router,
    raffles_routes.router,
    buy_tickets_routes.router,
    cancel_raffle_routes.router,
    claim_prize_routes.router,
    payments_routes.router,
    ledger_routes.router,
    provision_tenant_routes.router,
    tenants_routes.router,
    logs.router,
)


def _routed() -> FastAPI:
    """Build the application's routes and their documentation; needs nothing that runs.

    The framework puts off most of it until a request comes: it is asked for one here, before any process is forked.
    """
    app = FastAPI(
        title="LuxeWin",
        version=__version__,
        summary="Headless commerce that sells goods and chances",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for router in ROUTERS:
        app.include_router(router, prefix=BASE)
    app.include_router(identity_routes.well_known)
    problems.install(app)
    for route in app.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "headers": []})
    return app


ROUTER = _routed()
"""The application's routes, which keep nothing of a request."""


def openapi_document() -> bytes:
    """Return the OpenAPI document of the application, as `/openapi.json` serves it and as it is committed."""
    return orjson.dumps(document(ROUTER), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


@asynccontextmanager
async def application(installation: Installation) -> AsyncIterator[RequestMiddleware]:
    """Open everything the application needs, and close it at the end."""
    settings = installation.settings
    async with AsyncExitStack() as opened:
        database = await installation.open_database()
        opened.push_async_callback(database.close)
        gateways = await opened.enter_async_context(open_gateways(installation))
        directory = tenants.Directory(database)
        keys = identity.SigningKeys(database, installation.secrets.master_key)
        authenticator = identity.Authenticator(database, keys, directory)
        versions = storefront.Versions()
        listening = asyncio.create_task(versions.listen(installation.role("app")))
        opened.callback(listening.cancel)
        admission = Admission(connections=settings.database.pool_size, most_waiting=settings.http.most_waiting)
        watching = asyncio.create_task(admission.watch(database.queue_delay_seconds))
        opened.callback(watching.cancel)
        passwords = identity.Passwords()
        opened.callback(passwords.close)
        cursors = Cursors(installation.key("cursors"))
        services: Mapping[type[Any], Any] = {
            Settings: settings,
            Cursors: cursors,
            tenants.Directory: directory,
            identity.SigningKeys: keys,
            identity.Authenticator: authenticator,
            identity.Passwords: passwords,
            OrderTokens: OrderTokens(installation.key("order-tokens")),
            payments.Gateways: gateways.offered,
            Beacons: await opened.enter_async_context(
                open_beacons(settings.beacon, installation.key("beacon"), is_production=settings.is_production)
            ),
            ConfiguredAnchors: ConfiguredAnchors.of(settings.anchor),
            RaffleSecrets: RaffleSecrets(installation.secrets.master_key),
            MerkleTreeCache: MerkleTreeCache(),
            payments.EndpointSecrets: payments.EndpointSecrets(installation.secrets.master_key),
        }
        yield RequestMiddleware(
            storefront_routes.ReadYourWrites(DirectRoutes(ROUTER, ROUTERS, prefix=BASE), versions),
            settings=_middleware_settings(settings),
            database=database,
            tenants=directory,
            authenticate=authenticator,
            limiter=Limiter(scale=settings.limits.scale),
            admission=admission,
            hot=storefront_routes.HotReads(versions),
            pages=Pages(_pages(ROUTER, database, directory, settings, services[Beacons])),
            services=services,
        )


async def serve(installation: Installation, ready: Callable[[], None], *, listening: socket.socket) -> None:
    """Serve the application on a socket that somebody else has bound, until cancelled; finish what is in flight."""
    http = installation.settings.http
    allow_open_files(http.most_connections)
    async with application(installation) as middleware:
        config = uvicorn.Config(
            middleware,
            loop="none",
            http=BoundedProtocol,
            ws="none",  # a wish to speak another protocol is not heeded: the request is answered as what it is
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_keep_alive=http.keep_alive_seconds,
            timeout_graceful_shutdown=round(http.drain_seconds),
            limit_concurrency=http.most_connections,
            backlog=2048,
        )
        server = _Server(config, ready)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving


class _Server(uvicorn.Server):
    """A server that says when it serves, and leaves signals to its process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then say so."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone: the process cancels `serve`, and what is in flight is finished."""
        yield


def _middleware_settings(settings: Settings) -> MiddlewareSettings:
    http = settings.http
    return MiddlewareSettings(
        default_tenant=settings.default_tenant,
        allowed_origins=frozenset(http.allowed_origins),
        trusted_proxies=http.trusted_proxies,
        require_https=settings.is_production,
        largest_body_bytes=http.max_body_bytes,
        largest_upload_bytes=http.max_upload_bytes,
        deadline_seconds=http.deadline_seconds,
    )


def _pages(
    router: FastAPI, database: Database, directory: tenants.Directory, settings: Settings, beacons: Beacons
) -> Mapping[str, Page]:
    health = Health(database)
    leaders = {"relay": RELAY_LOCK, "worker": WORKER_LOCK}
    return {
        "/health/live": health.live,
        "/health/ready": health.ready,
        pictures.PATH: pictures.picture,
        "/metrics": Metrics(os.environ.get("PROMETHEUS_MULTIPROC_DIR"), settings.monitoring.metrics_from),
        **pages_of(router, database=database, directory=directory, settings=settings, beacons=beacons, leaders=leaders),
    }


def run(listening: socket.socket) -> None:
    """Be an API process, which serves a socket that the supervisor has bound."""
    run_process(partial(serve, listening=listening), role="api")
