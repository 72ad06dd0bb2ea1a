"""What is served outside the API, before tenant and principal: health, metrics, keys, documents, pages for people."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from starlette.responses import Response

Page = Callable[[MutableMapping[str, Any]], Awaitable[Response]]


class Pages:
    """Pages by their path; a path that ends in `/*` serves everything below it."""

    def __init__(self, pages: Mapping[str, Page]) -> None:
        self._exact = {path: page for path, page in pages.items() if not path.endswith("/*")}
        self._below = {path.removesuffix("*"): page for path, page in pages.items() if path.endswith("/*")}

    def at(self, scope: MutableMapping[str, Any]) -> Page | None:
        """Return the page of a request, if it asks for one."""
        path: str = scope["path"]
        if scope["method"] not in {"GET", "HEAD"} or path.startswith("/api"):
            return None
        if path in self._exact:
            scope["luxewin.route"] = path
            return self._exact[path]
        for prefix, page in self._below.items():
            if path.startswith(prefix):
                scope["luxewin.route"] = prefix + "*"
                return page
        return None
