"""The headers and the base URL of a request for a page."""

import asyncio
from collections.abc import MutableMapping
from typing import Any

from starlette.responses import Response

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.public_urls import BASE_URL
from luxewin.kit.settings import Settings


def visited_url(scope: MutableMapping[str, Any], settings: Settings) -> str:
    """Return the base URL that the visitor used, such as the URL of a tunnel, as the middleware has found it."""
    base_url: str = scope.get(BASE_URL, settings.http.base_url)
    return base_url


async def answer_cached(scope: MutableMapping[str, Any], cached: CachedResponse) -> Response:
    """Return the cached response to a request; it is compressed in a thread, because it may be large."""
    headers = {name: header_of(scope, name.encode()) for name in ("accept-encoding", "if-none-match")}
    return await asyncio.to_thread(cached.answer, scope["method"], headers)


def header_of(scope: MutableMapping[str, Any], name: bytes) -> str:
    """Return a header of a request; empty if it is missing."""
    return next((value.decode("latin-1") for known, value in scope["headers"] if known == name), "")
