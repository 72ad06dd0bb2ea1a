"""The documentation for people: Swagger UI, Redoc, and the list of every refusal.

Both browsers of the API are served from this installation, so that they work without a network, and under a policy that
lets them load and ask nothing else.
"""

import secrets
from collections.abc import Iterable, MutableMapping
from functools import cache
from itertools import groupby
from typing import Any

from markupsafe import Markup
from starlette.responses import Response

from luxewin.pages.html import each, fill, html, masthead, page
from luxewin.pages.refusals import Entry, refusals
from luxewin.pages.static_files import address_of

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
    """Serve Swagger UI over the document."""
    shown = page(
        "LuxeWin API explorer",
        fill("swagger", icon=address_of("mark.svg")),
        styles=["swagger-ui.css", "swagger.css"],
        scripts=["swagger-ui-bundle.js", "swagger.js"],
    )
    return html(shown, policy=_SWAGGER_POLICY)


async def redoc(_scope: MutableMapping[str, Any]) -> Response:
    """Serve Redoc over the document; it makes its own style sheets, and the nonce tells them from anybody else's."""
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    shown = page(
        "LuxeWin API reference",
        fill("redoc", nonce=nonce, script=address_of("redoc.js")),
        styles=["redoc.css"],
        scripts=["redoc.standalone.js"],
    )
    return html(shown, policy=_REDOC_POLICY.format(nonce=nonce))


async def error_reference(_scope: MutableMapping[str, Any]) -> Response:
    """Serve the list of every refusal, which the `type` of a problem document points into."""
    return html(_error_page())


@cache
def _error_page() -> Markup:
    topics = [(topic, list(entries)) for topic, entries in groupby(refusals().values(), key=lambda entry: entry.topic)]
    shown = fill(
        "errors",
        top=masthead(),
        topics=each([fill("topic", topic=topic) for topic, _ in topics]),
        codes=each([fill("codes", topic=topic, entries=_listed(entries)) for topic, entries in topics]),
    )
    return page("LuxeWin error codes", shown, styles=["pages.css"])


def _listed(entries: Iterable[Entry]) -> Markup:
    return each(
        [
            fill("code", code=entry.code, status=entry.status, title=entry.title, meaning=entry.meaning)
            for entry in entries
        ]
    )
