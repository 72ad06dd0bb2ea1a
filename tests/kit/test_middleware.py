"""What the gate lets through to the routes, and what it refuses before them."""

import ipaddress
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import REGISTRY
from starlette.responses import Response

from luxewin.kit.access import Principal, Role
from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.limits import CREDENTIALS, PUBLISHED_LIMITS, Limiter
from luxewin.kit.http.middleware import MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import Pages
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from tests.kit.shops import Shops

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
THEIRS = Tenancy(id=new_id(), slug="theirs", currency="USD")
DOMAINS = {"ours.example": OURS, "theirs.example": THEIRS}
TOKENS = {
    "of-ours": Principal(Role.ADMIN, user_id=new_id(), tenant_id=OURS.id),
    "of-theirs": Principal(Role.ADMIN, user_id=new_id(), tenant_id=THEIRS.id),
    "of-the-installation": Principal(Role.SUPER_ADMIN, user_id=new_id(), tenant_id=new_id()),
}
STRANGER = "203.0.113.9"
PROXY = "10.0.0.1"
LARGEST_BODY_BYTES = 64
SETTINGS: dict[str, Any] = {
    "default_tenant": OURS.slug,
    "trusted_proxies": [ipaddress.ip_network("10.0.0.0/8")],
    "largest_body_bytes": LARGEST_BODY_BYTES,
}


class NothingHot:
    """No read that is answered before the router."""

    def may_be_cached(self, _scope: Scope) -> bool:
        return False

    def known(self, _tenant: Tenancy, _headers: Mapping[str, str], _scope: Scope) -> Response | None:
        return None

    async def answer(self, _call: RequestContext, _scope: Scope) -> Response | None:
        return None


async def principal_of(token: str) -> Principal:
    if token not in TOKENS:
        raise Unauthenticated
    return TOKENS[token]


@dataclass
class Routes:
    """What stands behind the gate: it notes who got there."""

    calls: list[RequestContext] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls.append(scope["state"]["context"])
        await Response(status_code=204)(scope, receive, send)


@pytest.fixture
def routes() -> Routes:
    return Routes()


Visit = Callable[..., httpx2.AsyncClient]


@pytest.fixture
def visit(routes: Routes) -> Visit:
    """Come to the gate from an address, under a host name."""

    def client(address: str = STRANGER, *, host: str = "localhost", **settings: Any) -> httpx2.AsyncClient:
        middleware = RequestMiddleware(
            routes,
            settings=MiddlewareSettings(**{**SETTINGS, **settings}),
            database=Database.__new__(Database),  # routes would ask it; the gate itself never does
            tenants=Shops([OURS, THEIRS], DOMAINS),
            authenticate=principal_of,
            limiter=Limiter(),
            admission=Admission(connections=16, most_waiting=100),
            hot=NothingHot(),
            pages=Pages({}),
            services={},
        )
        transport = httpx2.ASGITransport(app=middleware, client=(address, 40_000))
        return httpx2.AsyncClient(transport=transport, base_url=f"http://{host}")

    return client


@pytest.mark.parametrize(("host", "slug"), [("ours.example", "theirs"), ("theirs.example:8080", "ours")])
async def test_a_host_and_a_header_that_name_different_tenants_are_refused(
    visit: Visit, routes: Routes, host: str, slug: str
) -> None:
    async with visit(host=host) as client:
        answer = await client.get("/api/v1/x", headers={"x-tenant": slug})
    assert answer.status_code == 403
    assert answer.json()["code"] == "tenants.disagreement"
    assert routes.calls == []


@pytest.mark.parametrize(
    ("host", "slug", "tenant"),
    [("theirs.example", None, THEIRS), ("theirs.example", "theirs", THEIRS), ("localhost", "theirs", THEIRS)],
)
async def test_a_host_or_a_header_names_the_tenant(
    visit: Visit, routes: Routes, host: str, slug: str | None, tenant: Tenancy
) -> None:
    async with visit(host=host) as client:
        await client.get("/api/v1/x", headers={} if slug is None else {"x-tenant": slug})
    assert [context.tenant for context in routes.calls] == [tenant]


