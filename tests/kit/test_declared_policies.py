"""What a route must declare before the middleware allows it: files; and which sites may read a response."""

import httpx2
import pytest
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, Principal, everyone, staff
from luxewin.kit.database import Database
from luxewin.kit.http.admission import Admission
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.middleware import BASE, MiddlewareSettings, Receive, RequestMiddleware, Scope, Send
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from tests.caches import NoCache
from tests.kit.shops import Shops

SHOP = Tenancy(id=new_id(), slug="shop", currency="USD")
LARGEST_BODY_BYTES, LARGEST_UPLOAD_BYTES = 64, 256
SITE = "https://shop.example"
ANYBODY = everyone("tests.call")
FORM = "multipart/form-data; boundary=b"

router = Router("tests")


@router.operation("POST", "/files", permission=ANYBODY, accepts_upload=True)
@router.operation("POST", "/staff-files", permission=staff("tests.staff"), accepts_upload=True)
@router.operation("POST", "/notes", permission=ANYBODY)
@router.operation("GET", "/notes", permission=ANYBODY)
async def declared(context: CurrentContext) -> Response:
    """Declare the policies; the requests themselves go to `answer`."""
    raise AssertionError(context)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Read the whole body, and answer with its length."""
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    await Response(str(size))(scope, receive, send)


async def anonymous(token: str) -> Principal:
    """Accept every token as nobody's."""
    assert token
    return ANONYMOUS


@pytest.fixture
def client() -> httpx2.AsyncClient:
    """Send requests to the middleware in front of `answer`."""
    middleware = RequestMiddleware(
        answer,
        settings=MiddlewareSettings(
            default_tenant=SHOP.slug,
            allowed_origins=frozenset({SITE}),
            largest_body_bytes=LARGEST_BODY_BYTES,
            largest_upload_bytes=LARGEST_UPLOAD_BYTES,
        ),
        database=Database.__new__(Database),  # the middleware itself never uses it
        tenants=Shops([SHOP]),
        authenticate=anonymous,
        limiter=Limiter(),
        admission=Admission(connections=16, max_waiting=100),
        cache=NoCache(),
        routes=RouteTable([(BASE, router)]),
        pages=Pages({}),
        services={},
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=middleware), base_url="http://localhost/api/v1")


@pytest.mark.parametrize(
    ("path", "content_type", "size", "status"),
    [
        ("/files", FORM, LARGEST_UPLOAD_BYTES, 200),
        ("/files", FORM, LARGEST_UPLOAD_BYTES + 1, 413),
        ("/files", "application/json", LARGEST_BODY_BYTES + 1, 413),
        ("/notes", FORM, LARGEST_BODY_BYTES + 1, 413),
        ("/notes", FORM, LARGEST_BODY_BYTES, 200),
    ],
)
async def test_only_a_form_to_a_route_that_accepts_uploads_may_be_as_large_as_a_file(
    client: httpx2.AsyncClient, path: str, content_type: str, size: int, status: int
) -> None:
    async with client:
        found = await client.post(path, content=b"x" * size, headers={"content-type": content_type})
    assert found.status_code == status
    if status == 200:
        assert found.text == str(size)


@pytest.mark.parametrize("path", ["/files/", "/files/1", "/unknown", "/staff-files"])
async def test_a_file_to_no_route_or_without_permission_is_not_read(client: httpx2.AsyncClient, path: str) -> None:
    async with client:
        found = await client.post(path, content=b"x" * LARGEST_UPLOAD_BYTES, headers={"content-type": FORM})
    assert found.text == "0"


@pytest.mark.parametrize("headers", [{}, {"origin": "https://evil.example"}, {"origin": SITE + ".evil.example"}])
async def test_no_other_site_may_read_a_response(client: httpx2.AsyncClient, headers: dict[str, str]) -> None:
    async with client:
        found = await client.get("/notes", headers=headers)
    assert found.status_code == 200
    assert [name for name in found.headers if name.startswith("access-control")] == []


async def test_an_allowed_site_may_read_a_response(client: httpx2.AsyncClient) -> None:
    async with client:
        found = await client.get("/notes", headers={"origin": SITE})
    assert found.headers["access-control-allow-origin"] == SITE
    assert "access-control-allow-credentials" not in found.headers
    assert "Origin" in found.headers["vary"].split(", ")
