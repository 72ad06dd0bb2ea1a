"""Early responses: cached responses to plain requests, equal to those that the middleware would send later."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from prometheus_client import REGISTRY
from starlette.responses import Response

from luxewin.kit.access import Principal, everyone
from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.early_responses import EarlyResponse, EarlyResponses
from luxewin.kit.http.limits import PUBLISHED_LIMITS, READS, Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.request_telemetry import ROUTE
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router
from luxewin.kit.ids import new_id
from luxewin.kit.observability import tracing
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.storefront.routes.cached_response import cached_response_of
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
THEIRS = Tenancy(id=new_id(), slug="theirs", currency="USD")
PATH = "/api/v1/list"
CACHED = {OURS: cached_response_of({"data": ["a bowl"]}), THEIRS: cached_response_of({"data": ["a chair"]})}
ORIGIN = "https://shop.example"
MAX_READS = 3


class Lists:
    """A cache that has the response to one list of each shop."""

    def find(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        if scope["path"] != PATH:
            return None
        scope[ROUTE] = PATH
        return CACHED[tenant].answer(scope["method"], headers)


router = Router("tests")


@router.operation("GET", "/list", permission=everyone("tests.read"), cacheable=True)
async def declared(context: CurrentContext) -> Response:
    """Declare the policy; no request gets here."""
    raise AssertionError(context)


async def nobody(token: str) -> Principal:
    raise Unauthenticated(f"nobody is {token}")


async def no_routes(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("no request reaches the routes")


@dataclass
class Edge:
    """The middleware in front of a cache; without `early` responses every request passes through all of it."""

    shops: Shops = field(default_factory=lambda: Shops(list(CACHED), {"theirs.example": THEIRS}))
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.middleware = RequestMiddleware(
            no_routes,
            settings=MiddlewareSettings(
                **{"default_tenant": OURS.slug, "allowed_origins": frozenset({ORIGIN}), **self.settings}
            ),
            database=Database.__new__(Database),  # never used: all responses are cached
            tenants=self.shops,
            authenticate=nobody,
            limiter=Limiter(scale=MAX_READS / PUBLISHED_LIMITS[READS], clock=lambda: 0.0),
            admission=Admission(connections=16, max_waiting=100),
            cache=Lists(),
            routes=RouteTable([(BASE, router)]),
            pages=Pages({}),
            services={},
        )

    async def send(
        self, *headers: tuple[str, str], method: str = "GET", host: str = "localhost", path: str = PATH
    ) -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.middleware, client=("203.0.113.9", 40_000))
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, path, headers=httpx2.Headers(list(headers)))


@pytest.fixture
def early(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Return a list of whether each request was answered early."""
    answered: list[bool] = []
    find = EarlyResponses.find

    def recorded(self: EarlyResponses, *given: Any) -> EarlyResponse | None:
        response = find(self, *given)
        answered.append(response is not None)
        return response

    monkeypatch.setattr(EarlyResponses, "find", recorded)
    return answered


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ([], 200, {"data": ["a bowl"]}),
        ([("x-tenant", "theirs")], 200, {"data": ["a chair"]}),
        ([("origin", ORIGIN)], 200, {"data": ["a bowl"]}),
        ([("origin", "https://elsewhere.example")], 200, {"data": ["a bowl"]}),
        ([("if-none-match", CACHED[OURS].headers["etag"])], 304, None),
        ([("if-none-match", '"an older one"')], 200, {"data": ["a bowl"]}),
    ],
)
async def test_an_early_response_equals_that_of_the_middleware(
    headers: list[tuple[str, str]],
    status: int,
    body: dict[str, list[str]] | None,
    early: list[bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = await Edge().send(*headers)
    monkeypatch.setattr(EarlyResponses, "_find_cached", lambda *_: None)
    second = await Edge().send(*headers)
    assert early == [True, False]
    assert first.status_code == second.status_code == status
    assert first.content == second.content
    assert body is None or first.json() == body
    compared = [
        {name: value for name, value in answer.headers.items() if name != "x-request-id"} for answer in (first, second)
    ]
    assert compared[0] == compared[1]
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


async def test_the_host_names_the_shop_and_the_clients_request_id_is_returned(early: list[bool]) -> None:
    answer = await Edge().send(("x-request-id", "chosen-by-the-client"), host="theirs.example:8080")
    assert answer.json() == {"data": ["a chair"]}
    assert answer.headers["x-request-id"] == "chosen-by-the-client"
    assert early == [True]


async def test_head_is_answered_early_too(early: list[bool]) -> None:
    answer = await Edge().send(method="HEAD")
    assert (answer.status_code, answer.content, early) == (200, b"", [True])


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (("authorization", "Bearer x"), 401),
        (("content-length", "0"), 200),
        (("transfer-encoding", "chunked"), 200),
        (("expect", "100-continue"), 200),
        (("upgrade", "websocket"), 200),
        (("x-tenant", "unknown"), 404),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
async def test_a_request_that_needs_more_than_a_cached_response_is_not_answered_early(
    header: tuple[str, str], status: int, early: list[bool]
) -> None:
    assert (await Edge().send(header)).status_code == status
    assert early == [False]


async def test_a_request_over_plain_http_is_refused_by_the_middleware(early: list[bool]) -> None:
    assert (await Edge(settings={"require_https": True}).send()).status_code == 403
    assert early == [False]


async def test_while_tenants_must_be_read_no_response_is_early(early: list[bool]) -> None:
    edge = Edge(shops=Shops(list(CACHED), is_cached=False))
    assert (await edge.send()).status_code == 200
    edge.shops.is_cached = True
    assert (await edge.send()).status_code == 200
    assert early == [False, True]


async def test_traced_requests_are_not_answered_early(early: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "is_on", lambda: True)
    assert (await Edge().send()).status_code == 200
    assert early == [False]


async def test_early_responses_count_against_the_rate_limit(early: list[bool]) -> None:
    edge = Edge()
    left = [(await edge.send()).headers["ratelimit"].partition(";t=")[0] for _ in range(MAX_READS)]
    assert left == [f'"{READS}";r={rest}' for rest in reversed(range(MAX_READS))]
    refused = await edge.send()
    assert (refused.status_code, refused.json()["code"]) == (429, "request.rate_limited")
    assert early == [True] * MAX_READS + [False]


async def test_an_early_response_is_counted_under_its_route(early: list[bool]) -> None:
    labels = {"method": "GET", "route": PATH, "status": "200"}
    before = REGISTRY.get_sample_value("luxewin_http_requests_total", labels) or 0
    await Edge().send()
    assert early == [True]
    assert REGISTRY.get_sample_value("luxewin_http_requests_total", labels) == before + 1


async def test_a_route_that_is_not_cacheable_is_not_looked_up(early: list[bool]) -> None:
    with pytest.raises(AssertionError, match="no request reaches the routes"):
        await no_routes({}, None, None)  # type: ignore[arg-type]  # it uses none of them
    assert (await Edge().send(path="/api/v1/other")).status_code == 500
    assert early == [False]