async def test_a_token_of_one_tenant_is_refused_by_another(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        answer = await client.get("/api/v1/x", headers={"authorization": "Bearer of-theirs"})
    assert answer.status_code == 403
    assert answer.json()["code"] == "tenants.disagreement"
    assert routes.calls == []


@pytest.mark.parametrize("token", ["of-ours", "of-the-installation"])
async def test_a_token_is_good_in_its_own_tenant_and_a_super_admins_in_all(
    visit: Visit, routes: Routes, token: str
) -> None:
    async with visit() as client:
        await client.get("/api/v1/x", headers={"authorization": f"Bearer {token}"})
    assert [(context.tenant, context.principal) for context in routes.calls] == [(OURS, TOKENS[token])]


async def test_blanks_around_a_header_are_not_part_of_it(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        await client.get("/api/v1/x", headers={"x-tenant": " theirs\t "})
    assert [context.tenant for context in routes.calls] == [THEIRS]


async def test_whoever_leaves_in_the_middle_of_a_body_is_no_failure(visit: Visit, routes: Routes) -> None:
    labels = {"method": "POST", "route": "unmatched", "status": "aborted"}
    before = REGISTRY.get_sample_value("luxewin_http_requests_total", labels) or 0
    coming = [{"type": "http.request", "body": b"half", "more_body": True}, {"type": "http.disconnect"}]
    sent: list[Any] = []

    async def receive() -> Any:
        return coming.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    transport = visit()._transport
    assert isinstance(transport, httpx2.ASGITransport)
    headers = [(b"host", b"localhost"), (b"content-length", b"10")]
    scope = {"type": "http", "method": "POST", "path": "/api/v1/x", "query_string": b"", "http_version": "1.1"}
    await transport.app({**scope, "headers": headers, "client": (STRANGER, 1)}, receive, send)
    assert (sent, routes.calls) == ([], [])
    assert REGISTRY.get_sample_value("luxewin_http_requests_total", labels) == before + 1


async def test_a_body_that_is_announced_too_large_is_refused_unread(visit: Visit, routes: Routes) -> None:
    read: list[bytes] = []

    async def body() -> AsyncIterator[bytes]:
        read.append(b"x")
        yield b"x" * (LARGEST_BODY_BYTES + 1)

    async with visit() as client:
        headers = {"content-length": str(LARGEST_BODY_BYTES + 1)}
        answer = await client.post("/api/v1/x", content=body(), headers=headers)
    assert answer.status_code == 413
    assert read == []
    assert routes.calls == []


async def test_a_body_that_grows_too_large_is_refused_at_the_bound(visit: Visit, routes: Routes) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY_BYTES + 1):
            yield b"x"

    async with visit() as client:
        answer = await client.post("/api/v1/x", content=body())
    assert answer.status_code == 413
    assert routes.calls == []


async def test_a_body_of_exactly_the_bound_is_let_through(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        answer = await client.post("/api/v1/x", content=b"x" * LARGEST_BODY_BYTES)
    assert answer.status_code == 204
    assert len(routes.calls) == 1


@pytest.mark.parametrize("path", ["/api/v1/products/a%00b", "/api/v1/products?q=a%00b"])
async def test_an_address_with_a_nul_character_is_refused(visit: Visit, routes: Routes, path: str) -> None:
    async with visit() as client:
        answer = await client.get(path)
    assert answer.status_code == 400
    assert answer.json()["code"] == "request.invalid"
    assert routes.calls == []


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        (STRANGER, "198.51.100.1", STRANGER),
        (STRANGER, "10.0.0.2", STRANGER),
        (PROXY, "198.51.100.1", "198.51.100.1"),
        (PROXY, "192.0.2.7, 198.51.100.1", "198.51.100.1"),
        (PROXY, "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        (PROXY, "192.0.2.7, 198.51.100.1:40000, [::ffff:10.0.0.2]:443", "198.51.100.1"),
        (PROXY, "", PROXY),
    ],
)
async def test_a_forwarded_address_counts_only_where_a_trusted_proxy_vouches_for_it(
    visit: Visit, routes: Routes, peer: str, forwarded: str, address: str
) -> None:
    async with visit(peer) as client:
        await client.get("/api/v1/x", headers={"x-forwarded-for": forwarded})
    assert [context.address for context in routes.calls] == [address]


async def test_a_whole_ipv6_network_is_one_caller(visit: Visit, routes: Routes) -> None:
    for peer in ("2001:db8::1", "2001:db8::ffff:1"):
        async with visit(peer) as client:
            await client.get("/api/v1/x")
    assert [context.address for context in routes.calls] == ["2001:db8::/64"] * 2


@pytest.mark.parametrize(
    ("peer", "headers", "status"),
    [
        (STRANGER, {}, 403),
        (STRANGER, {"x-forwarded-proto": "https"}, 403),
        (PROXY, {"x-forwarded-proto": "http"}, 403),
        (PROXY, {"x-forwarded-proto": "https"}, 204),
    ],
)
async def test_plain_http_is_refused_unless_a_trusted_proxy_says_that_it_was_not(
    visit: Visit, peer: str, headers: dict[str, str], status: int
) -> None:
    async with visit(peer, require_https=True) as client:
        assert (await client.get("/api/v1/x", headers=headers)).status_code == status


CART, ORDER = {"x-cart-token": "cart-of-one"}, {"x-order-token": "order-of-one"}


@pytest.mark.parametrize(
    ("mine", "strangers"),
    [
        (ORDER, {}),
        (ORDER, {"x-order-token": "order-of-another"}),
        (CART, {"x-cart-token": "cart-of-another"}),
        (CART | ORDER, CART),
        (CART | ORDER, ORDER),
        (CART, {"x-order-token": CART["x-cart-token"]}),
    ],
    ids=str,
)
async def test_a_guests_key_is_another_key_without_the_same_tokens(
    visit: Visit, routes: Routes, mine: dict[str, str], strangers: dict[str, str]
) -> None:
    async with visit() as client:
        for tokens in (mine, mine, strangers):
            await client.post("/api/v1/x", headers={"idempotency-key": "1", **tokens})
    first, again, other = [context.key for context in routes.calls]
    assert first is not None
    assert again == first
    assert other != first


async def test_a_key_of_somebody_without_account_and_token_is_ignored(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        for tokens in ({}, {"x-order-token": "", "x-cart-token": ""}):
            await client.post("/api/v1/x", headers={"idempotency-key": "1", **tokens})
        malformed = await client.post("/api/v1/x", headers={"idempotency-key": "x" * 256})
    assert [context.key for context in routes.calls] == [None, None]
    assert malformed.status_code == 400


async def test_an_id_by_another_spelling_is_the_same_request(visit: Visit, routes: Routes) -> None:
    thing = UUID("0199a1b2-7c00-7000-8000-00000000000d")
    spellings = (str(thing), str(thing).upper(), thing.hex, thing.urn, f"{{{thing}}}")
    async with visit() as client:
        for spelling in (*spellings, str(new_id())):
            headers = {"idempotency-key": "1", "authorization": "Bearer of-ours"}
            await client.post(f"/api/v1/x/{spelling}/y", headers=headers)
    *same, another = [context.key for context in routes.calls]
    assert len(set(same)) == 1
    assert another not in same


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer made-up"}, 401),
        ({"authorization": "Basic YTpi"}, 401),
        ({"authorization": "Bearer of-theirs"}, 403),
        ({"x-tenant": "nobody"}, 404),
        ({}, 204),
    ],
    ids=str,
)
async def test_who_is_refused_at_the_door_is_counted_too(visit: Visit, headers: dict[str, str], status: int) -> None:
    most, path = PUBLISHED_LIMITS[CREDENTIALS], "/api/v1/auth/password"
    async with visit() as client:
        answers = [await client.post(path, headers=headers) for _ in range(most)]
        beyond = await client.post(path, headers=headers)
    assert [answer.status_code for answer in answers] == [status] * most
    left = [answer.headers["ratelimit"].partition(";r=")[2].partition(";")[0] for answer in answers]
    assert left == [str(number) for number in reversed(range(most))]
    assert (beyond.status_code, beyond.json()["code"]) == (429, "request.rate_limited")
    assert beyond.headers["retry-after"]
