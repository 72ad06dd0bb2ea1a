"""Direct calls answer as the framework does, which handles every request that is not valid."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import httpx2
import pytest
from fastapi import FastAPI, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from luxewin.kit.access import ANONYMOUS, everyone, staff
from luxewin.kit.http import problems
from luxewin.kit.http.context import CurrentContext, RequestContext
from luxewin.kit.http.direct import DirectCalls
from luxewin.kit.http.fields import Body
from luxewin.kit.http.paging import Paging
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router
from luxewin.kit.http.types import FOUND
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy

PREFIX = "/api/v1"
JSON = {"content-type": "application/json"}
router = Router("things")


class NewThing(Body):
    name: str
    pieces: int = 1


@router.operation("GET", "/things", permission=everyone("things.read"), response_model=NewThing)
async def list_things(context: CurrentContext) -> Response:
    """List."""
    return JSONResponse({"for": context.request_id})


@router.operation("POST", "/things", permission=everyone("things.add"), response_model=NewThing, status=201)
async def add_thing(body: NewThing, context: CurrentContext) -> Response:
    """Add."""
    return JSONResponse({"name": body.name, "pieces": body.pieces, "for": context.request_id}, 201)


@router.operation("POST", "/things/secret", permission=staff("things.hide"), response_model=NewThing)
async def hide_thing(context: CurrentContext, body: NewThing) -> Response:
    """Hide."""
    raise AssertionError(f"{context.principal} may not come here with {body}")


@router.operation(
    "GET", "/things/{name}", permission=everyone("things.read"), response_model=NewThing, head_as_get=True
)
async def show_thing(context: CurrentContext, name: Annotated[str, Path(max_length=8)]) -> Response:
    """Show."""
    return JSONResponse({"name": name, "for": context.request_id})


@router.operation(
    "PUT", "/things/{thing_id}/parts/{number}", permission=everyone("things.add"), response_model=NewThing
)
async def put_part(context: CurrentContext, thing_id: UUID, number: int, body: NewThing) -> Response:
    """Put a part."""
    return JSONResponse({"of": str(thing_id), "number": number, "name": body.name, "for": context.request_id})


class Search(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: str
    tag: list[str] = Field([], max_length=2)
    limit: int = 24


@router.operation("GET", "/search", permission=everyone("things.read"), response_model=NewThing)
async def search_things(request: Request, query: Annotated[Search, Query()]) -> Response:
    """Search."""
    return JSONResponse({"url": request.url.path, **query.model_dump()})


@router.operation("GET", "/parts", permission=everyone("things.read"), response_model=NewThing)
async def list_parts(
    context: CurrentContext, since: datetime, limit: Annotated[int, Query(ge=1, le=9)] = 5
) -> Response:
    """List parts."""
    return JSONResponse({"since": since.isoformat(), "limit": limit, "for": context.request_id})


@router.operation("POST", "/raw", permission=everyone("things.add"), response_model=NewThing)
async def receive_raw_body(request: Request, context: CurrentContext) -> Response:
    """Receive a raw body."""
    return JSONResponse({"body": (await request.body()).decode(), "for": context.request_id})


@router.operation("GET", "/pages", permission=everyone("things.read"), response_model=NewThing)
async def list_pages(context: CurrentContext, paging: Paging, colour: str | None = None) -> Response:
    """List pages."""
    found = {"limit": paging.limit, "cursor": paging.cursor, "colour": colour, "for": context.request_id}
    return JSONResponse(found)


ROUTES = RouteTable([(PREFIX, router)])


class Application:
    """The routes behind the scope that the middleware leaves, with or without direct calls; counts what is routed."""

    def __init__(self, *, direct: bool) -> None:
        self.routed = 0
        self._app = FastAPI(openapi_url=None)
        self._app.include_router(router, prefix=PREFIX)
        problems.install(self._app)
        self._app.router.routes.insert(0, ROUTES)
        self._serve = DirectCalls(self._count, ROUTES) if direct else self._count

    async def _count(self, scope: Any, receive: Any, send: Any) -> None:
        self.routed += 1
        await self._app(scope, receive, send)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        scope.setdefault("state", {})["context"] = RequestContext(
            database=None,  # type: ignore[arg-type]  # no operation here asks it
            tenant=Tenancy(new_id(), "shop", "USD"),
            principal=ANONYMOUS,
            request_id="request-1",
            address="192.0.2.1",
            headers=headers,
        )
        scope[FOUND] = ROUTES.find(scope["method"], scope["path"])
        await self._serve(scope, receive, send)


async def asked(application: Application, method: str, path: str, **how: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        return await client.request(method, PREFIX + path, **how)


THING = "0199a1b2-7c00-7000-8000-00000000000d"


@pytest.mark.parametrize(
    ("method", "path", "how", "is_direct"),
    [
        ("GET", "/things", {}, True),
        ("POST", "/things", {"json": {"name": "chair", "pieces": 2}}, True),
        ("POST", "/things", {"json": {"name": "chair"}, "params": {"x": "1"}}, False),
        ("POST", "/things", {"json": {"name": 1}}, False),
        ("POST", "/things", {"json": {"name": "chair", "colour": "red"}}, False),
        ("POST", "/things", {"content": b"", "headers": JSON}, False),
        ("POST", "/things", {"content": b"{", "headers": JSON}, False),
        ("POST", "/things", {"content": b'{"name": "\\u0000"}', "headers": JSON}, False),
        ("POST", "/things", {"content": b'{"name": "chair"}', "headers": {"content-type": "text/plain"}}, False),
        ("POST", "/things", {"content": b'{"name": "chair", "name": "table"}', "headers": JSON}, False),
        ("POST", "/things", {"json": {"name": "chair"}, "headers": {"if-match": '"1"'}}, False),
        ("POST", "/things", {"json": {"name": "chair"}, "headers": {"if-match": "*"}}, True),
        ("GET", "/things", {"headers": {"if-match": '"1"'}}, True),
        ("GET", "/things", {"params": {"limit": "1"}}, False),
        ("POST", "/things/secret", {"json": {"name": "chair"}}, False),
        ("GET", "/things/chair", {}, True),
        ("GET", "/things/ch%20air", {}, True),
        ("GET", "/things/too-long-a-name", {}, False),
        ("GET", "/things/", {}, False),
        ("GET", "/things/chair/legs", {}, False),
        ("PUT", f"/things/{THING}/parts/1", {"json": {"name": "leg"}}, True),
        ("PUT", f"/things/{THING}/parts/one", {"json": {"name": "leg"}}, False),
        ("PUT", "/things/1/parts/1", {"json": {"name": "leg"}}, False),
        ("PUT", f"/things/{THING}/parts/1", {"json": {"name": 1}}, False),
        ("GET", "/search", {"params": {"q": "chair"}}, True),
        ("GET", "/search", {"params": {"q": "chair", "tag": ["a", "b"], "limit": "2"}}, True),
        ("GET", "/search", {"params": {"q": "chair", "tag": ["a", "b", "c"]}}, False),
        ("GET", "/search", {"params": {"q": "chair", "x": "1"}}, False),
        ("GET", "/search", {"params": {"q": ["chair", "table"]}}, True),
        ("GET", "/search", {"params": {"q": "x" * 5000}}, False),
        ("GET", "/search", {}, False),
        ("GET", "/parts", {"params": {"since": "2026-11-30T12:00:00Z"}}, True),
        ("GET", "/parts", {"params": {"since": "2026-11-30T12:00:00Z", "limit": "10"}}, False),
        ("GET", "/parts", {"params": {"since": "yesterday"}}, False),
        ("POST", "/raw", {"content": b"not JSON"}, True),
        ("POST", "/raw", {}, True),
        ("GET", "/pages", {}, True),
        ("GET", "/pages", {"params": {"limit": "3", "cursor": "abc", "colour": "red"}}, True),
        ("GET", "/pages", {"params": {"limit": "0"}}, False),
        ("GET", "/pages", {"params": {"limit": "many"}}, False),
        ("GET", "/pages", {"params": {"cursor": "x" * 1001}}, False),
        ("GET", "/pages", {"params": {"page": "2"}}, False),
        ("DELETE", "/things", {}, False),
        ("HEAD", "/things", {}, False),
        ("GET", "/nothing", {}, False),
    ],
    ids=str,
)
async def test_both_answer_the_same(method: str, path: str, how: dict[str, Any], is_direct: bool) -> None:
    direct, framework = Application(direct=True), Application(direct=False)
    answers = [await asked(application, method, path, **how) for application in (direct, framework)]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers
    assert (direct.routed, framework.routed) == (0 if is_direct else 1, 1)


async def test_head_is_answered_where_the_policy_says_so() -> None:
    head = await asked(Application(direct=True), "HEAD", "/things/chair")
    assert head.status_code == 200
    assert (await asked(Application(direct=False), "HEAD", "/things/chair")).status_code == 405
