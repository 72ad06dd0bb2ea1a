"""Cross-origin requests (CORS): the web pages that may call the API from a browser, and what they may send and read."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import structlog

from luxewin.kit.errors import DomainError, Forbidden
from luxewin.kit.http.tenants import Tenants, tenant_of_request
from luxewin.kit.tenancy import UnknownTenant

_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9.\-]+)(?::([0-9]{1,5}))?")
_LONGEST_ORIGIN = 300
_SHOWN_CHARACTERS = 200
_UNSEEN = re.compile(r"[^\x21-\x7e]")
_LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
_ALLOWED_HEADERS = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "Prefer", "Traceparent",
    "Tracestate", "X-Request-Id", "X-Tenant",
)  # fmt: skip
_EXPOSED_HEADERS = (
    "API-Version", "Content-Disposition", "Deprecation", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy",
    "Retry-After", "Sunset", "WWW-Authenticate", "X-Request-Id",
)  # fmt: skip
_MAX_LOGGED_ORIGINS = 100
_VARY = [(b"vary", b"Origin")]

log = structlog.get_logger("http")


class OriginNotAllowed(Forbidden):
    """The page that sent the request comes from a web site that may not call this API from a browser (CORS).

    Allow it with the setting `LUXEWIN_ALLOWED_ORIGINS`, or add its host to the domains of its shop.
    """

    code = "request.origin_not_allowed"
    title = "This web site may not call the API from a browser"


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: str | None


class Cors:
    """Decides by a request's `Origin` whether the page that sent it may read the response.

    Allowed are the configured origins and, for requests to a tenant, the tenant's own domains over HTTPS. With
    `allows_local`, for development, every page of this machine is allowed too, and tenants' domains with any scheme and
    port. Requests carry no cookies, so a page can only do what its own token permits.
    """

    def __init__(
        self,
        *,
        allowed_origins: Collection[str],
        allows_local: bool,
        default_tenant: str,
        credential_headers: Sequence[str],
        exposed_headers: Sequence[str],
    ) -> None:
        self._allowed_origins = allowed_origins
        self._allows_local = allows_local
        self._default_tenant = default_tenant
        self._logged: set[str] = set()
        allowed = sorted({*_ALLOWED_HEADERS, *(name.title() for name in credential_headers)})
        exposed = sorted({*_EXPOSED_HEADERS, *exposed_headers})
        self._permissions = [
            (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE"),
            (b"access-control-allow-headers", ", ".join(allowed).encode()),
            (b"access-control-expose-headers", ", ".join(exposed).encode()),
            (b"access-control-max-age", b"600"),
            *_VARY,
        ]

    def response_headers(self, headers: Mapping[str, str], tenants: Tenants | None) -> list[tuple[bytes, bytes]]:
        """Return the headers for the response to a request with these headers.

        Every response varies by `Origin`, also one to a request without it: a cache must not use it for a page of
        another origin. A refused origin is named in `X-CORS-Refused` and, once, in the log.
        """
        origin = headers.get("origin")
        if origin is None:
            return _VARY
        if self._is_allowed(origin, headers, tenants):
            return [(b"access-control-allow-origin", origin.encode("latin-1")), *self._permissions]
        if _is_same_origin(origin, headers):
            return _VARY
        shown = _shown(origin)
        if shown not in self._logged and len(self._logged) < _MAX_LOGGED_ORIGINS:
            self._logged.add(shown)
            log.warning("a page of another site was refused", origin=shown, remedy=_advice(shown))
        return [(b"x-cors-refused", _advice(shown).encode()), *_VARY]

    def check_preflight(self, headers: Mapping[str, str], tenants: Tenants | None) -> None:
        """Check that the page that a browser asks for may send its request.

        Raises:
            OriginNotAllowed: it may not; the message names the origin and the setting.
        """
        origin = headers.get("origin")
        if origin is not None and not self._is_allowed(origin, headers, tenants):
            raise OriginNotAllowed(_advice(_shown(origin)))

    def _is_allowed(self, text: str, headers: Mapping[str, str], tenants: Tenants | None) -> bool:
        if text in self._allowed_origins:
            return True
        origin = _parse(text) if len(text) <= _LONGEST_ORIGIN else None
        if origin is None:
            return False
        if self._allows_local and (origin.host in _LOCAL_HOSTS or origin.host.endswith(".localhost")):
            return True
        if tenants is None or not (self._allows_local or (origin.scheme == "https" and origin.port is None)):
            return False
        return self._is_domain_of_tenant(origin.host, headers, tenants)

    def _is_domain_of_tenant(self, host: str, headers: Mapping[str, str], tenants: Tenants) -> bool:
        """Return whether the host is a domain of the tenant that the request is for.

        A preflight names no tenant, so there only the host of the API itself must not be another tenant's.
        """
        try:
            owner = tenants.by_domain(host)
        except UnknownTenant:
            return False
        if owner is None:
            return False
        is_preflight = "access-control-request-method" in headers
        named = {"host": headers.get("host", ""), "x-tenant": owner.slug} if is_preflight else headers
        try:
            return tenant_of_request(tenants, named, default=self._default_tenant).id == owner.id
        except DomainError:
            return not is_preflight  # the response is an error, which the page should be able to read


@lru_cache(maxsize=1024)
def _parse(text: str) -> _Origin | None:
    match = _ORIGIN.fullmatch(text)
    return None if match is None else _Origin(match[1], match[2], match[3])


def _is_same_origin(origin: str, headers: Mapping[str, str]) -> bool:
    """Return whether the page comes from the host that it calls: browsers also send `Origin` with such writes."""
    return origin.partition("://")[2] == headers.get("host")


def _shown(origin: str) -> str:
    return _UNSEEN.sub("?", origin[:_SHOWN_CHARACTERS])


def _advice(shown: str) -> str:
    return (
        f"The origin {shown} may not call this API from a browser: add it to LUXEWIN_ALLOWED_ORIGINS, or its host to"
        " the domains of the shop that the request is for"
    )
