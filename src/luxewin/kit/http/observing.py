"""What is recorded of every request, however it ends: a metric under its route's template, and a span."""

import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Protocol

from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import UNMATCHED, observe_request

_FIRST_FAILURE = 500
TENANT = "luxewin.tenant"
"""The key under which a request's scope holds the slug of its tenant, once that is known."""

ROUTE = "luxewin.route"
"""The key under which a request's scope holds the path template of its route, where the framework does not set it."""


class Answered(Protocol):
    """A response, with its status; 0 while it has not begun."""

    status: int


@contextmanager
def observed(
    scope: MutableMapping[str, Any], answered: Answered, headers: Mapping[str, str], request_id: str
) -> Iterator[None]:
    """Record a request when the block ends."""
    method = scope["method"]
    started = time.perf_counter()
    with tracing.request(method, headers) as span:
        try:
            yield
        finally:
            route = route_of(scope)
            observe_request(method, route, answered.status, time.perf_counter() - started)
            span.rename(f"{method} {route}")
            span.set_standard_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": answered.status,
                }
            )
            span.set_attributes(request_id=request_id, tenant=tenant_of(scope))
            if answered.status >= _FIRST_FAILURE:
                span.failed(str(answered.status))


def route_of(scope: MutableMapping[str, Any]) -> str:
    """Return the path template of the route that serves a request, never its path.

    A router's route does not know its prefix: for those of the API that is the base of the version.
    """
    if ROUTE in scope:
        return str(scope[ROUTE])
    declared = getattr(scope.get("route"), "path", None)
    if declared is None:
        return UNMATCHED
    path: str = scope["path"]
    base = "/".join(path.split("/", 3)[:3]) if path.startswith("/api/") else ""
    return base + str(declared)


def tenant_of(scope: MutableMapping[str, Any]) -> str:
    """Return the slug of a request's tenant; nothing where none was found."""
    return str(scope.get(TENANT, ""))
