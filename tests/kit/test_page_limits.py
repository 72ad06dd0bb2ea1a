"""Pages outside the API count as reads of the caller's address; probes are always answered, at a bounded cost."""

import asyncio
from typing import Any, Self

import httpx2
import pytest
from starlette.responses import Response

from luxewin.kit.database import Database
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.health import Health
from luxewin.kit.http.limits import PUBLISHED_LIMITS, READS, Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, RequestMiddleware, Scope
from luxewin.kit.http.pages import MountedPage, Pages
from luxewin.kit.http.policies import PROBE
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router
from tests.caches import NoCache
from tests.kit.shops import Shops
from tests.kit.test_middleware import OURS, principal_of

MOST = 3
PROXIED = {"x-forwarded-for": "203.0.113.77"}
BROWSER = {"accept": "text/html"}


class Site:
    """Pages behind the middleware, which count how often they are rendered."""

    def __init__(self) -> None:
        self.rendered = 0
        self._middleware = RequestMiddleware(
            self._no_route,
            settings=MiddlewareSettings(default_tenant=OURS.slug),
            database=Database.__new__(Database),  # pages never use it
            tenants=Shops([OURS], {}),
            authenticate=principal_of,
            limiter=Limiter(scale=MOST / PUBLISHED_LIMITS[READS]),
            admission=Admission(connections=16, max_waiting=100),
            cache=NoCache(),
            routes=RouteTable([(BASE, Router("tests"))]),
            pages=Pages(
                {"/page": self._page, "/files/*": self._page, "/probe": MountedPage(self._page, PROBE)},
                missing=self._page,
            ),
            services={},
        )

    def client(self, address: str) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self._middleware, client=(address, 40_000))
        return httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def _page(self, _scope: Scope) -> Response:
        self.rendered += 1
        return Response(b"a page")

    async def _no_route(self, *call: Any) -> None:
        raise AssertionError(call)


@pytest.mark.parametrize("path", ["/page", "/files/style.css", "/no-such-page"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_pages_beyond_the_limit_of_reads_are_refused_before_they_are_rendered(path: str, method: str) -> None:
    site = Site()
    async with site.client("203.0.113.9") as client:
        answers = [await client.request(method, path, headers={**BROWSER, **PROXIED}) for _ in range(MOST + 2)]
    assert [answer.status_code for answer in answers] == [200] * MOST + [429] * 2
    assert answers[0].headers["ratelimit-policy"] == f'"reads";q={MOST};w=60'
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert site.rendered == MOST
    async with site.client("203.0.113.10") as another:
        assert (await another.get(path, headers=BROWSER)).status_code == 200


async def test_probes_have_no_limit() -> None:
    site = Site()
    async with site.client("203.0.113.9") as client:
        answers = [await client.get("/probe") for _ in range(5 * MOST)]
    assert {answer.status_code for answer in answers} == {200}
    assert "ratelimit-policy" not in answers[0].headers


class SlowDatabase:
    """A database whose connections wait, and are counted."""

    def __init__(self) -> None:
        self.opened = 0
        self.answers = asyncio.Event()

    def system(self) -> Self:
        return self

    async def __aenter__(self) -> Self:
        self.opened += 1
        await self.answers.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        return None

    async def fetchval(self, _query: str) -> int:
        return 1


async def test_many_readiness_checks_at_once_occupy_one_connection() -> None:
    database = SlowDatabase()
    health = Health(database)  # type: ignore[arg-type]  # the part of a database that it uses
    checks = [asyncio.create_task(health.ready({})) for _ in range(50)]
    await asyncio.sleep(0)
    checks[0].cancel()
    await asyncio.sleep(0)
    database.answers.set()
    assert {check.status_code for check in await asyncio.gather(*checks[1:])} == {200}
    assert database.opened == 1
    assert (await health.ready({})).status_code == 200
    assert database.opened == 2, "a later check asks again"
