"""The documentation in HTML: Swagger UI, Redoc, and the list of every error.

Both API browsers are served from this installation, so that they work without internet access, under a content
security policy that lets them load and request nothing else.
"""

import secrets
from collections.abc import MutableMapping
from functools import cache
from itertools import groupby
from typing import Any

from starlette.responses import Response

from luxewin.kit.http.validation import MESSAGES
from luxewin.pages.errors import error_entries
from luxewin.pages.html import html, render

_SWAGGER_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_REDOC_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; connect-src 'self';"
    " worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NONCE_BYTES = 16


async def swagger_ui(_scope: MutableMapping[str, Any]) -> Response:
    """Return Swagger UI for the OpenAPI document."""
    return html(render("swagger.html"), policy=_SWAGGER_POLICY)


async def redoc(_scope: MutableMapping[str, Any]) -> Response:
    """Return Redoc for the OpenAPI document; the nonce allows only the style sheets that Redoc itself creates."""
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    return html(render("redoc.html", nonce=nonce), policy=_REDOC_POLICY.format(nonce=nonce))


async def error_reference(_scope: MutableMapping[str, Any]) -> Response:
    """Return the list of every error; the `type` of a problem document links into it."""
    return html(_error_page())


@cache
def _error_page() -> str:
    topics = {topic: list(entries) for topic, entries in groupby(error_entries().values(), lambda entry: entry.topic)}
    return render("errors.html", topics=topics, messages=MESSAGES)
