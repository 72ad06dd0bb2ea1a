"""Routes check their permission, bodies are read strictly, and query parameters must be declared."""

from collections.abc import AsyncIterator

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import BaseModel

from luxewin.kit.access import ANONYMOUS, Principal, installation, signed_in, staff
from luxewin.kit.http import problems
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.middleware import Receive, Scope, Send
from luxewin.kit.http.routing import Router
from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role


class Kettle(BaseModel):
    name: str


router = Router("tests")


@router.operation("POST", "/staff", permission=staff("tests.staff"))
async def for_staff(body: Kettle) -> Kettle:
    """Only staff."""
    return body


@router.operation("POST", "/everybody", permission=signed_in("tests.signed_in"))
async def for_everybody(body: Kettle) -> Kettle:
    """Every account."""
    return body


@router.operation("POST", "/installation", permission=installation("tests.installation"))
async def for_the_installation(body: Kettle) -> Kettle:
    """Only super admins."""
    return body


@pytest.fixture
async def client() -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    app.include_router(router)
    problems.install(app)

    async def middleware(scope: Scope, receive: Receive, send: Send) -> None:
        role = dict(scope["headers"]).get(b"x-role", b"anonymous").decode()
        principal = ANONYMOUS if role == "anonymous" else Principal(Role(role), user_id=new_id())
        context = RequestContext.__new__(RequestContext)
        context.principal = principal
        context.request_id = "tests"
        scope.setdefault("state", {})["context"] = context
        await app(scope, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=middleware), base_url="http://shop") as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "role", "status"),
    [
        ("/staff", "anonymous", 401),
        ("/staff", "customer", 403),
        ("/staff", "vendor", 403),
        ("/staff", "admin", 200),
        ("/staff", "super_admin", 200),
        ("/everybody", "anonymous", 401),
        ("/everybody", "customer", 200),
        ("/installation", "admin", 403),
        ("/installation", "super_admin", 200),
    ],
)
async def test_an_operation_is_open_to_exactly_the_roles_it_names(
    client: httpx2.AsyncClient, path: str, role: str, status: int
) -> None:
    answer = await client.post(path, json={"name": "Dora"}, headers={"x-role": role})
    assert answer.status_code == status


@pytest.mark.parametrize(("condition", "status"), [('"1"', 400), ('W/"1"', 400), ("", 400), ("*", 200), (" * ", 200)])
async def test_an_operation_that_compares_no_versions_takes_no_if_match(
    client: httpx2.AsyncClient, condition: str, status: int
) -> None:
    headers = {"x-role": "admin", "if-match": condition}
    assert (await client.post("/staff", json={"name": "Dora"}, headers=headers)).status_code == status


async def test_a_caller_without_permission_learns_nothing_of_the_body(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/staff", content=b"{", headers={"content-type": "application/json"})).status_code == 401


def test_a_route_without_a_permission_cannot_be_declared() -> None:
    async def open_to_all() -> None:
        """Declares no permission."""

    undeclared = Router("tests")
    with pytest.raises(AttributeError, match="permission"):
        undeclared.add_api_route("/open", open_to_all, methods=["GET"])


@pytest.mark.parametrize(
    "body",
    [
        b'{"name": NaN}',
        b'{"name": "\\ud800"}',
        b'{"name": "a\\u0000b"}',
        b"[" * 10_000,
        b'{"name": 1e400}',
        b"",
        b'{"name": "a", "name": "b"}',
        b'{"name": "a", "n\\u0061me": "b"}',
        b'{"name": "a:b", "x": [{"y": 1, "y": 2}]}',
        b"[" * 1000 + b'":"' + b"]" * 1000,
    ],
)
async def test_ambiguous_or_malformed_json_is_invalid_input(client: httpx2.AsyncClient, body: bytes) -> None:
    headers = {"x-role": "admin", "content-type": "application/json"}
    answer = await client.post("/staff", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [""]


async def test_a_colon_in_a_text_is_not_taken_for_a_name(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/staff", json={"name": 'a": "b'}, headers={"x-role": "admin"})
    assert answer.status_code == 200, answer.text


MISTYPED = "`nmae` is not a parameter of this request; did you mean `name`?"


async def test_an_undeclared_query_parameter_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/staff", json={"name": "Dora"}, params={"nmae": "x"}, headers={"x-role": "admin"})
    assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid")
    assert answer.json()["errors"] == [{"pointer": "nmae", "code": "extra_forbidden", "message": MISTYPED}]
