"""Telemetry of every request, however it ends: a metric labelled with its route's template, and a span."""

import time
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any, Protocol

from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import UNMATCHED, observe_request

_FIRST_SERVER_ERROR_STATUS = 500
TENANT = "luxewin.tenant"
"""The key under which a request's scope contains the slug of its tenant, once that is known."""

ROUTE = "luxewin.route"
"""The key under which a request's scope contains the path template of its route, if the framework does not set it."""


class ResponseStatus(Protocol):
    """The status of a response; 0 until it begins."""

    status: int


@contextmanager
def record_request(
    scope: MutableMapping[str, Any], response: ResponseStatus, headers: Mapping[str, str], request_id: str
) -> Iterator[None]:
    """Record a request when the block ends."""
    method = scope["method"]
    started = time.perf_counter()
    with tracing.request(method, headers) as span:
        try:
            yield
        finally:
            route = route_of(scope)
            observe_request(method, route, response.status, time.perf_counter() - started)
            span.rename(f"{method} {route}")
            span.set_standard_attributes(
                {
                    "http.request.method": method,
                    "http.route": route,
                    "http.response.status_code": response.status,
                }
            )
            span.set_attributes(request_id=request_id, tenant=tenant_of(scope))
            if response.status >= _FIRST_SERVER_ERROR_STATUS:
                span.mark_failed(str(response.status))


def route_of(scope: MutableMapping[str, Any]) -> str:
    """Return the path template of the route that serves a request, never its path.

    A route does not know its router's prefix. For API routes it is the base path of the version, such as `/api/v1`.
    """
    if ROUTE in scope:
        return str(scope[ROUTE])
    template = getattr(scope.get("route"), "path", None)
    if template is None:
        return UNMATCHED
    path: str = scope["path"]
    base = "/".join(path.split("/", 3)[:3]) if path.startswith("/api/") else ""
    return base + str(template)


def tenant_of(scope: MutableMapping[str, Any]) -> str:
    """Return the slug of a request's tenant; an empty string if no tenant was found."""
    return str(scope.get(TENANT, ""))
