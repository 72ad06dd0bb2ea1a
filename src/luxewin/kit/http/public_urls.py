"""Public URLs: paths of this installation made absolute in responses, with the address that the client reached.

The address is that of the request: the tenant's domain, or else the public URL of the settings. A cached response holds
it, so it is part of the cache key.
"""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Annotated

from pydantic import PlainSerializer

from luxewin.kit.http.tenants import Tenants, host_name_of
from luxewin.kit.tenancy import UnknownTenant

BASE_URL = "luxewin.base_url"
"""The key under which a request's scope contains the base URL, without a slash at its end."""

_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_base_url: ContextVar[str] = ContextVar("base_url", default="")


def base_url_of(
    headers: Mapping[str, str], tenants: Tenants | None, *, is_https: bool, public_url: str | None, fallback: str
) -> str:
    """Return the base URL for the response to a request.

    This is the host of the request if it is a tenant's domain, else `public_url`. Without one (in development) it is
    the host of the request, whatever it is, and `fallback` if that is malformed.
    """
    host = headers.get("host", "")
    if public_url is not None and not _is_domain(host, tenants):
        return public_url
    if not _HOST.fullmatch(host):
        return public_url or fallback
    return f"https://{host}" if is_https else f"http://{host}"


def set_base_url(base_url: str) -> None:
    """Set the base URL of the responses of the current task."""
    _base_url.set(base_url)


def current_base_url() -> str:
    """Return the base URL of the request that the current task serves; empty outside a request."""
    return _base_url.get()


def absolute_url(url: str) -> str:
    """Return a path of this installation as an absolute URL; other URLs, and all outside a request, stay unchanged."""
    return current_base_url() + url if url.startswith("/") else url


def without_base_url(url: str) -> str:
    """Return the path of a URL that `absolute_url` has made absolute, so that a response can be sent back."""
    base_url = current_base_url()
    return url.removeprefix(base_url) if base_url and url.startswith(f"{base_url}/") else url


PublicUrl = Annotated[str, PlainSerializer(absolute_url, return_type=str)]
"""A URL in a response, such as that of an image: absolute, also if a path of this installation is stored."""


def _is_domain(host: str, tenants: Tenants | None) -> bool:
    try:
        return tenants is not None and tenants.by_domain(host_name_of(host)) is not None
    except UnknownTenant:
        return False
