"""The documentation in HTML: the API explorer (Swagger UI), and the list of every error.

The explorer is served from this installation, so that it works without internet access, under a content security policy
that lets it load and request nothing else.
"""

from collections.abc import MutableMapping
from functools import cache
from itertools import groupby
from typing import Any

from starlette.responses import Response

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.pages import answer_cached
from luxewin.kit.http.validation import MESSAGES
from luxewin.pages.errors import error_entries
from luxewin.pages.html import constant_html, html, render

_SWAGGER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def swagger_ui(scope: MutableMapping[str, Any]) -> Response:
    """Return Swagger UI for the OpenAPI document."""
    return await answer_cached(scope, _explorer())


async def redirect_to_explorer(_scope: MutableMapping[str, Any]) -> Response:
    """Redirect to the API explorer, from addresses where tools and people look for a reference."""
    return Response(status_code=308, headers={"location": "/docs"})


async def error_reference(scope: MutableMapping[str, Any]) -> Response:
    """Return the list of every error; the `type` of a problem document links into it."""
    return await answer_cached(scope, _error_page())


async def missing_page(_scope: MutableMapping[str, Any]) -> Response:
    """Return the page for a browser that requests an address without a page."""
    return html(render("missing.html"), status=404)


@cache
def _explorer() -> CachedResponse:
    return constant_html(render("swagger.html"), policy=_SWAGGER_POLICY)


@cache
def _error_page() -> CachedResponse:
    topics = {topic: list(entries) for topic, entries in groupby(error_entries().values(), lambda entry: entry.topic)}
    return constant_html(render("errors.html", topics=topics, messages=MESSAGES))
