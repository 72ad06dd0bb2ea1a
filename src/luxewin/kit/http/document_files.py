"""Large public documents that never change: made once, kept in files, and sent from the disk.

A document may have hundreds of megabytes, and its readers decide how long it takes to send it. No process therefore
holds one in memory for a reader: it is written to a file when it is requested first, and read again piece by piece.
"""

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.responses import Response, StreamingResponse

from luxewin.kit.errors import Unavailable
from luxewin.kit.http.entity_tags import matches_weakly

_PIECE_BYTES = 64 << 10
_MOST_BYTES = 2 << 30
_CACHE_SECONDS = 3600
_DRAFT_PREFIX = ".draft-"


class DocumentFiles:
    """The documents of an installation, in a folder that all its processes share.

    When they take more than `most_bytes`, those that have not been read for the longest time are deleted.
    """

    def __init__(self, folder: Path, *, most_bytes: int = _MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._making = asyncio.Lock()

    async def open(self, name: str, make: Callable[[], Awaitable[bytes]]) -> "Document":
        """Return the open document of this name; `make` returns its content if there is no file yet.

        A process makes one document at a time, however many readers wait for it.

        Raises:
            Unavailable: the disk is full.
        """
        document = await asyncio.to_thread(self._find, name)
        if document is None:
            async with self._making:
                document = await asyncio.to_thread(self._find, name)
                if document is None:
                    document = await self._store(name, await make())
        return document

    async def _store(self, name: str, content: bytes) -> "Document":
        try:
            return await asyncio.to_thread(self._add, name, content)
        except OSError as error:
            raise Unavailable("There is no room for the document; try again later", retry_after_seconds=60) from error

    def _find(self, name: str) -> "Document | None":
        for path in self._folder.glob(f"{name}.*"):
            try:
                file = path.open("rb")
                os.utime(path)
            except FileNotFoundError:  # deleted since
                continue
            return Document(file, tag=path.suffix.removeprefix("."))
        return None

    def _add(self, name: str, content: bytes) -> "Document":
        tag = hashlib.sha256(content).hexdigest()[:32]
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self._folder / f"{name}.{tag}"
        descriptor, draft = tempfile.mkstemp(prefix=_DRAFT_PREFIX, dir=self._folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        Path(draft).replace(path)
        self._delete_oldest(keep=path)
        return Document(path.open("rb"), tag=tag)

    def _delete_oldest(self, *, keep: Path) -> None:
        known = sorted(((path.stat(), path) for path in self._folder.iterdir()), key=lambda each: each[0].st_mtime)
        total = sum(status.st_size for status, _ in known)
        for status, path in known:
            if total <= self._most_bytes:
                return
            if path != keep:
                path.unlink(missing_ok=True)
                total -= status.st_size


@dataclass(frozen=True, slots=True)
class Document:
    """A document's open file, which is closed when it has been sent; `tag` identifies its content."""

    file: BinaryIO
    tag: str

    def response(self, *, known_tags: str, media_type: str = "application/json") -> Response:
        """Return the response to a request with these tags in `If-None-Match`.

        It is not compressed: hashes hardly become smaller, and the work would be done anew for every reader.
        """
        headers = {
            "cache-control": f"public, max-age={_CACHE_SECONDS}, no-transform",
            "etag": f'"{self.tag}"',
            "content-type": media_type,
        }
        if matches_weakly(known_tags, headers["etag"]):
            self.file.close()
            return Response(status_code=304, headers=headers)
        headers["content-length"] = str(os.fstat(self.file.fileno()).st_size)
        return StreamingResponse(self._pieces(), headers=headers)

    async def _pieces(self) -> AsyncIterator[bytes]:
        with self.file:
            while piece := await asyncio.to_thread(self.file.read, _PIECE_BYTES):
                yield piece
