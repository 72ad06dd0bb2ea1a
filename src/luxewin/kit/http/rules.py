"""HTTP rules of the installation: checks of every request, and the headers of its response."""

import re
from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from luxewin.kit.errors import Forbidden, InvalidInput
from luxewin.kit.http.addresses import address_of, hop_of, rate_limit_key
from luxewin.kit.http.cors import Cors
from luxewin.kit.http.headers import SINGLE_VALUE_HEADERS, read_headers
from luxewin.kit.http.policies import RoutePolicy
from luxewin.kit.http.problems import METHODS, MethodNotAllowed
from luxewin.kit.http.public_urls import base_url_of
from luxewin.kit.http.tenants import Tenants
from luxewin.kit.http.types import Scope
from luxewin.kit.ids import new_request_id

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CONTROL_CHARACTER = re.compile(r"[\x00-\x1f\x7f]")
_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d*)?")
_STRICT_TRANSPORT = (b"strict-transport-security", b"max-age=63072000; includeSubDomains")


class HttpRules:
    """The rules, derived from the settings and from the headers that routes declare."""

    def __init__(
        self,
        *,
        require_https: bool,
        trusted_proxies: Sequence[IPv4Network | IPv6Network],
        cors: Cors,
        public_url: str | None,
        fallback_url: str,
        credential_headers: Sequence[str],
    ) -> None:
        self._require_https = require_https
        self._trusted_proxies = trusted_proxies
        self.cors = cors
        self._public_url = public_url
        self._fallback_url = fallback_url
        self._single_value_headers = SINGLE_VALUE_HEADERS | {name.encode() for name in credential_headers}
        self.transport_security = [_STRICT_TRANSPORT] if require_https else []

    def headers_of(self, scope: Scope) -> dict[str, str]:
        """Return the request's headers.

        Raises:
            InvalidInput: there are too many, one that must occur once occurs twice, or `Host` is not a host.
        """
        headers = read_headers(scope, self._single_value_headers)
        if not _is_host(headers.get("host", "")):
            raise InvalidInput("The `Host` header must be a host name or an address, with or without a port")
        return headers

    def check(self, scope: Scope, headers: dict[str, str], policy: RoutePolicy) -> None:
        """Check the rules that every request must satisfy.

        Raises:
            MethodNotAllowed: no route has this method.
            InvalidInput: the host is missing, or the URL contains control characters.
            Forbidden: the request came over plain HTTP, and the policy requires HTTPS.
        """
        if scope["method"] not in METHODS:
            raise MethodNotAllowed
        if "host" not in headers and scope["http_version"] == "1.1":
            raise InvalidInput("An HTTP/1.1 request must have a `Host` header")
        if b"%00" in scope["query_string"] or _CONTROL_CHARACTER.search(scope["path"]):
            raise InvalidInput("The URL must not contain NUL or, in its path, other control characters")
        if self._require_https and policy.requires_https and not self._is_https(scope, headers):
            raise Forbidden("This installation is served over HTTPS only")

    def client_address(self, scope: Scope, headers: dict[str, str]) -> str:
        """Return the address of the nearest hop that is not a trusted proxy; for IPv6, its /64 network."""
        hops = [hop_of(hop.strip()) for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
        address = _peer(scope)
        while hops and self._trusts(address):
            address = hops.pop()
        return rate_limit_key(address)

    def response_headers(self, headers: dict[str, str], tenants: Tenants | None) -> list[tuple[bytes, bytes]]:
        """Return the headers of a response to this request: transport security, and those for pages of other sites.

        `tenants` are those whose domains may call the API; None allows only the configured origins.
        """
        return [*self.transport_security, *self.cors.response_headers(headers, tenants)]

    def base_url(self, scope: Scope, headers: dict[str, str], tenants: Tenants | None) -> str:
        """Return the base URL of this installation as the client reached it."""
        is_https = self._is_https(scope, headers)
        return base_url_of(
            headers, tenants, is_https=is_https, public_url=self._public_url, fallback=self._fallback_url
        )

    def _is_https(self, scope: Scope, headers: dict[str, str]) -> bool:
        if scope.get("scheme") == "https":
            return True
        return headers.get("x-forwarded-proto") == "https" and self._trusts(_peer(scope))

    def _trusts(self, address: str) -> bool:
        parsed = address_of(address)
        return parsed is not None and any(parsed in network for network in self._trusted_proxies)


def request_id_of(headers: dict[str, str]) -> str:
    """Return the request id that the client has chosen, if it is valid, or a new one."""
    chosen = headers.get("x-request-id")
    return chosen if chosen is not None and _REQUEST_ID.fullmatch(chosen) else new_request_id()


@lru_cache(maxsize=1_024)
def _is_host(host: str) -> bool:
    return host == "" or _HOST.fullmatch(host) is not None


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return client[0] if client else "unknown"
