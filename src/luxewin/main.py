"""The HTTP application: every route of every module and workflow, behind the middleware."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import cast

import orjson
import uvicorn
from fastapi import APIRouter, FastAPI

from luxewin import __version__
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.demo import pictures
from luxewin.installed import MODULES, installed_services
from luxewin.kit.database import Database
from luxewin.kit.http import problems
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.connection_table import ConnectionTable
from luxewin.kit.http.connections import BoundedProtocol, allow_open_files
from luxewin.kit.http.direct import DirectCalls
from luxewin.kit.http.health import Health, Metrics
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, RequestMiddleware
from luxewin.kit.http.pages import MountedPage, Page, Pages
from luxewin.kit.http.policies import PROBE
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.shared_limits import SharedLimits
from luxewin.kit.leadership import WORKER_LOCK
from luxewin.kit.messaging.relay import RELAY_LOCK
from luxewin.kit.settings import Settings
from luxewin.modules.identity import public as identity
from luxewin.modules.raffles.public import Beacons
from luxewin.modules.storefront import public as storefront
from luxewin.modules.storefront import routes as storefront_routes
from luxewin.modules.tenants import public as tenants
from luxewin.pages.openapi.document import document
from luxewin.pages.public import missing_page, pages_of
from luxewin.runtime.installation import Installation
from luxewin.runtime.process import run_process

ROUTERS: tuple[APIRouter, ...] = tuple(router for module in MODULES for router in module.routers)


ROUTES = RouteTable(
    [
        *((BASE, router) for router in ROUTERS),
        *(("", router) for module in MODULES for router in module.root_routers),
    ]
)
"""The declared routes with their policies."""


def _build_application() -> FastAPI:
    """Build the application's routes and their documentation, without opening anything.

    The framework defers most of the work to the first request, which is made here, before any process is forked.
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
    for module in MODULES:
        for router in module.root_routers:
            app.include_router(router)
    problems.install(app)
    app.router.routes.insert(0, ROUTES)
    for route in app.routes:
        route.matches({"type": "http", "method": "GET", "path": "/", "headers": []})
    return app


ROUTER = _build_application()
"""The framework's application, which stores nothing of a request."""


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
        versions = storefront.CacheVersions()
        listening = asyncio.create_task(versions.listen(installation.role("app")))
        opened.callback(listening.cancel)
        admission = Admission(connections=settings.database.pool_size, max_waiting=settings.http.most_waiting)
        cached_reads = storefront_routes.CachedReads(versions)
        services = await opened.enter_async_context(
            installed_services(
                installation,
                database,
                base_url=settings.http.base_url,
                given={storefront_routes.CachedReads: cached_reads},
            )
        )
        directory = services[tenants.Directory]
        watching = asyncio.create_task(admission.watch(database.queue_delay_seconds))
        opened.callback(watching.cancel)
        limiter = Limiter(scale=settings.limits.scale, changed=directory.changed_limits)
        yield RequestMiddleware(
            storefront_routes.ReadYourWrites(DirectCalls(ROUTER, ROUTES), versions),
            settings=_middleware_settings(settings),
            database=database,
            tenants=directory,
            authenticate=services[identity.Authenticator],
            limiter=limiter,
            shared_limits=SharedLimits(database, limiter),
            admission=admission,
            cache=cached_reads,
            routes=ROUTES,
            pages=Pages(_pages(ROUTER, database, directory, settings, services[Beacons]), missing=missing_page),
            services=services.opened,
        )


async def serve(installation: Installation, ready: Callable[[], None], *, listening: socket.socket) -> None:
    """Serve the application on a bound socket until cancelled; then finish the requests in flight."""
    http = installation.settings.http
    allow_open_files(http.most_connections)
    table = ConnectionTable(
        most=http.most_connections, most_per_address=http.connections_per_address, unlimited=http.trusted_proxies
    )
    async with application(installation) as middleware:
        config = uvicorn.Config(
            middleware,
            loop="none",
            http=cast("type[asyncio.Protocol]", partial(BoundedProtocol, table)),  # it is only called
            ws="none",  # requests to upgrade the connection are answered as ordinary requests
            lifespan="off",
            access_log=False,
            log_config=None,
            server_header=False,
            date_header=True,
            proxy_headers=False,
            timeout_keep_alive=http.keep_alive_seconds,
            timeout_graceful_shutdown=round(http.drain_seconds),
            backlog=2048,
        )
        server = _Server(config, ready)
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        watching = asyncio.create_task(table.watch())
        try:
            await asyncio.shield(serving)
        except asyncio.CancelledError:
            server.should_exit = True
            await serving
        finally:
            watching.cancel()


class _Server(uvicorn.Server):
    """A server that reports when it is ready, and leaves signals to its process."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve, then report that it is ready."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle none: the process cancels `serve`, which finishes the requests in flight."""
        yield


def _middleware_settings(settings: Settings) -> MiddlewareSettings:
    http = settings.http
    return MiddlewareSettings(
        default_tenant=settings.default_tenant,
        allowed_origins=frozenset(http.allowed_origins),
        allows_local_origins=not settings.is_production,
        public_url=http.public_url,
        fallback_url=http.base_url,
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
    metrics = Metrics(os.environ.get("PROMETHEUS_MULTIPROC_DIR"), settings.monitoring.metrics_from)
    leaders = {"relay": RELAY_LOCK, "worker": WORKER_LOCK}
    return {
        "/health/live": MountedPage(health.live, PROBE),
        "/health/ready": MountedPage(health.ready, PROBE),
        pictures.PATH: pictures.picture,
        "/metrics": MountedPage(metrics, PROBE),
        **pages_of(router, database=database, directory=directory, settings=settings, beacons=beacons, leaders=leaders),
    }


def run(listening: socket.socket) -> None:
    """Be an API process, which serves a socket that the supervisor has bound."""
    run_process(partial(serve, listening=listening), role="api", extensions=SETTINGS_EXTENSIONS)
