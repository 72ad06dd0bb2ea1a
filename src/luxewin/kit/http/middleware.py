"""The first ASGI layer, before every route: it parses and bounds every request, whatever its route."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Network, IPv6Network
from typing import Any, Protocol

import structlog
from starlette.responses import Response

from luxewin.kit import idempotency
from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.crash_points import begin_operation
from luxewin.kit.database import Database
from luxewin.kit.errors import DomainError, InvalidInput, Unauthenticated
from luxewin.kit.http.admission import Admission, ClientLeft
from luxewin.kit.http.bodies import body_message, read_body, replay_first
from luxewin.kit.http.compression import compressed_send
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.cors import Cors
from luxewin.kit.http.early_responses import EarlyResponses, ResponseCache, is_preflight
from luxewin.kit.http.keys import key_of
from luxewin.kit.http.limits import CREDENTIALS, SHARED_LIMITS, Limiter
from luxewin.kit.http.pages import MountedPage, Pages
from luxewin.kit.http.policies import RoutePolicy
from luxewin.kit.http.preferences import asks_for_dry_run
from luxewin.kit.http.problems import internal_error, problem, problem_response
from luxewin.kit.http.public_urls import BASE_URL, set_base_url
from luxewin.kit.http.request_telemetry import TENANT, record_request, route_of, tenant_of
from luxewin.kit.http.response_writer import API_VERSION, ResponseWriter
from luxewin.kit.http.route_table import RouteTable
from luxewin.kit.http.rules import HttpRules, request_id_of
from luxewin.kit.http.shared_limits import SharedLimits
from luxewin.kit.http.tenants import Directory, Tenants, find_tenant
from luxewin.kit.http.types import FOUND, Asgi, Message, Receive, Scope, Send
from luxewin.kit.http.uploads import UploadRoom, spool_upload
from luxewin.kit.ids import new_request_id
from luxewin.kit.observability.metrics import REFUSALS
from luxewin.kit.tenancy import Tenancy, TenantDisagreement

__all__ = ["BASE", "Asgi", "Message", "MiddlewareSettings", "Receive", "RequestMiddleware", "Scope", "Send"]

BASE = f"/api/v{API_VERSION}"
_PASSED_HEADERS = ("user-agent", "if-match", "if-none-match", "prefer", "content-type", "host")
log = structlog.get_logger("http")


class Authenticator(Protocol):
    """Verifies access tokens."""

    def __call__(self, token: str) -> Awaitable[Principal]:
        """Return the principal of a token, or raise `Unauthenticated`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MiddlewareSettings:
    """The bounds of every request."""

    default_tenant: str
    allowed_origins: frozenset[str] = frozenset()
    allows_local_origins: bool = False
    public_url: str | None = None
    fallback_url: str = "http://127.0.0.1"
    trusted_proxies: Sequence[IPv4Network | IPv6Network] = ()
    require_https: bool = False
    largest_body_bytes: int = 1 << 20
    largest_upload_bytes: int = 64 << 20
    deadline_seconds: float = 10.0
    file_deadline_seconds: float = 300.0


@dataclass(frozen=True, slots=True)
class _Request:
    """A request in the middleware."""

    scope: Scope
    receive: Receive
    writer: ResponseWriter
    headers: dict[str, str]
    policy: RoutePolicy
    page: MountedPage | None

    @property
    def is_upload(self) -> bool:
        """True if it sends a file to a route that accepts one: only such a body may be large and slow."""
        return self.policy.accepts_upload and self.headers.get("content-type", "").lower().startswith("multipart/")

    @property
    def idempotency_key(self) -> str | None:
        """The idempotency key of a write."""
        return self.headers.get("idempotency-key") if self.scope["method"] not in {"GET", "HEAD"} else None


