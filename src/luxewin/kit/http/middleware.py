"""The gate: plain ASGI in front of every route. It parses and bounds a request; it decides nothing of the business."""

import asyncio
import ipaddress
import re
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import structlog
from starlette.responses import Response

from luxewin.kit import idempotency
from luxewin.kit.access import ANONYMOUS, Principal, Role
from luxewin.kit.crash_points import begin_operation
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError, Forbidden, InvalidInput, Unauthenticated
from luxewin.kit.http.addresses import address_of, caller_of, hop_of
from luxewin.kit.http.admission import CROWDED, Admission, ClientLeft
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.headers import read_headers
from luxewin.kit.http.keys import key_of
from luxewin.kit.http.limits import Limiter, route_class
from luxewin.kit.http.observing import TENANT, observed, route_of, tenant_of
from luxewin.kit.http.pages import Pages
from luxewin.kit.http.priorities import Priority, priority_of
from luxewin.kit.http.problems import METHODS, BodyTooLarge, MethodNotAllowed, failed, problem, problem_response
from luxewin.kit.http.raw_response import RawResponse
from luxewin.kit.http.response_writer import SECURITY_HEADERS, STRICT_CONTENT, ResponseWriter, complete
from luxewin.kit.http.tenants import Directory, tenant_of_request
from luxewin.kit.http.uploads import spooled_upload
from luxewin.kit.ids import new_request_id
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import REFUSALS, observe_request
from luxewin.kit.tenancy import Tenancy, TenantDisagreement

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

BASE = "/api/v1"
_UPLOADS = (f"{BASE}/imports",)
_DOWNLOADS = f"{BASE}/exports/"
_KEPT_HEADERS = {
    "x-cart-token", "x-order-token", "user-agent", "if-match", "if-none-match", "prefer", "content-type", "host",
}  # fmt: skip
_FOR_THIS_MACHINE = {"/health/live", "/health/ready", "/metrics"}
"""Requested over plain HTTP by load balancers and scrapers, in production too."""
_WAYS_IN = {f"{BASE}/auth/login", f"{BASE}/auth/register", f"{BASE}/auth/refresh"}
"""Here credentials stand in the body, so that a client whose access token has run out can still come in."""

_COMES_IN = {"authorization", "content-length", "transfer-encoding", "expect", "upgrade"}
"""With one of these a request is not plain: who asks has to be found out, or something follows its head."""

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")
_ALLOWED_HEADERS = (
    b"Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Prefer, "
    b"X-Cart-Token, X-Order-Token, X-Tenant"
)
_CORS = [
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", _ALLOWED_HEADERS),
    (b"access-control-expose-headers", b"ETag, RateLimit, RateLimit-Policy, Retry-After, X-Cart-Token, X-Request-Id"),
    (b"access-control-max-age", b"600"),
    (b"vary", b"Origin"),
]
log = structlog.get_logger("http")


class Hot(Protocol):
    """Public reads that are answered before the router, from bytes."""

    def may_be_cached(self, scope: Scope) -> bool:
        """Tell whether the answer to such a request may be at hand."""

    def known(self, tenant: Tenancy, headers: Mapping[str, str], scope: Scope) -> Response | None:
        """Return the answer if it is at hand: it costs no more than to refuse the request."""

    async def answer(self, context: RequestContext, scope: Scope) -> Response | None:
        """Return the answer, or None where the router must answer."""


