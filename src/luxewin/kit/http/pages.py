"""Pages outside the API, served without tenant and principal: health, metrics, keys, documents, HTML pages."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.headers import header_of
from luxewin.kit.http.policies import PAGE, RoutePolicy
from luxewin.kit.http.request_telemetry import ROUTE

Page = Callable[[MutableMapping[str, Any]], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class MountedPage:
    """A page with the policy under which it is served; called like the page."""

    page: Page
    policy: RoutePolicy = PAGE

    async def __call__(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the response of the page."""
        return await self.page(scope)


async def answer_cached(scope: MutableMapping[str, Any], cached: CachedResponse) -> Response:
    """Return the cached response to a request; it is compressed in a thread, because it may be large."""
    headers = {name: header_of(scope, name.encode()) for name in ("accept-encoding", "if-none-match")}
    return await asyncio.to_thread(cached.answer, scope["method"], headers)


class Pages:
    """Pages by their path; a path that ends in `/*` serves everything below it.

    `missing` is shown to browsers for a path that has neither a page nor a route.
    """

    def __init__(self, pages: Mapping[str, Page], *, missing: Page | None = None) -> None:
        mounted = {path: page if isinstance(page, MountedPage) else MountedPage(page) for path, page in pages.items()}
        self._missing = None if missing is None else MountedPage(missing)
        self._exact = {path: page for path, page in mounted.items() if not path.endswith("/*")}
        self._below = {path.removesuffix("*"): page for path, page in mounted.items() if path.endswith("/*")}

    def at(self, scope: MutableMapping[str, Any]) -> MountedPage | None:
        """Return the page of a request, or None."""
        path: str = scope["path"]
        if path.startswith("/api") or scope["method"] not in {"GET", "HEAD"}:
            return None
        if path in self._exact:
            scope[ROUTE] = path
            return self._exact[path]
        for prefix, page in self._below.items():
            if path.startswith(prefix):
                scope[ROUTE] = prefix + "*"
                return page
        return None

    def missing(self, scope: MutableMapping[str, Any], headers: Mapping[str, str]) -> MountedPage | None:
        """Return the page for a browser whose path has neither a page nor a route; None for clients of the API."""
        is_browser = scope["method"] in {"GET", "HEAD"} and "text/html" in headers.get("accept", "")
        return self._missing if is_browser and not scope["path"].startswith("/api") else None
