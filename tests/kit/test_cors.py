"""Cross-origin requests: which pages may call, what they may read, and the response to a refused one."""

from typing import Any

import httpx2
import pytest
import structlog

from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated, Unavailable
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.cors import Cors
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.response_writer import complete
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy, UnknownTenant
from tests.caches import NoCache
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
THEIRS = Tenancy(id=new_id(), slug="theirs", currency="USD")
CONFIGURED = "https://admin.example"
OF_OURS = "https://ours.example"
PREFLIGHT = {"access-control-request-method": "POST"}
LOCAL = [
    "http://localhost:5173",
    "http://localhost",
    "https://127.0.0.1:3000",
    "http://[::1]:8080",
    "http://a.localhost",
]
MUST_BE_READABLE = {
    "API-Version", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Request-Id",
}  # fmt: skip


class _Directory(Shops):
    def by_domain(self, domain: str) -> Tenancy | None:
        if domain == "suspended.example":
            raise UnknownTenant
        return super().by_domain(domain)


class _Unreachable(Shops):
    async def current(self) -> Shops:
        raise Unavailable


async def _no_content(_scope: Scope, _receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _nobody(token: str) -> Any:
    raise Unauthenticated(token)


def _middleware(shops: Shops, **settings: Any) -> RequestMiddleware:
    return RequestMiddleware(
        _no_content,
        settings=MiddlewareSettings(default_tenant="ours", **{"allowed_origins": frozenset({CONFIGURED}), **settings}),
        database=Database.__new__(Database),  # never used: no route is called
        tenants=shops,
        authenticate=_nobody,
        limiter=Limiter(),
        admission=Admission(connections=16, max_waiting=100),
        cache=NoCache(),
        routes=RouteTable([]),
        pages=Pages({}),
        services={},
    )


async def _ask(
    origin: str | None,
    *,
    method: str = "GET",
    host: str = "api.example",
    shops: Shops | None = None,
    local: bool = False,
    **headers: str,
) -> httpx2.Response:
    domains = {"ours.example": OURS, "theirs.example": THEIRS}
    middleware = _middleware(shops or _Directory([OURS, THEIRS], domains), allows_local_origins=local)
    transport = httpx2.ASGITransport(app=middleware)
    async with httpx2.AsyncClient(transport=transport, base_url=f"https://{host}") as client:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await client.request(method, "/api/v1/x", headers={**({"origin": origin} if origin else {}), **sent})


def _allowed(response: httpx2.Response) -> str | None:
    return response.headers.get("access-control-allow-origin")


async def _preflight(origin: str, **options: Any) -> httpx2.Response:
    return await _ask(origin, method="OPTIONS", access_control_request_method="POST", **options)


@pytest.mark.parametrize("origin", LOCAL)
async def test_in_development_every_page_of_this_machine_may_call(origin: str) -> None:
    assert _allowed(await _preflight(origin, local=True)) == origin
    assert _allowed(await _ask(origin, local=True)) == origin
    assert _allowed(await _ask(origin)) is None


@pytest.mark.parametrize(
    "origin",
    [
        "null", "http://localhost.example", "http://localhost:5173.example", "http://127.0.0.1.example",
        "http://localhost:5173/", "http://localhost:5173@evil.example", "file://localhost", "http://localhost:123456",
        "http://evil.example/#http://localhost", "x" * 400,
    ],
)  # fmt: skip
async def test_an_origin_that_only_looks_local_may_not_call(origin: str) -> None:
    assert _allowed(await _ask(origin, local=True)) is None


@pytest.mark.parametrize("origin", [CONFIGURED, OF_OURS])
async def test_in_production_configured_origins_and_the_shops_own_domain_may_call(origin: str) -> None:
    for answer in (await _preflight(origin), await _ask(origin)):
        assert _allowed(answer) == origin
        assert answer.status_code == 204


@pytest.mark.parametrize(
    "origin",
    ["http://ours.example", "https://ours.example:8443", "https://www.ours.example", "https://suspended.example"],
)
async def test_another_scheme_port_or_host_is_another_origin(origin: str) -> None:
    assert _allowed(await _ask(origin)) is None
    assert (await _preflight(origin)).status_code == 403


async def test_a_domain_of_one_shop_may_not_call_another_shop() -> None:
    assert _allowed(await _ask(OF_OURS, x_tenant="theirs")) is None
    assert _allowed(await _ask("https://theirs.example")) is None
    assert _allowed(await _ask("https://theirs.example", x_tenant="theirs")) == "https://theirs.example"
    assert _allowed(await _preflight(OF_OURS, host="theirs.example")) is None


async def test_a_page_may_read_the_error_that_no_shop_has_the_name_it_sent() -> None:
    answer = await _ask(OF_OURS, x_tenant="unknown")
    assert (answer.status_code, _allowed(answer)) == (404, OF_OURS)


async def test_a_preflight_that_is_refused_names_the_origin_and_the_setting() -> None:
    with structlog.testing.capture_logs() as logs:
        refused = await _preflight("https://elsewhere.example")
    assert refused.status_code == 403
    assert refused.json()["code"] == "request.origin_not_allowed"
    for text in (refused.json()["detail"], refused.headers["x-cors-refused"], logs[0]["remedy"]):
        assert "https://elsewhere.example" in text
        assert "LUXEWIN_ALLOWED_ORIGINS" in text


async def test_a_refused_origin_is_logged_once_and_without_control_characters() -> None:
    middleware = _middleware(_Directory([OURS], {}))
    with structlog.testing.capture_logs() as logs:
        for number in range(300):
            origin = f"https://{number % 150}.example\x9b[31m"
            middleware._rules.response_headers({"origin": origin, "host": "api.example"}, None)
    assert len(logs) == 100
    assert all(entry["origin"].isascii() and entry["origin"].isprintable() for entry in logs)


async def test_a_page_of_the_installation_itself_is_not_reported_as_refused() -> None:
    with structlog.testing.capture_logs() as logs:
        answer = await _ask("https://api.example")
    assert "x-cors-refused" not in answer.headers
    assert logs == []


async def test_every_response_varies_by_origin() -> None:
    for origin in (None, CONFIGURED, "https://elsewhere.example"):
        assert "Origin" in (await _ask(origin)).headers["vary"]


async def test_a_page_may_read_the_headers_that_the_api_documents() -> None:
    exposed = {name.strip() for name in (await _ask(CONFIGURED)).headers["access-control-expose-headers"].split(",")}
    assert exposed >= MUST_BE_READABLE


def test_a_page_may_send_and_read_what_routes_declare() -> None:
    cors = Cors(
        allowed_origins={CONFIGURED},
        allows_local=False,
        default_tenant="ours",
        credential_headers=["x-cart-token"],
        exposed_headers=["X-Issued-Token"],
    )
    headers = dict(cors.response_headers({"origin": CONFIGURED}, None))
    assert headers[b"access-control-allow-headers"].decode() == (
        "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, Traceparent, Tracestate, "
        "X-Cart-Token, X-Request-Id, X-Tenant"
    )
    assert b"X-Issued-Token" in headers[b"access-control-expose-headers"].split(b", ")


async def test_configured_origins_may_call_while_the_shops_cannot_be_read() -> None:
    unreachable = _Unreachable([], is_cached=False)
    for origin, allowed in ((CONFIGURED, CONFIGURED), (OF_OURS, None)):
        assert _allowed(await _ask(origin, shops=unreachable)) == allowed


def test_a_response_that_is_open_to_every_site_stays_so() -> None:
    own = [(b"access-control-allow-origin", b"*")]
    added = [(b"access-control-allow-origin", CONFIGURED.encode()), (b"vary", b"Origin")]
    headers = complete(own, "a-request-id", added, None)
    assert [value for name, value in headers if name == b"access-control-allow-origin"] == [b"*"]