class Authenticator(Protocol):
    """Turns a bearer token into a principal."""

    async def __call__(self, token: str) -> Principal:
        """Return the principal, or raise `Unauthenticated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiddlewareSettings:
    """The bounds of every request."""

    default_tenant: str
    allowed_origins: frozenset[str] = frozenset()
    trusted_proxies: Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network] = ()
    require_https: bool = False
    largest_body_bytes: int = 1 << 20
    largest_upload_bytes: int = 64 << 20
    deadline_seconds: float = 10.0
    file_deadline_seconds: float = 300.0


class RequestMiddleware:
    """Request id, deadline, tenant, principal, limits, size, in this order; then the hot reads or the router.

    What is known by heart is always answered; all else takes its turn, or is refused at once (see `admission`).
    """

    def __init__(
        self,
        router: Asgi,
        *,
        settings: MiddlewareSettings,
        database: Database,
        tenants: Directory,
        authenticate: Authenticator,
        limiter: Limiter,
        admission: Admission,
        hot: Hot,
        pages: Pages,
        services: Mapping[type[Any], Any],
    ) -> None:
        self._router = router
        self._settings = settings
        self._database = database
        self._tenants = tenants
        self._authenticate = authenticate
        self._limiter = limiter
        self._admission = admission
        self._hot = hot
        self._pages = pages
        self._services = dict(services)
        self._transport_security = [_STRICT_TRANSPORT] if settings.require_https else []
        always = [*SECURITY_HEADERS, STRICT_CONTENT, *self._transport_security]
        self._overloaded = RawResponse.of(503, always, b"").head

    def early_response(self, scope: Scope) -> RawResponse | None:
        """Answer a plain request that need not even come in, because nothing has to be awaited; None where it shall.

        It is refused because there is too much to do, or what it asks for is known by heart.
        """
        if self._hot.may_be_cached(scope):
            return self._cached_response(scope)
        error = self._admission.reject_early(scope["method"], scope["path"], scope["headers"])
        return None if error is None else RawResponse(self._overloaded + error.head, error.body)

    def _cached_response(self, scope: Scope) -> RawResponse | None:
        """Answer what anybody may read as it would be answered inside; whatever is wrong with it is said there."""
        started = time.perf_counter()
        tenants = self._tenants.cached()
        if scope["method"] != "GET" or tenants is None or tracing.is_on():
            return None
        try:
            headers = read_headers(scope)
            self._must_be_sound(scope, headers)
            tenant = tenant_of_request(tenants, headers, default=self._settings.default_tenant)
        except DomainError:
            return None
        known = None if _COMES_IN & headers.keys() else self._hot.known(tenant, headers, scope)
        if known is None:
            return None
        allowance = self._limiter.count(route_class(scope["method"], scope["path"]), self._address(scope, headers))
        if allowance.refused_for_seconds is not None:
            return None
        added = [*self._transport_security, *self._cors(headers)]
        complete_headers = complete(known.raw_headers, _request_id(headers), added, allowance)
        answer = RawResponse.of(known.status_code, complete_headers, bytes(known.body))
        observe_request(scope["method"], route_of(scope), known.status_code, time.perf_counter() - started)
        return answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            headers = read_headers(scope)
        except InvalidInput as error:
            await _refused_unread(scope, receive, send, error)
            return
        begin_operation(lambda: f"{scope['method']} {route_of(scope)}")
        request_id = _request_id(headers)
        writer = ResponseWriter(scope, send, request_id, [*self._transport_security, *self._cors(headers)])
        with observed(scope, writer, headers, request_id):
            await self._answered(scope, receive, writer, headers)

    async def _answered(self, scope: Scope, receive: Receive, writer: ResponseWriter, headers: dict[str, str]) -> None:
        request_id = writer.request_id
        carries_file = _is_upload(scope, headers) or _versioned(scope["path"]).startswith(_DOWNLOADS)
        deadline = self._settings.file_deadline_seconds if carries_file else self._settings.deadline_seconds
        try:
            async with asyncio.timeout(deadline):
                await self._serve(scope, receive, writer, headers)
        except DomainError as error:
            REFUSALS.labels(error.code).inc()
            await writer.answer(problem_response(error, request_id=request_id), receive)
        except TimeoutError:
            late = problem(
                503,
                "service.deadline",
                "The request took too long and was cancelled; send it again",
                request_id=request_id,
            )
            await writer.answer(late, receive)
        except ClientLeft:
            return
        except Exception:
            where = {"route": route_of(scope), "path": scope["path"], "tenant": tenant_of(scope)}
            log.exception("request failed", request_id=request_id, method=scope["method"], **where)
            await writer.answer(failed(request_id=request_id), receive)

    async def _serve(self, scope: Scope, receive: Receive, writer: ResponseWriter, headers: dict[str, str]) -> None:
        scope["path"] = _versioned(scope["path"])
        self._must_be_sound(scope, headers)
        page = self._pages.at(scope)
        if page is not None:
            always = scope["path"] in _FOR_THIS_MACHINE
            async with nullcontext() if always else self._admission.turn(Priority.LISTS, receive):
                await writer.answer(await page(scope), receive)
            return
        if scope["method"] == "OPTIONS" and "access-control-request-method" in headers:
            await writer.answer(Response(status_code=204), receive)
            return
        priority = priority_of(scope["method"], scope["path"])
        if CROWDED in scope or self._admission.refuses(priority):
            cached = await self._cached(scope, headers)
            await writer.answer(cached or self._admission.refused(priority, writer.request_id), receive)
            return
        address = self._address(scope, headers)
        counted = partial(self._counted, writer, route_class(scope["method"], scope["path"]))
        try:
            tenant = await self._tenant(headers)
            scope[TENANT] = tenant.slug
            principal = await self._principal(headers, tenant, scope["path"])
        except DomainError:
            counted(address)
            raise
        counted(principal.name if principal is not ANONYMOUS else address)
        if (known := self._hot.known(tenant, headers, scope)) is not None:
            await writer.answer(known, receive)
            return
        context = self._context(tenant, principal, writer.request_id, address, headers)
        scope.setdefault("state", {})["context"] = context
        key = headers.get("idempotency-key") if scope["method"] not in {"GET", "HEAD"} else None
        if _is_upload(scope, headers):
            largest = self._settings.largest_upload_bytes
            async with spooled_upload(receive, headers.get("content-length", "0"), largest=largest) as upload:
                if key is not None:
                    context.key = key_of(key, scope, context, await upload.body_hash(scope["query_string"]))
                async with self._admission.turn(priority, receive):
                    await self._router(scope, upload.receive, writer.send)
            return
        replayed, body = await self._bounded_body(receive, headers)
        if key is not None:
            context.key = key_of(key, scope, context, idempotency.body_hash(scope["query_string"], body))
        async with self._admission.turn(priority, receive):
            hot = await self._hot.answer(context, scope)
            if hot is None:
                await self._router(scope, replayed, writer.send)
                return
        await writer.answer(hot, receive)

    async def _cached(self, scope: Scope, headers: dict[str, str]) -> Response | None:
        cacheable = self._hot.may_be_cached(scope)
        return self._hot.known(await self._tenant(headers), headers, scope) if cacheable else None

    def _context(
        self, tenant: Tenancy, principal: Principal, request_id: str, address: str, headers: Mapping[str, str]
    ) -> RequestContext:
        return RequestContext(
            database=self._database,
            tenant=tenant,
            principal=principal,
            request_id=request_id,
            address=address,
            is_dry_run="dry-run" in headers.get("prefer", ""),
            headers={name: headers[name] for name in _KEPT_HEADERS if name in headers},
            services=self._services,
        )

    def _counted(self, writer: ResponseWriter, limit: str, caller: str) -> None:
        """Count the request against the caller's limit, announce how it stands, and refuse what is beyond it."""
        writer.allowance = self._limiter.count(limit, caller)
        writer.allowance.must_admit()

    def _must_be_sound(self, scope: Scope, headers: dict[str, str]) -> None:
        if scope["method"] not in METHODS:
            raise MethodNotAllowed
        if "host" not in headers and scope["http_version"] == "1.1":
            raise InvalidInput("A request in HTTP/1.1 must have a Host header")
        if b"%00" in scope.get("raw_path", b"") + scope["query_string"]:
            raise InvalidInput("The URL must not contain NUL characters")
        https = scope.get("scheme") == "https" or (
            headers.get("x-forwarded-proto") == "https" and self._trusts(_peer(scope))
        )
        if self._settings.require_https and not https and scope["path"] not in _FOR_THIS_MACHINE:
            raise Forbidden("This installation is served over HTTPS only")

    async def _tenant(self, headers: dict[str, str]) -> Tenancy:
        return tenant_of_request(await self._tenants.current(), headers, default=self._settings.default_tenant)

    async def _principal(self, headers: dict[str, str], tenant: Tenancy, path: str) -> Principal:
        authorization = headers.get("authorization")
        if authorization is None or path in _WAYS_IN:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Authorization must be `Bearer` and an access token")
        principal = await self._authenticate(token.strip())
        if principal.tenant_id != tenant.id and principal.role is not Role.SUPER_ADMIN:
            raise TenantDisagreement
        return principal

    async def _bounded_body(self, receive: Receive, headers: dict[str, str]) -> tuple[Receive, bytes]:
        """Read the body whole, within its bound, so that no slow or endless sender reaches a route.

        Raises:
            BodyTooLarge: it is announced as, or grows, too large.
            ClientLeft: the client hung up in the middle of it.
        """
        largest = self._settings.largest_body_bytes
        announced = headers.get("content-length", "0")
        if not announced.isdigit() or int(announced[:20]) > largest:
            raise BodyTooLarge(f"The body may have at most {largest} bytes")
        chunks: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientLeft
            chunks.append(message.get("body", b""))
            size += len(chunks[-1])
            if size > largest:
                raise BodyTooLarge(f"The body may have at most {largest} bytes")
            if not message.get("more_body"):
                break
        body = b"".join(chunks)
        return replayed({"type": "http.request", "body": body, "more_body": False}, receive), body

    def _address(self, scope: Scope, headers: dict[str, str]) -> str:
        """Return the caller's address: what the nearest untrusted hop claims, and a /64 stands for an IPv6 caller."""
        hops = [hop_of(hop.strip()) for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        address = _peer(scope)
        while hops and self._trusts(address):
            address = hops.pop()
        return caller_of(address)

    def _trusts(self, address: str) -> bool:
        parsed = address_of(address)
        return parsed is not None and any(parsed in network for network in self._settings.trusted_proxies)

    def _cors(self, headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
        origin = headers.get("origin")
        if origin is None or origin not in self._settings.allowed_origins:
            return []
        return [(b"access-control-allow-origin", origin.encode("latin-1")), *_CORS]


async def _refused_unread(scope: Scope, receive: Receive, send: Send, error: DomainError) -> None:
    request_id = new_request_id()
    writer = ResponseWriter(scope, send, request_id, [])
    with observed(scope, writer, {}, request_id):
        REFUSALS.labels(error.code).inc()
        await writer.answer(problem_response(error, request_id=request_id), receive)


def _request_id(headers: dict[str, str]) -> str:
    given = headers.get("x-request-id")
    return given if given is not None and _REQUEST_ID.fullmatch(given) else new_request_id()


def _versioned(path: str) -> str:
    """Let the unversioned address serve the current version."""
    if path.startswith("/api/") and not path.startswith(BASE + "/"):
        return BASE + path.removeprefix("/api")
    return path


def _is_upload(scope: Scope, headers: dict[str, str]) -> bool:
    is_form = headers.get("content-type", "").startswith("multipart/")
    return is_form and _versioned(scope["path"]).startswith(_UPLOADS)


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"


def replayed(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that first returns a message that was already taken."""
    pending = [message]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
