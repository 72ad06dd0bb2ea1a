"""A cache of rendered pages: a page is rendered at most once a second, however many visitors request it."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

TTL_SECONDS = 1.0


@dataclass(slots=True)
class CachedPage:
    """A page as it was last rendered, with its status and entity tag."""

    status: int = 200
    content: str = ""
    etag: str = ""
    expires_at: float = 0.0
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class PageCache:
    """An LRU cache of pages."""

    def __init__(self, *, max_pages: int = 512) -> None:
        self._max_pages = max_pages
        self._pages: OrderedDict[Hashable, CachedPage] = OrderedDict()

    async def get(self, key: Hashable, render: Callable[[], Awaitable[tuple[int, str]]]) -> CachedPage:
        """Return the page for a key, rendered again if it is older than a second; concurrent callers share it."""
        page = self._pages.setdefault(key, CachedPage())
        self._pages.move_to_end(key)
        while len(self._pages) > self._max_pages:
            self._pages.popitem(last=False)
        async with page.lock:
            if time.monotonic() >= page.expires_at:
                page.status, page.content = await render()
                page.etag = f'"{hashlib.sha256(page.content.encode()).hexdigest()[:32]}"'
                page.expires_at = time.monotonic() + TTL_SECONDS
        return page
