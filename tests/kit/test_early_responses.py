"""What is answered at the door because it is known by heart: as it would be inside, and only to who asks plainly."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from prometheus_client import REGISTRY
from starlette.responses import Response

from luxewin.kit.access import Principal
from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.limits import PUBLISHED_LIMITS, READS, Limiter
from luxewin.kit.http.middleware import MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.raw_response import RawResponse
from luxewin.kit.ids import new_id
from luxewin.kit.observability import tracing
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.storefront.routes.rendered import Rendered
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
THEIRS = Tenancy(id=new_id(), slug="theirs", currency="USD")
PATH = "/api/v1/products"
KEPT = {OURS: Rendered.of({"data": ["a bowl"]}), THEIRS: Rendered.of({"data": ["a chair"]})}
ORIGIN = "https://shop.example"
MOST_READS = 3
OF_EACH_ALONE = {"x-request-id", "ratelimit"}


class Lists:
    """One list of each shop, which is always kept."""

    def may_be_cached(self, scope: Scope) -> bool:
        return bool(scope["path"] == PATH)

    def known(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        scope["luxewin.route"] = PATH
        return KEPT[tenant].answer(scope["method"], headers)

    async def answer(self, context: RequestContext, scope: Scope) -> Response | None:
        raise AssertionError(f"{scope['path']} is known to {context.tenant.slug}")


async def nobody(token: str) -> Principal:
    raise Unauthenticated(f"nobody is {token}")


async def no_routes(_scope: Scope, _receive: Receive, _send: Send) -> None:
    raise AssertionError("nothing goes on to the routes")


@dataclass
class Door:
    """The gate, asked before and behind its door."""

    shops: Shops = field(default_factory=lambda: Shops(list(KEPT), {"theirs.example": THEIRS}))
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.middleware = RequestMiddleware(
            no_routes,
            settings=MiddlewareSettings(
                **{"default_tenant": OURS.slug, "allowed_origins": frozenset({ORIGIN}), **self.settings}
            ),
            database=Database.__new__(Database),  # never asked: whatever is read here is known by heart
            tenants=self.shops,
            authenticate=nobody,
            limiter=Limiter(scale=MOST_READS / PUBLISHED_LIMITS[READS], clock=lambda: 0.0),
            admission=Admission(connections=16, most_waiting=100),
            hot=Lists(),
            pages=Pages({}),
            services={},
        )

    def early_response(self, *headers: tuple[str, str], method: str = "GET", host: str | None = "localhost") -> Any:
        named = [] if host is None else [("host", host)]
        return self.middleware.early_response(
            {
                "method": method,
                "path": PATH,
                "query_string": b"",
                "http_version": "1.1",
                "scheme": "http",
                "client": ("203.0.113.9", 40_000),
                "headers": [(name.encode(), value.encode()) for name, value in (*named, *headers)],
            }
        )

    async def inside(self, *headers: tuple[str, str], method: str = "GET", host: str = "localhost") -> httpx2.Response:
        transport = httpx2.ASGITransport(app=self.middleware, client=("203.0.113.9", 40_000))
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            return await client.request(method, PATH, headers=httpx2.Headers(list(headers)))


def read(prompt: RawResponse) -> httpx2.Response:
    """Read an answer as a client does that asked over the wire."""
    status, *lines = prompt.head.decode().splitlines()
    version, code = status.split()
    assert version == "HTTP/1.1"
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    return httpx2.Response(int(code), headers=headers, content=prompt.body)


@pytest.mark.parametrize(
    ("headers", "status", "body"),
    [
        ([], 200, {"data": ["a bowl"]}),
        ([("x-tenant", "theirs")], 200, {"data": ["a chair"]}),
        ([("origin", ORIGIN)], 200, {"data": ["a bowl"]}),
        ([("origin", "https://elsewhere.example")], 200, {"data": ["a bowl"]}),
        ([("if-none-match", KEPT[OURS].headers["etag"])], 304, None),
        ([("if-none-match", '"an older one"')], 200, {"data": ["a bowl"]}),
    ],
)
async def test_the_answer_at_the_door_is_the_one_inside(
    headers: list[tuple[str, str]], status: int, body: dict[str, list[str]] | None
) -> None:
    door = Door()
    inside, outside = await door.inside(*headers), read(door.early_response(*headers))
    assert outside.status_code == inside.status_code == status
    assert outside.content == inside.content
    assert body is None or outside.json() == body
    kept = {name: value for name, value in outside.headers.items() if name not in OF_EACH_ALONE}
    assert kept == {name: value for name, value in inside.headers.items() if name not in OF_EACH_ALONE}
    assert outside.headers["x-request-id"] != inside.headers["x-request-id"]


def test_a_host_names_the_shop_and_an_own_request_id_is_told_again() -> None:
    answer = read(Door().early_response(("x-request-id", "told-by-the-client"), host="theirs.example:8080"))
    assert answer.json() == {"data": ["a chair"]}
    assert answer.headers["x-request-id"] == "told-by-the-client"


@pytest.mark.parametrize(
    "header",
    [
        ("authorization", "Bearer x"),
        ("content-length", "4"),
        ("transfer-encoding", "chunked"),
        ("expect", "100-continue"),
        ("upgrade", "websocket"),
        ("x-tenant", "nobodys"),
        ("host", "given.twice"),
        ("x", "x" * (33 << 10)),
    ],
    ids=lambda header: header[0],
)
def test_who_asks_for_more_or_wrongly_comes_in(header: tuple[str, str]) -> None:
    assert Door().early_response(header) is None


def test_who_names_no_host_or_wants_the_head_alone_comes_in() -> None:
    assert Door().early_response(host=None) is None
    assert Door().early_response(method="HEAD") is None


def test_who_must_come_over_https_comes_in_to_be_told_so() -> None:
    assert Door(settings={"require_https": True}).early_response() is None


def test_shops_that_have_to_be_looked_up_are_looked_up_inside() -> None:
    door = Door(shops=Shops(list(KEPT), known=False))
    assert door.early_response() is None
    door.shops.known = True
    assert read(door.early_response()).status_code == 200


def test_who_is_traced_comes_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "_spans", object())
    assert Door().early_response() is None


async def test_what_is_answered_at_the_door_counts_and_what_is_beyond_the_limit_comes_in() -> None:
    door = Door()
    left = [read(door.early_response()).headers["ratelimit"].partition(";t=")[0] for _ in range(MOST_READS)]
    assert left == [f'"{READS}";r={rest}' for rest in reversed(range(MOST_READS))]
    assert door.early_response() is None
    refused = await door.inside()
    assert (refused.status_code, refused.json()["code"]) == (429, "request.rate_limited")


def test_an_answer_at_the_door_is_counted_under_its_route() -> None:
    labels = {"method": "GET", "route": PATH, "status": "200"}
    before = REGISTRY.get_sample_value("luxewin_http_requests_total", labels) or 0
    assert Door().early_response() is not None
    assert REGISTRY.get_sample_value("luxewin_http_requests_total", labels) == before + 1
