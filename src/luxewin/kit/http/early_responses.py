"""Early responses: cached responses and rejections, sent before anything else is done for a request.

They need no context and no body, and can be sent immediately. Without this file they would pass through the middleware
like all other requests, with the same result. Measured on a busy machine, in CPU time of the process: a cached list of
24 objects costs 100 µs instead of 137, a rejection 58 µs instead of 108 (see docs/performance.md).
"""

import time
from collections.abc import Mapping
from typing import NamedTuple, Protocol
from uuid import UUID

from starlette.responses import Response

from luxewin.kit.errors import DomainError
from luxewin.kit.http.admission import OVER_CONNECTION_LIMIT, Admission, Overloaded
from luxewin.kit.http.limits import Limiter
from luxewin.kit.http.policies import RoutePolicy
from luxewin.kit.http.problems import MEDIA_TYPE, problem_response, status_of
from luxewin.kit.http.public_urls import BASE_URL
from luxewin.kit.http.request_telemetry import route_of
from luxewin.kit.http.response_writer import complete
from luxewin.kit.http.rules import HttpRules
from luxewin.kit.http.tenants import Directory, tenant_of_request
from luxewin.kit.http.types import Scope, Send
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import observe_request
from luxewin.kit.tenancy import Tenancy

_NOT_PLAIN_READ_HEADERS = frozenset({"authorization", "content-length", "transfer-encoding", "expect", "upgrade"})
"""A request with one of these is not a plain read: its token must be verified, or a body follows."""

_ANY_ID = str(UUID(int=0))
_REJECTION = bytes(problem_response(Overloaded(), request_id=_ANY_ID).body)
_REJECTION_STATUS = status_of(Overloaded)


class ResponseCache(Protocol):
    """Responses to public reads, cached by URL and tenant."""

    def find(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        """Return the cached response to this request, if there is a valid one."""


class EarlyResponse(NamedTuple):
    """A response that is ready to be sent."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def send(self, send: Send) -> None:
        """Send it."""
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": self.body})


class EarlyResponses:
    """Finds the early response to a request, if it has one."""

    def __init__(
        self,
        *,
        rules: HttpRules,
        tenants: Directory,
        default_tenant: str,
        limiter: Limiter,
        admission: Admission,
        cache: ResponseCache,
    ) -> None:
        self._rules = rules
        self._tenants = tenants
        self._default_tenant = default_tenant
        self._limiter = limiter
        self._admission = admission
        self._cache = cache

    def find(self, scope: Scope, policy: RoutePolicy, headers: dict[str, str], request_id: str) -> EarlyResponse | None:
        """Return the response that can be sent at once: a cached one, or a rejection by admission control.

        Errors of a request are not reported here. A rejection is counted only in the metric of shed requests.
        """
        is_plain = policy.cacheable and not _NOT_PLAIN_READ_HEADERS & headers.keys()
        if is_plain and (cached := self._find_cached(scope, policy, headers, request_id)) is not None:
            return cached
        if policy.priority is None or is_preflight(scope, headers):
            return None
        if OVER_CONNECTION_LIMIT not in scope and not self._admission.rejects(policy.priority):
            return None
        if policy.cacheable and not is_plain and (cached := self._find_cached(scope, policy, headers, request_id)):
            return cached
        rejection = self._admission.rejection(policy.priority)
        body = _REJECTION.replace(_ANY_ID.encode(), request_id.encode())
        rejection_headers = [
            (b"content-type", MEDIA_TYPE.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"retry-after", str(rejection.facts["retry_after_seconds"]).encode()),
        ]
        common_headers = self._rules.response_headers(headers, self._tenants.cached())
        return EarlyResponse(_REJECTION_STATUS, complete(rejection_headers, request_id, common_headers, None), body)

    def _find_cached(
        self, scope: Scope, policy: RoutePolicy, headers: dict[str, str], request_id: str
    ) -> EarlyResponse | None:
        """Return the cached response as the middleware would send it; None if a limit or a rule prevents it."""
        started = time.perf_counter()
        tenants = self._tenants.cached()
        if tenants is None or tracing.is_on():
            return None
        try:
            self._rules.check(scope, headers, policy)
            tenant = tenant_of_request(tenants, headers, default=self._default_tenant)
        except DomainError:
            return None
        scope[BASE_URL] = self._rules.base_url(scope, headers, tenants)
        cached = self._cache.find(tenant, headers, scope)
        if cached is None:
            return None
        allowance = None
        if policy.rate_limit is not None:
            allowance = self._limiter.count(policy.rate_limit, self._rules.client_address(scope, headers))
            if allowance.refused_for_seconds is not None:
                return None
        common_headers = self._rules.response_headers(headers, tenants)
        response_headers = complete(cached.raw_headers, request_id, common_headers, allowance)
        observe_request(scope["method"], route_of(scope), cached.status_code, time.perf_counter() - started)
        return EarlyResponse(cached.status_code, response_headers, bytes(cached.body))


def is_preflight(scope: Scope, headers: Mapping[str, str]) -> bool:
    """Return whether a browser asks for permission to send a request to another site (CORS)."""
    return scope["method"] == "OPTIONS" and "access-control-request-method" in headers
