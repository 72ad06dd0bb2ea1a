"""The middleware: the context that routes receive, and the requests that it rejects."""

import ipaddress
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import REGISTRY
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, Principal, everyone
from luxewin.kit.database import Database
from luxewin.kit.errors import Unauthenticated
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.context import CurrentContext, RequestContext
from luxewin.kit.http.limits import CREDENTIALS, PUBLISHED_LIMITS, Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import MountedPage, Pages
from luxewin.kit.http.policies import PROBE
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.identity.public import Role
from tests.caches import NoCache
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


router = Router("tests")
ANYBODY = everyone("tests.call")
TOKEN_HEADERS = ("x-cart-token", "x-order-token")


@router.operation("GET", "/x", permission=ANYBODY)
@router.operation(
    "POST", "/x", permission=ANYBODY, credential_headers=TOKEN_HEADERS, exposed_headers=("X-Issued-Token",)
)
@router.operation("POST", "/x/{thing}/y", permission=ANYBODY)
@router.operation("GET", "/secrets", permission=ANYBODY, holds_secrets=True)
@router.operation("POST", "/credentials", permission=ANYBODY, rate_limit=CREDENTIALS)
@router.operation("POST", "/log-in", permission=ANYBODY, authenticates=False)
async def declared(context: CurrentContext) -> Response:
    """Declare the policies; the requests themselves go to `Routes`."""
    raise AssertionError(context)


async def principal_of(token: str) -> Principal:
    if token not in TOKENS:
        raise Unauthenticated
    return TOKENS[token]


@dataclass
class Routes:
    """The routes behind the middleware; they record the contexts of the requests that reach them."""

    calls: list[RequestContext] = field(default_factory=list)
    response: Response = field(default_factory=lambda: Response(status_code=204))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls.append(scope["state"]["context"])
        await self.response(scope, receive, send)


async def page(_scope: Scope) -> Response:
    return Response(b"a page")


@pytest.fixture
def routes() -> Routes:
    return Routes()


Visit = Callable[..., httpx2.AsyncClient]


