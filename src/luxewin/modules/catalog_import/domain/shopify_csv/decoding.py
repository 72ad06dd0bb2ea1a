"""Decoding the bytes of a file from any program, in one pass and constant memory."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

from .problems import NotAProductFile

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP_MARK = b"PK\x03\x04"
_LONGEST_MARK_BYTES = 4

_WINDOWS = {
    byte: character for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", errors="ignore"))
}
"""The characters of Windows-1252 at the control characters of Latin-1; its five gaps stay as in Latin-1."""


class DecodedText:
    """The text of a file given as bytes in chunks of any size; iterate once.

    UTF-8 with or without a byte order mark and UTF-16 with one are recognised. A file that is plain ASCII up to its
    first byte that cannot be UTF-8 is read as Windows-1252 (Latin-1 in its gaps), which never fails and therefore may
    be wrong: `note` then informs the user. A file that was UTF-8 until then is damaged, and rejected. `encoding` is the
    encoding detected so far; it is final once everything is read.
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.encoding = "utf-8"
        self.note: str | None = None
        self._chunks = iter(chunks)

    def __iter__(self) -> Iterator[str]:
        """Yield the text in chunks.

        Raises:
            NotAProductFile: the bytes are a workbook, or not text in one of these encodings.
        """
        head = b""
        while len(head) < _LONGEST_MARK_BYTES and (chunk := next(self._chunks, None)) is not None:
            head += chunk
        if head.startswith(_ZIP_MARK):
            raise NotAProductFile(
                "This is a workbook or an archive; save the sheet as CSV (UTF-8) and send that",
                reason="not_csv",
                line=1,
            )
        if head.startswith(_UTF16_MARKS):
            yield from self._utf16(chain([head], self._chunks))
        else:
            yield from self._utf8_or_windows(chain([head.removeprefix(codecs.BOM_UTF8)], self._chunks))

    def _utf16(self, chunks: Iterable[bytes]) -> Iterator[str]:
        self.encoding = "utf-16"
        decoder = codecs.getincrementaldecoder("utf-16")()
        line = 1
        try:
            for chunk in chunks:
                text = decoder.decode(chunk)
                line += text.count("\n")
                yield text
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as broken:
            raise NotAProductFile(
                "The file begins as UTF-16, but contains invalid UTF-16", reason="encoding", line=line
            ) from broken

    def _utf8_or_windows(self, chunks: Iterator[bytes]) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        only_ascii = True
        line = 1
        for chunk, final in chain(((chunk, False) for chunk in chunks), [(b"", True)]):
            try:
                text = decoder.decode(chunk, final)
            except UnicodeDecodeError as not_utf8:
                # The error's object includes the bytes that the decoder had buffered.
                if not only_ascii or not not_utf8.object[: not_utf8.start].isascii():
                    raise NotAProductFile(
                        "The file is UTF-8 at first and something else later; save it once more as UTF-8",
                        reason="encoding",
                        line=line + not_utf8.object[: not_utf8.start].count(b"\n"),
                    ) from not_utf8
                yield from self._windows(chain([not_utf8.object], chunks))
                return
            only_ascii = only_ascii and text.isascii()
            line += text.count("\n")
            yield text

    def _windows(self, chunks: Iterable[bytes]) -> Iterator[str]:
        self.encoding = "cp1252"
        self.note = (
            "The file is not UTF-8; it was read as Windows-1252. Look whether accented letters came out right, and"
            " save it as UTF-8 if they did not."
        )
        for chunk in chunks:
            yield chunk.decode("latin-1").translate(_WINDOWS)
