"""Uploads: a body that brings a file is laid down on disk as it arrives, so that no process holds it in memory."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from contextlib import asynccontextmanager
from typing import IO, Any

from luxewin.kit import idempotency
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.problems import BodyTooLarge

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
_PIECE_BYTES = 1 << 16
_IN_MEMORY_BYTES = 1 << 20


class Upload:
    """A body that has arrived whole; `receive` gives it out again, piece by piece."""

    def __init__(self, spool: IO[bytes], size: int, receive: Receive, *, whole: bool) -> None:
        self._spool = spool
        self._size = size
        self._left = size
        self._receive = receive
        self._is_whole = whole

    async def receive(self) -> Message:
        """Return the next message; a sender that has gone is told at once."""
        if not self._is_whole:
            return {"type": "http.disconnect"}
        if self._left < 0:
            return await self._receive()
        if self._left == self._size:
            self._spool.seek(0)
        piece = await asyncio.to_thread(self._spool.read, _PIECE_BYTES)
        self._left -= len(piece)
        more = self._left > 0
        if not more:
            self._left = -1
        return {"type": "http.request", "body": piece, "more_body": more}

    async def body_hash(self, *parts: bytes) -> bytes:
        """Hash the body behind these parts; equal to `idempotency.body_hash` of the same bytes in memory."""
        return await asyncio.to_thread(idempotency.body_hash_of_chunks, *parts, size=self._size, chunks=self._pieces())

    def _pieces(self) -> Iterator[bytes]:
        self._spool.seek(0)
        while piece := self._spool.read(_PIECE_BYTES):
            yield piece


@asynccontextmanager
async def spooled_upload(receive: Receive, announced: str, *, largest: int) -> AsyncIterator[Upload]:
    """Read a body to its end while it stays within its bound; it lies on disk until the block ends.

    Raises:
        BodyTooLarge: it is, or is announced to be, larger.
        Unavailable: there is no room for it.
    """
    if not announced.isdigit() or int(announced[:20]) > largest:
        raise BodyTooLarge(f"The body may have at most {largest} bytes")
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            piece, more = message.get("body", b""), message.get("more_body", False)
            size += len(piece)
            if size > largest:
                raise BodyTooLarge(f"The body may have at most {largest} bytes")
            try:
                await asyncio.to_thread(spool.write, piece)
            except OSError as error:
                raise Unavailable("There is no room for the file; try again later", retry_after_seconds=60) from error
        yield Upload(spool, size, receive, whole=not more)
