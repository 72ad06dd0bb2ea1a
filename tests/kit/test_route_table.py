"""The route table finds the route that the framework would, and gives every request a policy."""

import pytest
from fastapi import FastAPI
from starlette.responses import Response
from starlette.routing import Match

from luxewin.kit.access import everyone
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.limits import CREDENTIALS, READS, WRITES
from luxewin.kit.http.policies import RoutePolicy
from luxewin.kit.http.priorities import Priority
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.routing import Router

PREFIX = "/v1"
ANYBODY = everyone("tests.call")


async def endpoint(context: CurrentContext) -> Response:
    """Do nothing."""
    raise AssertionError(context)


def router_of(*declared: tuple[str, str]) -> Router:
    router = Router("tests")
    for method, path in declared:
        router.operation(method, path, permission=ANYBODY)(endpoint)  # type: ignore[arg-type]  # one of the methods
    return router


TREE = router_of(
    ("GET", "/things"),
    ("POST", "/things"),
    ("GET", "/things/popular"),
    ("GET", "/things/{thing}"),
    ("PUT", "/things/{thing}"),
    ("GET", "/things/{thing}/parts/{part}"),
    ("POST", "/things/{thing}/parts"),
    ("GET", "/things.csv"),
)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "HEAD"])
@pytest.mark.parametrize(
    "path",
    ["/v1/things", "/v1/things/popular", "/v1/things/1", "/v1/things/1/parts/2", "/v1/things/1/parts",
     "/v1/things.csv", "/v1/things/", "/v1/things/1/", "/v1/things//parts/2", "/v1/things/1/parts/2/3", "/v1", "/",
     "", "/things", "/v1/thing", "/v1/things/pop ular", "/v1/things/1/parts/", "//v1/things"],
)  # fmt: skip
def test_the_table_finds_the_route_and_the_parameters_that_the_framework_finds(method: str, path: str) -> None:
    app = FastAPI(openapi_url=None)
    app.include_router(TREE, prefix=PREFIX)
    scope = {"type": "http", "method": method, "path": path, "headers": []}
    (included,) = app.router.routes
    framework, _ = included.matches({**scope})
    found, child = RouteTable([(PREFIX, TREE)]).matches(scope)
    assert (found is Match.FULL) == (framework is Match.FULL)
    if found is Match.FULL:
        routes = [
            route for route in TREE.routes if route.matches({**scope, "path": path.removeprefix(PREFIX)})[0] is found
        ]
        assert child["path_params"] == routes[0].matches({**scope, "path": path.removeprefix(PREFIX)})[1]["path_params"]


@pytest.mark.parametrize(
    ("method", "path", "priority", "limit"),
    [
        ("GET", "/v1/things", Priority.LISTS, READS),
        ("HEAD", "/v1/things", Priority.LISTS, READS),
        ("GET", "/v1/things/1", Priority.DETAILS, READS),
        ("POST", "/v1/things", Priority.WRITES, WRITES),
        ("PUT", "/v1/things/1", Priority.WRITES, WRITES),
        ("DELETE", "/v1/things/1", Priority.LISTS, WRITES),
        ("GET", "/v1/unknown", Priority.LISTS, READS),
        ("OPTIONS", "/v1/unknown", Priority.LISTS, READS),
        ("POST", "/unknown", Priority.LISTS, WRITES),
    ],
)
def test_policies_follow_from_method_and_path_and_unknown_requests_have_the_lowest_priority(
    method: str, path: str, priority: Priority, limit: str
) -> None:
    found, _ = RouteTable([(PREFIX, TREE)]).find(method, path)
    assert found.policy == RoutePolicy(priority=priority, rate_limit=limit)


@pytest.mark.parametrize("path", ["/log-in/", "/log-in//"])
def test_a_slash_at_the_end_counts_against_the_limit_of_the_path(path: str) -> None:
    router = Router("tests")
    router.operation("POST", "/log-in", permission=ANYBODY, rate_limit=CREDENTIALS, accepts_upload=True)(endpoint)
    found, values = RouteTable([("", router)]).find("POST", path)
    assert (found.route, values) == (None, [])
    assert found.policy == RoutePolicy(rate_limit=CREDENTIALS)


def test_options_of_a_route_override_those_of_its_router() -> None:
    router = Router("tests", priority=Priority.OWN, credential_headers=("x-token",), exposed_headers=("X-Token",))
    router.operation("GET", "/own", permission=ANYBODY)(endpoint)
    router.operation("POST", "/log-in", permission=ANYBODY, priority=Priority.CREDENTIALS, rate_limit=CREDENTIALS)(
        endpoint
    )
    table = RouteTable([("", router), (PREFIX, TREE)])
    assert table.find("GET", "/own")[0].policy.priority is Priority.OWN
    policy = table.find("POST", "/log-in")[0].policy
    assert (policy.priority, policy.rate_limit) == (Priority.CREDENTIALS, CREDENTIALS)
    assert policy.credential_headers == table.credential_headers == ("x-token",)
    assert table.exposed_headers == ("X-Token",)
    assert table.find("GET", "/v1/things")[0].policy.credential_headers == ()


@pytest.mark.parametrize("path", ["/files/{name:path}", "/files/{name}.csv"])
def test_a_parameter_that_is_not_a_segment_cannot_be_declared(path: str) -> None:
    with pytest.raises(ValueError, match="must be a segment"):
        RouteTable([(PREFIX, router_of(("GET", path)))])
