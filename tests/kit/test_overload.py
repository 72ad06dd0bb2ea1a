"""The middleware under overload: few requests wait, high priorities are served, and health checks are answered."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, Principal, everyone
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.admission import OVER_CONNECTION_LIMIT, Admission
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.health import Health, Metrics
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, Message, MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import MountedPage, Page, Pages
from luxewin.kit.http.policies import PROBE
from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router
from luxewin.kit.ids import new_id
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
DOMAINS: dict[str, Tenancy] = {}
CONNECTIONS = 4
SLOTS = 2 * CONNECTIONS
"""The initial concurrency limit."""

MAX_WAITING = 3
ACTIVE_LISTS = 6
SERVED = ("served", None)
PATIENT = {
    priority: replace(limits, burst_seconds=60, congested_seconds=60) for priority, limits in QUEUE_LIMITS.items()
}
"""Limits under which no request waits too long during a test, however slow the machine is."""

LIST, OWN, CACHED, WRITE = "/api/v1/list", "/api/v1/own", "/api/v1/cached", "/api/v1/write"
PAY = "/api/v1/pay/1"
router = Router("tests")
ANYBODY = everyone("tests.call")


@router.operation("GET", "/list", permission=ANYBODY)
@router.operation("GET", "/cached", permission=ANYBODY, cacheable=True)
@router.operation("GET", "/own", permission=ANYBODY, priority=Priority.OWN)
@router.operation("POST", "/write", permission=ANYBODY)
@router.operation("POST", "/pay/{number}", permission=ANYBODY, priority=Priority.MONEY)
async def declared(context: CurrentContext) -> Response:
    """Declare the policies; the requests themselves go to `Routes`."""
    raise AssertionError(context)


class OneCachedResponse:
    """A cache that has a response to one URL."""

    def find(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        del tenant, headers
        return Response(b"cached") if scope["path"] == CACHED else None


async def nobody(token: str) -> Principal:
    raise AssertionError(f"the token of a rejected request is not verified: {token}")


@dataclass
class Routes:
    """Routes that wait until a test releases them."""

    go: asyncio.Event = field(default_factory=asyncio.Event)
    begun: list[str] = field(default_factory=list)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun.append(f"{scope['method']} {scope['path']}")
        async with self.news:
            self.news.notify_all()
        await self.go.wait()
        await Response(status_code=204)(scope, receive, send)

    async def have_begun(self, count: int) -> None:
        async with asyncio.timeout(30), self.news:
            await self.news.wait_for(lambda: len(self.begun) >= count)


@dataclass
class Edge:
    """The middleware, the routes behind it, and the requests in progress."""

    routes: Routes
    admission: Admission
    middleware: RequestMiddleware
    requests: list["asyncio.Task[httpx2.Response]"] = field(default_factory=list)

    def client(self) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.middleware, client=("127.0.0.1", 40_000))
        return httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def send(self, method: str, path: str, **more: Any) -> httpx2.Response:
        async with self.client() as client:
            return await client.request(method, path, **more)

    def begin(self, method: str, path: str, *, times: int = 1) -> list["asyncio.Task[httpx2.Response]"]:
        requests = [asyncio.create_task(self.send(method, path)) for _ in range(times)]
        self.requests += requests
        return requests

    async def fill(self, method: str, path: str, *, slots: int) -> None:
        """Use all slots of a priority, then fill its queue."""
        begun = len(self.routes.begun)
        self.begin(method, path, times=slots)
        await self.routes.have_begun(begun + slots)
        waiting = self.admission.waiting
        self.begin(method, path, times=MAX_WAITING)
        await self.until_waiting(waiting + MAX_WAITING)

    async def until_waiting(self, count: int) -> None:
        async with asyncio.timeout(30):
            while self.admission.waiting != count:  # noqa: ASYNC110 - each turn lets them step forward
                await asyncio.sleep(0)


@pytest.fixture
async def edge(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Edge]:
    """A middleware in which requests wait long, unless a test sets other limits."""
    health = Health(database)
    routes = Routes()
    admission = Admission(connections=CONNECTIONS, max_waiting=MAX_WAITING, limits=getattr(request, "param", PATIENT))
    metrics = Metrics(None, [IPv4Network("127.0.0.0/8")])
    pages: dict[str, Page] = {
        "/health/live": MountedPage(health.live, PROBE),
        "/health/ready": MountedPage(health.ready, PROBE),
        "/metrics": MountedPage(metrics, PROBE),
    }
    middleware = RequestMiddleware(
        routes,
        settings=MiddlewareSettings(default_tenant=OURS.slug),
        database=database,
        tenants=Shops([OURS], DOMAINS),
        authenticate=nobody,
        limiter=Limiter(scale=1000),
        admission=admission,
        cache=OneCachedResponse(),
        routes=RouteTable([(BASE, router)]),
        pages=Pages(pages),
        services={},
    )
    opened = Edge(routes, admission, middleware)
    yield opened
    routes.go.set()
    await asyncio.gather(*opened.requests)


def must_be_overloaded(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["retry-after"]) >= 1
    problem = answer.json()
    assert (problem["code"], problem["request_id"]) == ("service.overloaded", answer.headers["x-request-id"])


async def test_lists_are_rejected_while_higher_priorities_and_health_checks_are_served(edge: Edge) -> None:
    await edge.fill("GET", LIST, slots=ACTIVE_LISTS)
    must_be_overloaded(await edge.send("GET", LIST))
    edge.begin("GET", OWN)
    edge.begin("POST", PAY)
    await edge.routes.have_begun(SLOTS)
    assert set(edge.routes.begun[ACTIVE_LISTS:]) == {f"GET {OWN}", f"POST {PAY}"}
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert (await edge.send("GET", path)).status_code == 200
    edge.routes.go.set()
    assert {answer.status_code for answer in await asyncio.gather(*edge.requests)} == {204}
    assert (await edge.send("GET", LIST)).status_code == 204


async def test_when_all_slots_are_used_the_highest_priority_is_served_first(edge: Edge) -> None:
    await edge.fill("POST", PAY, slots=SLOTS)
    for method, path in [("GET", OWN), ("POST", WRITE)]:
        edge.begin(method, path)
    await edge.until_waiting(MAX_WAITING + 2)
    must_be_overloaded(await edge.send("POST", PAY))
    edge.routes.go.set()
    await asyncio.gather(*edge.requests)
    assert edge.routes.begun[SLOTS:] == [f"POST {PAY}"] * MAX_WAITING + [f"POST {WRITE}", f"GET {OWN}"]


@pytest.mark.parametrize("more", [{}, {"x-request-id": "chosen-by-the-client"}], ids=["no id", "an id"])
async def test_a_rejected_request_is_neither_authenticated_nor_read(edge: Edge, more: dict[str, str]) -> None:
    await edge.fill("POST", PAY, slots=SLOTS)
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"x")
        yield b"x"

    must_be_overloaded(await edge.send("POST", PAY, content=body(), headers={"authorization": "Bearer x", **more}))
    assert read == []


async def test_a_rejection_has_the_headers_of_every_response(edge: Edge) -> None:
    await edge.fill("POST", PAY, slots=SLOTS)
    rejected = await edge.send("POST", PAY)
    must_be_overloaded(rejected)
    served = (await edge.send("GET", CACHED)).headers
    of_a_limit = {"ratelimit", "ratelimit-policy"}
    assert served.keys() - rejected.headers.keys() == of_a_limit
    for name in ("content-security-policy", "x-frame-options", "x-content-type-options", "api-version"):
        assert rejected.headers[name] == served[name]
    assert rejected.headers["cache-control"] == "no-store"
    assert rejected.headers["content-length"] == str(len(rejected.content))


async def test_a_request_with_capacity_and_a_cors_preflight_are_not_rejected(edge: Edge) -> None:
    await edge.fill("GET", LIST, slots=ACTIVE_LISTS)
    assert (await edge.send("HEAD", LIST)).status_code == 503
    must_be_overloaded(await edge.send("GET", "/api/v1/unknown"))
    preflight = await edge.send("OPTIONS", LIST, headers={"access-control-request-method": "GET"})
    assert preflight.status_code == 204
    edge.begin("GET", OWN)
    await edge.routes.have_begun(ACTIVE_LISTS + 1)


@pytest.mark.parametrize(("path", "status"), [("/health/live", 200), (CACHED, 200), (OWN, 503)])
async def test_over_the_limit_of_connections_only_probes_and_cached_responses_are_served(
    edge: Edge, path: str, status: int
) -> None:
    async def over_the_limit(scope: Scope, receive: Receive, send: Send) -> None:
        scope[OVER_CONNECTION_LIMIT] = True
        await edge.middleware(scope, receive, send)

    transport = httpx2.ASGITransport(app=over_the_limit)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get(path)
    assert answer.status_code == status
    if status != 200:
        must_be_overloaded(answer)


async def test_cached_responses_are_served_while_everything_else_is_rejected(edge: Edge) -> None:
    await edge.fill("POST", PAY, slots=SLOTS)
    answer = await edge.send("GET", CACHED)
    assert (answer.status_code, answer.content) == (200, b"cached")


@pytest.mark.parametrize("edge", [QUEUE_LIMITS], indirect=True)
async def test_a_request_that_waits_too_long_is_rejected(edge: Edge) -> None:
    await edge.fill("GET", LIST, slots=ACTIVE_LISTS)
    late = edge.requests[ACTIVE_LISTS:]
    for answer in await asyncio.gather(*late):
        must_be_overloaded(answer)
    assert edge.admission.waiting == 0


async def test_a_client_that_hangs_up_leaves_the_queue(edge: Edge) -> None:
    await edge.fill("POST", PAY, slots=SLOTS)
    hung_up, sent = asyncio.Event(), asyncio.Event()

    async def receive() -> Message:
        if not sent.is_set():
            sent.set()
            return {"type": "http.request", "body": b"", "more_body": False}
        await hung_up.wait()
        return {"type": "http.disconnect"}

    answered: list[Message] = []

    async def send(message: Message) -> None:
        answered.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": OWN, "raw_path": b"", "query_string": b""}
    scope["headers"] = [(b"host", b"localhost")]
    visit = asyncio.create_task(edge.middleware(scope, receive, send))
    await edge.until_waiting(MAX_WAITING + 1)
    hung_up.set()
    await visit
    assert (edge.admission.waiting, answered) == (MAX_WAITING, [])


async def test_a_request_cancelled_while_waiting_holds_no_slot(edge: Edge) -> None:
    await edge.fill("POST", PAY, slots=SLOTS)
    for visit in edge.requests[SLOTS:]:
        visit.cancel()
    await asyncio.gather(*edge.requests[SLOTS:], return_exceptions=True)
    del edge.requests[SLOTS:]
    assert edge.admission.waiting == 0
    edge.routes.go.set()
    await asyncio.gather(*edge.requests)
    edge.routes.go.clear()
    edge.begin("POST", PAY, times=SLOTS)
    await edge.routes.have_begun(2 * SLOTS)


async def test_a_burst_of_logins_is_rejected_and_leaves_capacity_for_all_else() -> None:
    admission = Admission(connections=16, max_waiting=100, limits=PATIENT)
    limits = QUEUE_LIMITS[Priority.CREDENTIALS]
    assert limits.max_active is not None
    assert limits.max_waiting is not None
    go, working = asyncio.Event(), 0

    async def never() -> Message:
        await go.wait()
        return {"type": "http.disconnect"}

    async def log_in() -> str:
        nonlocal working
        try:
            async with admission.slot(Priority.CREDENTIALS, never):
                working += 1
                await go.wait()
        except Unavailable as error:
            return error.code
        return "served"

    storm = [asyncio.create_task(log_in()) for _ in range(1000)]
    while sum(task.done() for task in storm) < 1000 - limits.max_active - limits.max_waiting:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    assert (working, admission.waiting) == (limits.max_active, limits.max_waiting)
    async with admission.slot(Priority.LISTS, never):
        go.set()
    outcomes = await asyncio.gather(*storm)
    assert set(outcomes) == {"served", "service.overloaded"}
    assert outcomes.count("served") == limits.max_active + limits.max_waiting


async def test_requests_that_wait_for_remote_services_let_the_limit_grow() -> None:
    admission = Admission(connections=CONNECTIONS, max_waiting=MAX_WAITING, limits=PATIENT)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    for _ in range(SLOTS):
        await admission.enter(Priority.MONEY, never)
    one_more = asyncio.create_task(admission.enter(Priority.MONEY, never))
    watching = asyncio.create_task(admission.watch(lambda: 0.0))
    try:
        async with asyncio.timeout(60):
            await one_more
    finally:
        watching.cancel()


async def test_few_wait_for_a_database_connection_and_the_others_are_rejected_at_once(
    test_database: TestDatabase,
) -> None:
    limits = PoolLimits(size=1, most_waiting=5, wait_seconds=30)
    database = await Database.open(test_database.role("app"), test_database.role("system"), limits)
    try:
        outcomes: list[tuple[str, Any]] = []

        async def ask() -> None:
            try:
                async with database.begin(OURS, ANONYMOUS):
                    outcomes.append(SERVED)
            except Unavailable as error:
                outcomes.append((error.code, error.facts["retry_after_seconds"]))

        async with database.begin(OURS, ANONYMOUS):
            crowd = [asyncio.create_task(ask()) for _ in range(1000)]
            while len(outcomes) < 1000 - limits.most_waiting:  # noqa: ASYNC110 - each turn lets the crowd step forward
                await asyncio.sleep(0)
            assert set(outcomes) == {("service.unavailable", 1)}
        await asyncio.gather(*crowd)
        assert outcomes.count(SERVED) == limits.most_waiting
    finally:
        await database.close()


async def test_the_limit_depends_on_the_longest_wait_for_a_connection(test_database: TestDatabase) -> None:
    limits = PoolLimits(size=1, wait_seconds=30)
    database = await Database.open(test_database.role("app"), test_database.role("system"), limits)
    try:
        assert database.queue_delay_seconds() == 0
        async with database.begin(OURS, ANONYMOUS):
            assert database.queue_delay_seconds() == 0
            waiting = [asyncio.create_task(_touch(database)) for _ in range(2)]
            await asyncio.sleep(0)
            before = database.queue_delay_seconds()
            assert 0 < before < database.queue_delay_seconds()
        await asyncio.gather(*waiting)
        assert database.queue_delay_seconds() == 0
    finally:
        await database.close()


async def _touch(database: Database) -> None:
    async with database.begin(OURS, ANONYMOUS):
        pass