@pytest.fixture
def visit(routes: Routes) -> Visit:
    """Send requests to the middleware from an address, to a host name."""

    def client(address: str = STRANGER, *, host: str = "localhost", **settings: Any) -> httpx2.AsyncClient:
        middleware = RequestMiddleware(
            routes,
            settings=MiddlewareSettings(**{**SETTINGS, **settings}),
            database=Database.__new__(Database),  # the middleware itself never uses it
            tenants=Shops([OURS, THEIRS], DOMAINS),
            authenticate=principal_of,
            limiter=Limiter(),
            admission=Admission(connections=16, max_waiting=100),
            cache=NoCache(),
            routes=RouteTable([(BASE, router)]),
            pages=Pages({"/page": page, "/probe": MountedPage(page, PROBE)}),
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
async def test_a_token_is_valid_in_its_own_tenant_and_a_super_admins_in_all(
    visit: Visit, routes: Routes, token: str
) -> None:
    async with visit() as client:
        await client.get("/api/v1/x", headers={"authorization": f"Bearer {token}"})
    assert [(context.tenant, context.principal) for context in routes.calls] == [(OURS, TOKENS[token])]


async def test_blanks_around_a_header_are_not_part_of_it(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        await client.get("/api/v1/x", headers={"x-tenant": " theirs\t "})
    assert [context.tenant for context in routes.calls] == [THEIRS]


async def test_a_client_that_leaves_in_the_middle_of_a_body_is_not_a_failure(visit: Visit, routes: Routes) -> None:
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


async def test_a_body_that_grows_too_large_is_refused_at_the_limit(visit: Visit, routes: Routes) -> None:
    async def body() -> AsyncIterator[bytes]:
        for _ in range(LARGEST_BODY_BYTES + 1):
            yield b"x"

    async with visit() as client:
        answer = await client.post("/api/v1/x", content=body())
    assert answer.status_code == 413
    assert routes.calls == []


async def test_a_body_of_exactly_the_limit_is_accepted(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        answer = await client.post("/api/v1/x", content=b"x" * LARGEST_BODY_BYTES)
    assert answer.status_code == 204
    assert len(routes.calls) == 1


@pytest.mark.parametrize("path", ["/api/v1/products/a%00b", "/api/v1/products?q=a%00b"])
async def test_a_url_with_a_nul_character_is_refused(visit: Visit, routes: Routes, path: str) -> None:
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
async def test_a_forwarded_address_is_used_only_from_a_trusted_proxy(
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
async def test_plain_http_is_refused_unless_a_trusted_proxy_forwards_https(
    visit: Visit, peer: str, headers: dict[str, str], status: int
) -> None:
    async with visit(peer, require_https=True) as client:
        answer = await client.get("/api/v1/x", headers=headers)
    assert answer.status_code == status
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"


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


async def test_a_key_without_account_and_token_is_ignored(visit: Visit, routes: Routes) -> None:
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
async def test_refused_requests_count_against_the_rate_limit(
    visit: Visit, headers: dict[str, str], status: int
) -> None:
    most, path = PUBLISHED_LIMITS[CREDENTIALS], "/api/v1/credentials"
    async with visit() as client:
        answers = [await client.post(path, headers=headers) for _ in range(most)]
        beyond = await client.post(path, headers=headers)
    assert [answer.status_code for answer in answers] == [status] * most
    left = [answer.headers["ratelimit"].partition(";r=")[2].partition(";")[0] for answer in answers]
    assert left == [str(number) for number in reversed(range(most))]
    assert (beyond.status_code, beyond.json()["code"]) == (429, "request.rate_limited")
    assert beyond.headers["retry-after"]


async def test_a_route_that_does_not_authenticate_ignores_an_invalid_token(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        answer = await client.post("/api/v1/log-in", headers={"authorization": "Bearer expired"})
    assert answer.status_code == 204
    assert [context.principal for context in routes.calls] == [ANONYMOUS]


async def test_only_routes_that_declare_a_credential_receive_it(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        for method in ("POST", "GET"):
            await client.request(method, "/api/v1/x", headers={**CART, "user-agent": "a browser"})
    assert [context.headers.get("x-cart-token") for context in routes.calls] == [CART["x-cart-token"], None]
    assert {context.headers.get("user-agent") for context in routes.calls} == {"a browser"}


async def test_a_declared_credential_must_be_given_once(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        answer = await client.post("/api/v1/x", headers=[("x-cart-token", "one"), ("x-cart-token", "other")])
    assert (answer.status_code, routes.calls) == (400, [])


@pytest.mark.parametrize(("path", "status"), [("/probe", 200), ("/page", 403), ("/api/v1/x", 403)])
async def test_only_probes_are_served_over_plain_http_where_https_is_required(
    visit: Visit, path: str, status: int
) -> None:
    async with visit(require_https=True) as client:
        assert (await client.get(path)).status_code == status


async def test_another_method_of_a_path_counts_against_the_strictest_limit_of_the_path(visit: Visit) -> None:
    async with visit() as client:
        assert (await client.get("/api/v1/credentials")).headers["ratelimit-policy"].startswith('"credentials"')
        assert (await client.get("/api/v1/unknown")).headers["ratelimit-policy"].startswith('"reads"')
        assert (await client.post("/api/v1/unknown")).headers["ratelimit-policy"].startswith('"writes"')


async def test_a_path_without_a_version_is_that_of_the_current_one(visit: Visit, routes: Routes) -> None:
    async with visit() as client:
        answer = await client.post("/api/credentials")
    assert answer.headers["ratelimit-policy"].startswith('"credentials"')
    assert len(routes.calls) == 1


async def test_a_response_with_secrets_is_not_compressed(visit: Visit, routes: Routes) -> None:
    routes.response = Response(b"{}" * 1000, media_type="application/json")
    async with visit() as client:
        plain = await client.get("/api/v1/secrets", headers={"accept-encoding": "gzip"})
        compressed = await client.get("/api/v1/x", headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert compressed.headers["content-encoding"] == "gzip"
    assert plain.content == compressed.content
