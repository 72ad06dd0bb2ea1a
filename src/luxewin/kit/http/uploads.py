"""Uploads: a body with a file is spooled to disk as it arrives, so that no process holds it in memory."""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import IO

from luxewin.kit import idempotency
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.problems import BodyTooLarge
from luxewin.kit.http.types import Message, Receive

_CHUNK_BYTES = 1 << 16
_IN_MEMORY_BYTES = 1 << 20


class Upload:
    """A body that was received completely; `receive` returns it again in chunks."""

    def __init__(self, spool: IO[bytes], size: int, receive: Receive, *, complete: bool) -> None:
        self._spool = spool
        self._size = size
        self._remaining = size
        self._receive = receive
        self._is_complete = complete

    async def receive(self) -> Message:
        """Return the next message; a disconnect at once if the client has left."""
        if not self._is_complete:
            return {"type": "http.disconnect"}
        if self._remaining < 0:
            return await self._receive()
        if self._remaining == self._size:
            self._spool.seek(0)
        chunk = await asyncio.to_thread(self._spool.read, _CHUNK_BYTES)
        self._remaining -= len(chunk)
        more = self._remaining > 0
        if not more:
            self._remaining = -1
        return {"type": "http.request", "body": chunk, "more_body": more}

    async def body_hash(self, *parts: bytes) -> bytes:
        """Return the hash of these parts and the body; equal to `idempotency.body_hash` of the same bytes."""
        return await asyncio.to_thread(idempotency.body_hash_of_chunks, *parts, size=self._size, chunks=self._chunks())

    def _chunks(self) -> Iterator[bytes]:
        self._spool.seek(0)
        while chunk := self._spool.read(_CHUNK_BYTES):
            yield chunk


@asynccontextmanager
async def spool_upload(receive: Receive, content_length: str, *, largest: int) -> AsyncIterator[Upload]:
    """Read a body to its end within its limit; it stays on disk until the block ends.

    Raises:
        BodyTooLarge: its announced or actual size is larger.
        Unavailable: the disk is full.
    """
    if not content_length.isdigit() or int(content_length[:20]) > largest:
        raise BodyTooLarge(f"The body may have at most {largest} bytes")
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as spool:
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                break
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size > largest:
                raise BodyTooLarge(f"The body may have at most {largest} bytes")
            try:
                await asyncio.to_thread(spool.write, chunk)
            except OSError as error:
                raise Unavailable("There is no room for the file; try again later", retry_after_seconds=60) from error
        yield Upload(spool, size, receive, complete=not more)
