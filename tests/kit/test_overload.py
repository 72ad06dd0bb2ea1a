"""The gate when there is too much to do: a bounded number waits, the worthy pass, health answers, and it ends."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network
from typing import Any

import httpx2
import pytest
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.admission import CROWDED, Admission
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.health import Health, Metrics
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import Message, MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import Page, Pages
from luxewin.kit.http.priorities import QUEUE_LIMITS, Priority
from luxewin.kit.ids import new_id
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
DOMAINS: dict[str, Tenancy] = {}
CONNECTIONS = 4
PLACES = 2 * CONNECTIONS
"""At work at once before the limit has learnt anything."""

MOST_WAITING = 3
LISTS_AT_WORK = 6
SERVED = ("served", None)
PATIENT = {
    priority: replace(limits, burst_seconds=60, standing_seconds=60) for priority, limits in QUEUE_LIMITS.items()
}
"""Terms under which nobody gives up while a test looks on, however slow the machine is."""

VENDORS, CART, KEPT = "/api/v1/vendors", "/api/v1/cart", "/api/v1/products"
PAY = "/api/v1/orders/1/payments"


class OneAnswerKept:
    """One read whose answer is at hand."""

    def may_be_cached(self, scope: Scope) -> bool:
        return bool(scope["path"] == KEPT)

    def known(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        del tenant, headers
        return Response(b"kept") if scope["path"] == KEPT else None

    async def answer(self, context: RequestContext, scope: Scope) -> Response | None:
        del context, scope
        return None


async def nobody(token: str) -> Principal:
    raise AssertionError(f"what is refused at the door is not asked who it is: {token}")


@dataclass
class Routes:
    """Routes that are stuck until they are let go."""

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
class Door:
    """The gate, what stands behind it, and those who are on their way through it."""

    routes: Routes
    admission: Admission
    middleware: RequestMiddleware
    visits: list["asyncio.Task[httpx2.Response]"] = field(default_factory=list)

    def client(self) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.middleware, client=("127.0.0.1", 40_000))
        return httpx2.AsyncClient(transport=transport, base_url="http://localhost")

    async def ask(self, method: str, path: str, **more: Any) -> httpx2.Response:
        async with self.client() as client:
            return await client.request(method, path, **more)

    def come(self, method: str, path: str, *, times: int = 1) -> list["asyncio.Task[httpx2.Response]"]:
        visits = [asyncio.create_task(self.ask(method, path)) for _ in range(times)]
        self.visits += visits
        return visits

    async def fill(self, method: str, path: str, *, places: int) -> None:
        """Fill all places of a kind, then its whole line."""
        begun = len(self.routes.begun)
        self.come(method, path, times=places)
        await self.routes.have_begun(begun + places)
        waiting = self.admission.waiting
        self.come(method, path, times=MOST_WAITING)
        await self.until_waiting(waiting + MOST_WAITING)

    async def until_waiting(self, count: int) -> None:
        async with asyncio.timeout(30):
            while self.admission.waiting != count:  # noqa: ASYNC110 - each turn lets them step forward
                await asyncio.sleep(0)


@pytest.fixture
async def door(request: pytest.FixtureRequest, database: Database) -> AsyncIterator[Door]:
    """A door whose visitors are patient, unless a test wants other terms."""
    health = Health(database)
    routes = Routes()
    admission = Admission(connections=CONNECTIONS, most_waiting=MOST_WAITING, limits=getattr(request, "param", PATIENT))
    metrics = Metrics(None, [IPv4Network("127.0.0.0/8")])
    pages: dict[str, Page] = {"/health/live": health.live, "/health/ready": health.ready, "/metrics": metrics}
    middleware = RequestMiddleware(
        routes,
        settings=MiddlewareSettings(default_tenant=OURS.slug),
        database=database,
        tenants=Shops([OURS], DOMAINS),
        authenticate=nobody,
        limiter=Limiter(scale=1000),
        admission=admission,
        hot=OneAnswerKept(),
        pages=Pages(pages),
        services={},
    )
    opened = Door(routes, admission, middleware)
    yield opened
    routes.go.set()
    await asyncio.gather(*opened.visits)


def must_be_overloaded(answer: httpx2.Response) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["retry-after"]) >= 1
    problem = answer.json()
    assert (problem["code"], problem["request_id"]) == ("service.overloaded", answer.headers["x-request-id"])


async def test_lists_are_refused_while_carts_and_payments_pass_and_health_answers(door: Door) -> None:
    await door.fill("GET", VENDORS, places=LISTS_AT_WORK)
    must_be_overloaded(await door.ask("GET", VENDORS))
    door.come("GET", CART)
    door.come("POST", PAY)
    await door.routes.have_begun(PLACES)
    assert set(door.routes.begun[LISTS_AT_WORK:]) == {f"GET {CART}", f"POST {PAY}"}
    for path in ("/health/live", "/health/ready", "/metrics"):
        assert (await door.ask("GET", path)).status_code == 200
    door.routes.go.set()
    assert {answer.status_code for answer in await asyncio.gather(*door.visits)} == {204}
    assert (await door.ask("GET", VENDORS)).status_code == 204


async def test_when_all_places_are_taken_the_worthiest_in_line_is_served_first(door: Door) -> None:
    await door.fill("POST", PAY, places=PLACES)
    for method, path in [("GET", CART), ("POST", "/api/v1/orders")]:
        door.come(method, path)
    await door.until_waiting(MOST_WAITING + 2)
    must_be_overloaded(await door.ask("POST", PAY))
    door.routes.go.set()
    await asyncio.gather(*door.visits)
    assert door.routes.begun[PLACES:] == [f"POST {PAY}"] * MOST_WAITING + ["POST /api/v1/orders", f"GET {CART}"]


@pytest.mark.parametrize("more", [{}, {"x-request-id": "told-by-the-client"}], ids=["plain", "to be reflected"])
async def test_a_refusal_at_the_door_looks_at_neither_token_nor_body(door: Door, more: dict[str, str]) -> None:
    await door.fill("POST", PAY, places=PLACES)
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"x")
        yield b"x"

    must_be_overloaded(await door.ask("POST", PAY, content=body(), headers={"authorization": "Bearer x", **more}))
    assert read == []


def asked(method: str, path: str, *headers: bytes) -> Scope:
    named = [(name, b"https://a.example") for name in headers]
    return {"method": method, "path": path, "query_string": b"", "headers": [(b"host", b"localhost"), *named]}


async def test_a_plain_request_without_prospect_need_not_even_come_in(door: Door) -> None:
    assert door.middleware.early_response(asked("POST", PAY)) is None
    await door.fill("POST", PAY, places=PLACES)
    error = door.middleware.early_response(asked("POST", PAY, b"user-agent"))
    assert error is not None
    status, *lines = error.head.decode().splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    assert status.split(" ")[1] == "503"
    assert headers["content-length"] == str(len(error.body))
    must_be_overloaded(httpx2.Response(503, headers=headers, content=error.body))
    full = (await door.ask("POST", PAY)).headers
    assert headers.keys() == full.keys()
    for told in ("content-security-policy", "x-frame-options", "cache-control", "content-type"):
        assert headers[told] == full[told]


@pytest.mark.parametrize(
    "scope",
    [
        asked("POST", PAY, b"x-request-id"),
        asked("POST", PAY, b"origin"),
        asked("POST", PAY, b"expect"),
        asked("HEAD", PAY),
        asked("GET", "/health/live"),
        asked("GET", CART),
    ],
    ids=lambda scope: f"{scope['method']} {scope['path']} {scope['headers'][-1][0].decode()}",
)
async def test_whoever_has_a_prospect_or_asks_for_more_comes_in(door: Door, scope: Scope) -> None:
    await door.fill("POST", PAY, places=PLACES)
    assert door.middleware.early_response(scope) is None


@pytest.mark.parametrize(("path", "status"), [("/health/live", 200), (KEPT, 200), (CART, 503)])
async def test_on_a_connection_too_many_only_what_costs_nothing_is_answered(door: Door, path: str, status: int) -> None:
    async def crowded(scope: Scope, receive: Receive, send: Send) -> None:
        scope[CROWDED] = True
        await door.middleware(scope, receive, send)

    transport = httpx2.ASGITransport(app=crowded)
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get(path)
    assert answer.status_code == status
    if status != 200:
        must_be_overloaded(answer)


async def test_what_is_known_by_heart_is_served_when_everything_else_is_refused(door: Door) -> None:
    await door.fill("POST", PAY, places=PLACES)
    answer = await door.ask("GET", KEPT)
    assert (answer.status_code, answer.content) == (200, b"kept")


@pytest.mark.parametrize("door", [QUEUE_LIMITS], indirect=True)
async def test_whoever_waits_longer_than_it_is_worth_is_refused(door: Door) -> None:
    await door.fill("GET", VENDORS, places=LISTS_AT_WORK)
    late = door.visits[LISTS_AT_WORK:]
    for answer in await asyncio.gather(*late):
        must_be_overloaded(answer)
    assert door.admission.waiting == 0


async def test_a_client_that_hangs_up_leaves_the_line(door: Door) -> None:
    await door.fill("POST", PAY, places=PLACES)
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

    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": CART, "raw_path": b"", "query_string": b""}
    scope["headers"] = [(b"host", b"localhost")]
    visit = asyncio.create_task(door.middleware(scope, receive, send))
    await door.until_waiting(MOST_WAITING + 1)
    hung_up.set()
    await visit
    assert (door.admission.waiting, answered) == (MOST_WAITING, [])


async def test_whoever_is_given_up_while_waiting_holds_no_place(door: Door) -> None:
    await door.fill("POST", PAY, places=PLACES)
    for visit in door.visits[PLACES:]:
        visit.cancel()
    await asyncio.gather(*door.visits[PLACES:], return_exceptions=True)
    del door.visits[PLACES:]
    assert door.admission.waiting == 0
    door.routes.go.set()
    await asyncio.gather(*door.visits)
    door.routes.go.clear()
    door.come("POST", PAY, times=PLACES)
    await door.routes.have_begun(2 * PLACES)


async def test_a_storm_of_logins_is_refused_and_leaves_room_for_all_else() -> None:
    admission = Admission(connections=16, most_waiting=100, limits=PATIENT)
    limits = QUEUE_LIMITS[Priority.CREDENTIALS]
    assert limits.most_at_work is not None
    assert limits.most_waiting is not None
    go, working = asyncio.Event(), 0

    async def never() -> Message:
        await go.wait()
        return {"type": "http.disconnect"}

    async def log_in() -> str:
        nonlocal working
        try:
            async with admission.turn(Priority.CREDENTIALS, never):
                working += 1
                await go.wait()
        except Unavailable as error:
            return error.code
        return "served"

    storm = [asyncio.create_task(log_in()) for _ in range(1000)]
    while sum(task.done() for task in storm) < 1000 - limits.most_at_work - limits.most_waiting:  # noqa: ASYNC110 - as above
        await asyncio.sleep(0)
    assert (working, admission.waiting) == (limits.most_at_work, limits.most_waiting)
    async with admission.turn(Priority.LISTS, never):
        go.set()
    outcomes = await asyncio.gather(*storm)
    assert set(outcomes) == {"served", "service.overloaded"}
    assert outcomes.count("served") == limits.most_at_work + limits.most_waiting


async def test_those_who_wait_only_for_the_outside_make_room_for_more() -> None:
    admission = Admission(connections=CONNECTIONS, most_waiting=MOST_WAITING, limits=PATIENT)

    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    for _ in range(PLACES):
        await admission.enter(Priority.MONEY, never)
    one_more = asyncio.create_task(admission.enter(Priority.MONEY, never))
    watching = asyncio.create_task(admission.watch(lambda: 0.0))
    try:
        async with asyncio.timeout(60):
            await one_more
    finally:
        watching.cancel()


async def test_few_wait_for_a_connection_and_the_others_are_refused_at_once(test_database: TestDatabase) -> None:
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


async def test_the_limit_heeds_for_how_long_somebody_waits_for_a_connection(test_database: TestDatabase) -> None:
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
