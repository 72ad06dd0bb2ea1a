"""The straight way answers as the router does, and leaves to it whatever is wrong with a request."""

from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.responses import JSONResponse, Response

from luxewin.kit.access import ANONYMOUS, everyone, staff
from luxewin.kit.http import problems
from luxewin.kit.http.context import CurrentContext, RequestContext
from luxewin.kit.http.fields import Body
from luxewin.kit.http.routing import Router
from luxewin.kit.http.straight import DirectRoutes
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy

PREFIX = "/api/v1"
JSON = {"content-type": "application/json"}
router = Router("things")


class NewThing(Body):
    name: str
    pieces: int = 1


@router.operation("GET", "/things", permission=everyone("things.read"), answers=NewThing)
async def list_things(context: CurrentContext) -> Response:
    """List."""
    return JSONResponse({"for": context.request_id})


@router.operation("POST", "/things", permission=everyone("things.add"), answers=NewThing, status=201)
async def add_thing(body: NewThing, context: CurrentContext) -> Response:
    """Add."""
    return JSONResponse({"name": body.name, "pieces": body.pieces, "for": context.request_id}, 201)


@router.operation("POST", "/things/secret", permission=staff("things.hide"), answers=NewThing)
async def hide_thing(context: CurrentContext, body: NewThing) -> Response:
    """Hide."""
    raise AssertionError(f"{context.principal} may not come here with {body}")


@router.operation("GET", "/things/{name}", permission=everyone("things.read"), answers=NewThing)
async def show_thing(context: CurrentContext, name: str) -> Response:
    """Show."""
    return JSONResponse({"name": name, "for": context.request_id})


class Application:
    """The routes behind what the gate leaves in the scope, on one way or the other; counts who reached the router."""

    def __init__(self, *, straight: bool) -> None:
        self.routed = 0
        self._app = FastAPI(openapi_url=None)
        self._app.include_router(router, prefix=PREFIX)
        problems.install(self._app)
        self._way = DirectRoutes(self._count, [router], prefix=PREFIX) if straight else self._count

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
        await self._way(scope, receive, send)


async def asked(application: Application, method: str, path: str, **how: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://shop") as client:
        return await client.request(method, PREFIX + path, **how)


@pytest.mark.parametrize(
    ("method", "path", "how", "goes_straight"),
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
        ("GET", "/things", {"params": {"limit": "1"}}, False),
        ("POST", "/things/secret", {"json": {"name": "chair"}}, False),
        ("GET", "/things/chair", {}, False),
        ("DELETE", "/things", {}, False),
        ("GET", "/nothing", {}, False),
    ],
    ids=str,
)
async def test_both_ways_answer_the_same(method: str, path: str, how: dict[str, Any], goes_straight: bool) -> None:
    straight, around = Application(straight=True), Application(straight=False)
    answers = [await asked(application, method, path, **how) for application in (straight, around)]
    assert answers[0].status_code == answers[1].status_code
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers
    assert (straight.routed, around.routed) == (0 if goes_straight else 1, 1)