class RequestMiddleware:
    """Route, request id, early responses, deadline, tenant, principal, limits and size, in this order; then the route.

    Cached responses are always sent; every other request waits for a slot, or is rejected at once (see `admission`).
    """

    def __init__(
        self,
        app: Asgi,
        *,
        settings: MiddlewareSettings,
        database: Database,
        tenants: Directory,
        authenticate: Authenticator,
        limiter: Limiter,
        admission: Admission,
        cache: ResponseCache,
        routes: RouteTable,
        pages: Pages,
        services: Mapping[type[Any], Any],
        shared_limits: SharedLimits | None = None,
    ) -> None:
        self._app = app
        self._settings = settings
        self._database = database
        self._tenants = tenants
        self._authenticate = authenticate
        self._limiter = limiter
        self._shared_limits = shared_limits
        self._admission = admission
        self._cache = cache
        self._routes = routes
        self._pages = pages
        self._services = dict(services) if shared_limits is None else {**services, SharedLimits: shared_limits}
        self._upload_room = UploadRoom(settings.largest_upload_bytes)
        self._rules = HttpRules(
            require_https=settings.require_https,
            trusted_proxies=settings.trusted_proxies,
            cors=Cors(
                allowed_origins=settings.allowed_origins,
                allows_local=settings.allows_local_origins,
                default_tenant=settings.default_tenant,
                credential_headers=routes.credential_headers,
                exposed_headers=routes.exposed_headers,
            ),
            public_url=settings.public_url,
            fallback_url=settings.fallback_url,
            credential_headers=routes.credential_headers,
        )
        self._early = EarlyResponses(
            rules=self._rules,
            tenants=tenants,
            default_tenant=settings.default_tenant,
            limiter=limiter,
            admission=admission,
            cache=cache,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        try:
            headers = self._rules.headers_of(scope)
        except InvalidInput as error:
            await _reject_unparsed(scope, receive, send, error)
            return
        scope["path"] = _add_version(scope["path"])
        page = self._pages.at(scope)
        scope[FOUND] = self._routes.find(scope["method"], scope["path"])
        if page is None and scope[FOUND][0].route is None:
            page = self._pages.missing(scope, headers)
        policy = scope[FOUND][0].policy if page is None else page.policy
        request_id = request_id_of(headers)
        early = self._early.find(scope, policy, headers, request_id)
        if early is not None:
            await early.send(send)
            return
        begin_operation(lambda: f"{scope['method']} {route_of(scope)}")
        tenants = self._tenants.cached() if policy.priority is None else await self._known_tenants()
        scope[BASE_URL] = self._rules.base_url(scope, headers, tenants)
        set_base_url(scope[BASE_URL])
        if not policy.holds_secrets:
            send = compressed_send(send, scope["method"], headers)
        writer = ResponseWriter(
            scope,
            send,
            request_id,
            self._rules.response_headers(headers, tenants),
            sends_finished_file=policy.sends_finished_file,
        )
        with record_request(scope, writer, headers, request_id):
            await self._respond(_Request(scope, receive, writer, headers, policy, page))

    async def _respond(self, request: _Request) -> None:
        scope, writer, settings = request.scope, request.writer, self._settings
        carries_file = request.is_upload or request.policy.sends_file
        try:
            seconds = settings.file_deadline_seconds if carries_file else settings.deadline_seconds
            async with asyncio.timeout(seconds) as deadline:
                with writer.when_only_sending(partial(_lift, deadline)):
                    await self._serve(request)
        except DomainError as error:
            REFUSALS.labels(error.code).inc()
            await writer.answer(problem_response(error, request_id=writer.request_id), request.receive)
        except TimeoutError:
            title = "The request took too long and was cancelled; send it again with the same Idempotency-Key"
            late = problem(503, "service.deadline", title, request_id=writer.request_id)
            await writer.answer(late, request.receive)
        except ClientLeft:
            return
        except Exception:
            request_fields = {"route": route_of(scope), "path": scope["path"], "tenant": tenant_of(scope)}
            log.exception("request failed", request_id=writer.request_id, method=scope["method"], **request_fields)
            await writer.answer(internal_error(request_id=writer.request_id), request.receive)

    async def _serve(self, request: _Request) -> None:
        scope, writer, headers, policy = request.scope, request.writer, request.headers, request.policy
        self._rules.check(scope, headers, policy)
        address = self._rules.client_address(scope, headers)
        count_request = partial(self._count, writer, policy)
        if request.page is not None:
            await count_request(address)
            slot = nullcontext() if policy.priority is None else self._admission.slot(policy.priority, request.receive)
            async with slot:
                response = await request.page(scope)
            await writer.answer(response, request.receive)
            return
        if is_preflight(scope, headers):
            self._rules.cors.check_preflight(headers, await self._known_tenants())
            await writer.answer(Response(status_code=204), request.receive)
            return
        try:
            tenant = await self._tenant(headers)
            scope[TENANT] = tenant.slug
            principal = await self._principal(headers, tenant, policy)
        except DomainError:
            await count_request(address)
            raise
        if principal is ANONYMOUS or policy.rate_limit == CREDENTIALS:
            await count_request(address)
        if principal is not ANONYMOUS:
            await count_request(principal.name)
        caller = address if principal is ANONYMOUS else principal.name
        if policy.cacheable and (cached := self._cache.find(tenant, headers, scope)) is not None:
            await writer.answer(cached, request.receive)
            return
        context = self._context(request, tenant, principal, address)
        scope.setdefault("state", {})["context"] = context
        await self._route(request, context, caller)

    async def _route(self, request: _Request, context: RequestContext, caller: str) -> None:
        """Read the body if the caller may send one, then run the route as soon as there is a slot for the request."""
        scope, receive, headers, key = request.scope, request.receive, request.headers, request.idempotency_key
        length, query = headers.get("content-length", "0"), scope["query_string"]
        route = scope[FOUND][0].route
        if route is None or not route.permission.held_by(context.principal.role):
            await self._run_route(request, replay_first(body_message(b""), receive))  # it is refused there
            return
        if request.is_upload:
            largest = self._settings.largest_upload_bytes
            with self._upload_room.reserved(caller, length):
                async with spool_upload(receive, length, largest=largest) as upload:
                    if key is not None:
                        context.key = self._key(key, request, context, body_hash=await upload.body_hash(query))
                    await self._run_route(request, upload.receive)
            return
        body = await read_body(receive, length, largest_bytes=self._settings.largest_body_bytes)
        if key is not None:
            context.key = self._key(key, request, context, body_hash=idempotency.body_hash(query, body))
        await self._run_route(request, replay_first(body_message(body), receive))

    async def _run_route(self, request: _Request, receive: Receive) -> None:
        priority = request.policy.priority
        if priority is None:
            await self._app(request.scope, receive, request.writer.send)
            return
        async with self._admission.slot(priority, request.receive) as slot:
            with request.writer.when_only_sending(slot.release):
                await self._app(request.scope, receive, request.writer.send)

    def _key(
        self, text: str, request: _Request, context: RequestContext, *, body_hash: bytes
    ) -> idempotency.Key | None:
        credentials = [request.headers.get(name, "") for name in request.policy.credential_headers]
        return key_of(text, request.scope, context, body_hash=body_hash, credentials=credentials)

    def _context(self, request: _Request, tenant: Tenancy, principal: Principal, address: str) -> RequestContext:
        headers = request.headers
        passed_headers = (*_PASSED_HEADERS, *request.policy.credential_headers)
        return RequestContext(
            database=self._database,
            tenant=tenant,
            principal=principal,
            request_id=request.writer.request_id,
            address=address,
            is_dry_run=asks_for_dry_run(headers.get("prefer", "")),
            headers={name: headers[name] for name in passed_headers if name in headers},
            services=self._services,
        )

    async def _count(self, writer: ResponseWriter, policy: RoutePolicy, caller: str) -> None:
        """Count the request against the caller's limit, add the quota headers, and reject it beyond the limit."""
        if policy.rate_limit is not None:
            if self._shared_limits is not None and policy.rate_limit in SHARED_LIMITS:
                writer.allowance = await self._shared_limits.count(policy.rate_limit, caller)
            else:
                writer.allowance = self._limiter.count(policy.rate_limit, caller)
            writer.allowance.raise_if_exceeded()

    async def _known_tenants(self) -> Tenants | None:
        """Return the tenants, with whose domains a request is compared; None if they cannot be read."""
        try:
            return await self._tenants.current()
        except DomainError:
            return None

    async def _tenant(self, headers: dict[str, str]) -> Tenancy:
        return await find_tenant(self._tenants, headers, default=self._settings.default_tenant)

    async def _principal(self, headers: dict[str, str], tenant: Tenancy, policy: RoutePolicy) -> Principal:
        authorization = headers.get("authorization")
        if authorization is None or not policy.authenticates:
            return ANONYMOUS
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Authorization must be `Bearer` and an access token")
        principal = await self._authenticate(token.strip())
        if principal.tenant_id != tenant.id and not principal.is_super_admin:
            raise TenantDisagreement
        return principal


async def _reject_unparsed(scope: Scope, receive: Receive, send: Send, error: DomainError) -> None:
    request_id = new_request_id()
    writer = ResponseWriter(scope, send, request_id, [])
    with record_request(scope, writer, {}, request_id):
        REFUSALS.labels(error.code).inc()
        await writer.answer(problem_response(error, request_id=request_id), receive)


def _add_version(path: str) -> str:
    """Return the path with the current version, if it has none."""
    if path.startswith("/api/") and not path.startswith(BASE + "/"):
        return BASE + path.removeprefix("/api")
    return path


def _lift(deadline: asyncio.Timeout) -> None:
    """Let a request take longer than its deadline, unless that has passed."""
    if not deadline.expired():
        deadline.reschedule(None)
