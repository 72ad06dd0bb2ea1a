"""What is told of every request, however it ends: a metric under its route's template, and a span."""

import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Protocol

from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import UNMATCHED, observe_request

_FIRST_FAILURE = 500
TENANT = "luxewin.tenant"
"""Under this key a request's scope holds the slug of its tenant, once that is known."""


class Answered(Protocol):
    """An exchange that knows how it was answered; 0 while it was not."""

    status: int


@contextmanager
def observed(
    scope: MutableMapping[str, Any], answered: Answered, headers: Mapping[str, str], request_id: str
) -> Iterator[None]:
    """Tell of a request when the block ends."""
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
    """Return the template of the route that a request has come to, never its address.

    A router's route does not know what the router stands under: for those of the API that is the version's base.
    """
    if "luxewin.route" in scope:
        return str(scope["luxewin.route"])
    declared = getattr(scope.get("route"), "path", None)
    if declared is None:
        return UNMATCHED
    path: str = scope["path"]
    base = "/".join(path.split("/", 3)[:3]) if path.startswith("/api/") else ""
    return base + str(declared)


def tenant_of(scope: MutableMapping[str, Any]) -> str:
    """Return the slug of a request's tenant; nothing where none was found."""
    return str(scope.get(TENANT, ""))
