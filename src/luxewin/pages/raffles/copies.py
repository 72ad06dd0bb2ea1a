"""Pages kept for a second: however many people look at a raffle, it is read once, and unchanged pages are not sent."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field

FRESH_SECONDS = 1.0


@dataclass(slots=True)
class Copy:
    """A page as it was last made."""

    status: int = 200
    content: str = ""
    etag: str = ""
    fresh_until: float = 0.0
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Copies:
    """So many pages at most; those that nobody has asked for the longest go first."""

    def __init__(self, *, most: int = 512) -> None:
        self._most = most
        self._copies: OrderedDict[Hashable, Copy] = OrderedDict()

    async def of(self, key: Hashable, make: Callable[[], Awaitable[tuple[int, str]]]) -> Copy:
        """Return the page under a key, made anew where it is older than a second; others wait for the same page."""
        copy = self._copies.setdefault(key, Copy())
        self._copies.move_to_end(key)
        while len(self._copies) > self._most:
            self._copies.popitem(last=False)
        async with copy.turn:
            if time.monotonic() >= copy.fresh_until:
                copy.status, copy.content = await make()
                copy.etag = f'"{hashlib.sha256(copy.content.encode()).hexdigest()[:32]}"'
                copy.fresh_until = time.monotonic() + FRESH_SECONDS
        return copy
