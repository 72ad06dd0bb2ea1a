"""HTML pages from Jinja2 templates: every value is escaped unless it is markup already."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from luxewin import __version__
from luxewin.kit.http.cached_response import CachedResponse
from luxewin.pages.formatting import format_price, format_time, iso_time
from luxewin.pages.static_files import asset_url

STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy: a page loads only files of this installation; nothing inline, nothing from other sites."""

_TEMPLATES = Environment(
    loader=PackageLoader("luxewin.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
_TEMPLATES.globals |= {"asset_url": asset_url, "version": __version__}
_TEMPLATES.filters |= {"price": format_price, "time": format_time, "iso_time": iso_time}


def render(template: str, /, **values: Any) -> str:
    """Return the page rendered from a template; a missing value raises `UndefinedError`."""
    return _TEMPLATES.get_template(template).render(values)


def html(
    content: str, *, status: int = 200, policy: str = STRICT_POLICY, headers: Mapping[str, str] | None = None
) -> Response:
    """Return a page as a response that no cache stores, unless `headers` say otherwise."""
    always = {"content-security-policy": policy, "cache-control": "no-store"}
    return Response(content, status, media_type="text/html", headers={**always, **(headers or {})})


def constant_html(content: str, *, policy: str = STRICT_POLICY) -> CachedResponse:
    """Return a page that is the same for everybody, until the program is updated: it is sent once to each browser."""
    page = CachedResponse.of(content.encode(), cache_control="no-cache", content_type="text/html; charset=utf-8")
    return replace(page, headers={**page.headers, "content-security-policy": policy})
