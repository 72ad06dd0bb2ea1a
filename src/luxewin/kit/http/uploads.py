"""Uploads: a body with a file is spooled to disk as it arrives, so that no process holds it in memory."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import IO

from luxewin.kit import idempotency
from luxewin.kit.errors import Unavailable
from luxewin.kit.http.problems import BodyTooLarge
from luxewin.kit.http.types import Message, Receive

_CHUNK_BYTES = 1 << 16
_IN_MEMORY_BYTES = 1 << 20
_MOST_AT_ONCE = 8
_MOST_OF_ONE_CALLER = 2
_RETRY_AFTER_SECONDS = 10


class UploadsBusy(Unavailable):
    """As many files are being received as there is room for; send this one again after `Retry-After`."""

    code = "service.uploads_busy"
    title = "Too many files are being sent at the same time; try again shortly"


class UploadRoom:
    """The room for the files that one process receives at the same time: eight of the largest, two of one caller.

    `largest` is the largest upload, in bytes.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._left = _MOST_AT_ONCE * largest
        self._callers: Counter[str] = Counter()

    @contextmanager
    def reserved(self, caller: str, content_length: str) -> Iterator[None]:
        """Reserve the announced size for a caller during the block, before the first byte of the file is read.

        Raises:
            UploadsBusy: there is no room.
        """
        size = min(int(content_length[:20]), self._largest) if content_length.isdigit() else 0
        size = size or self._largest  # a body in chunks announces no size
        if size > self._left or self._callers[caller] >= _MOST_OF_ONE_CALLER:
            raise UploadsBusy(retry_after_seconds=_RETRY_AFTER_SECONDS)
        self._left -= size
        self._callers[caller] += 1
        try:
            yield
        finally:
            self._left += size
            self._callers[caller] -= 1
            if not self._callers[caller]:
                del self._callers[caller]


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
