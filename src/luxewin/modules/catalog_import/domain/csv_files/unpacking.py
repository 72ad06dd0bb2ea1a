"""Compressed files: unpacked as a stream within limits, or refused with what to do.

A small archive may unpack to terabytes; so the unpacked bytes are counted while they are read.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile

MOST_UNPACKED_BYTES = 2**30
_MOST_ENTRIES = 10_000
_MOST_FILES = 2
_GZIP_MARK = b"\x1f\x8b"
_ZIP_MARK = b"PK\x03\x04"
_OLD_WORKBOOK_MARK = b"\xd0\xcf\x11\xe0"
_GZIP_WINDOW_BITS = 31
_STEP_BYTES = 1 << 16
_HIDDEN = ("__MACOSX/", ".")


class Unpacked:
    """The bytes of a file, unpacked if it is compressed; they are read as often as the chunks can be iterated.

    `is_workbook` is true for a file of a spreadsheet program, which `copied` returns as a file. `second` is the second
    file of an archive with two.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._head = b"".join(_first(chunks, 4))
        self.is_workbook = False
        self._entries: tuple[str, ...] = ()
        if self._head.startswith(_OLD_WORKBOOK_MARK):
            raise _refused("This is a workbook of an old format (.xls); save the sheet as .xlsx or CSV")
        if self._head.startswith(_ZIP_MARK):
            with self.copied() as file:
                self._entries = _entries_of(file)
            self.is_workbook = not self._entries

    def __iter__(self) -> Iterator[bytes]:
        """Yield the unpacked bytes.

        Raises:
            NotAProductFile: the archive is damaged, or unpacks to more than the limit.
        """
        return self._limited(0)

    @property
    def second(self) -> "Entry | None":
        """The second file of an archive; None if there is none."""
        return Entry(lambda: self._limited(1)) if len(self._entries) > 1 else None

    def _limited(self, place: int) -> Iterator[bytes]:
        unpacked = 0
        for chunk in self._unpack(place):
            unpacked += len(chunk)
            if unpacked > MOST_UNPACKED_BYTES:
                raise _refused(f"The archive unpacks to more than {MOST_UNPACKED_BYTES:,} bytes; split the file")
            yield chunk

    @contextmanager
    def copied(self) -> Iterator[IO[bytes]]:
        """Return a copy of the packed file, which can be read at any position, while the block runs."""
        with tempfile.TemporaryFile() as file:
            for chunk in self._chunks:
                file.write(chunk)
            file.seek(0)
            yield file

    def _unpack(self, place: int) -> Iterator[bytes]:
        try:
            if self._head.startswith(_GZIP_MARK):
                yield from _gunzip(self._chunks)
            elif self._entries:
                with (
                    self.copied() as file,
                    zipfile.ZipFile(file) as archive,
                    archive.open(self._entries[place]) as entry,
                ):
                    while chunk := entry.read(_STEP_BYTES):
                        yield chunk
            else:
                yield from self._chunks
        except (zlib.error, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
            raise _refused("The archive is damaged or encrypted; unpack it, and send the file") from error


@dataclass(frozen=True, slots=True)
class Entry:
    """The bytes of a file in an archive, which can be read more than once."""

    _read: Callable[[], Iterator[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        """Yield the bytes; raises as `Unpacked` does."""
        return self._read()


def _gunzip(chunks: Iterable[bytes]) -> Iterator[bytes]:
    decompressor = zlib.decompressobj(_GZIP_WINDOW_BITS)
    for chunk in chunks:
        packed = chunk
        while packed:
            yield decompressor.decompress(packed, _STEP_BYTES)
            packed = decompressor.unconsumed_tail
            if decompressor.eof:
                packed = decompressor.unused_data
                decompressor = zlib.decompressobj(_GZIP_WINDOW_BITS)
    if not decompressor.eof and decompressor.flush():
        raise EOFError


def _entries_of(file: IO[bytes]) -> tuple[str, ...]:
    """Return the names of the files in an archive, one or two; none if the archive is a workbook."""
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise _refused("The archive is damaged; unpack it, and send the file", reason="not_csv") from error
    names = [each.filename for each in entries[:_MOST_ENTRIES]]
    if any(name.startswith("xl/") for name in names):
        if sum(each.file_size for each in entries) > MOST_UNPACKED_BYTES:
            raise _refused(f"The workbook unpacks to more than {MOST_UNPACKED_BYTES:,} bytes; save the sheet as CSV")
        return ()
    files = [name for name in names if not name.endswith("/") and not name.startswith(_HIDDEN)]
    if not 1 <= len(files) <= _MOST_FILES:
        raise _refused(f"The archive has {len(files)} files; send an archive with one file, or the file itself")
    return tuple(files)


def _first(chunks: Iterable[bytes], size: int) -> Iterator[bytes]:
    have = 0
    for chunk in chunks:
        yield chunk
        have += len(chunk)
        if have >= size:
            return


def _refused(message: str, *, reason: str = "archive") -> NotAProductFile:
    return NotAProductFile(message, reason=reason, line=1)
