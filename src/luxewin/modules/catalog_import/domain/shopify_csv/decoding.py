"""Decoding the bytes of a file from any program, in constant memory.

UTF-8 and UTF-16 are recognised for certain. Another encoding is detected from the bytes that are not ASCII; it may be
wrong, so a note names it. A file is never decoded with replacement characters.
"""

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain

from charset_normalizer import from_bytes

from .problems import NotAProductFile

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ZIP_MARK = b"PK\x03\x04"
_LONGEST_MARK_BYTES = 4
_HEAD_BYTES = 4_096
_SAMPLE_BYTES = 65_536
_LAST_ASCII = 0x7F
_CYRILLIC_A = "\N{CYRILLIC SMALL LETTER A}"
_UTF16_ZERO_SHARE = 0.3
"""The share of zero bytes from which a text without a mark is UTF-16: half of the bytes of Latin text are zero."""


def _lead_between(encoding: str, first: int, last: int) -> Callable[[str], bool]:
    """Return whether a character is in the part of a double-byte encoding that holds the common characters."""
    return lambda letter: first <= letter.encode(encoding, errors="replace")[0] <= last


_COMMON: Mapping[str, Callable[[str], bool]] = {
    "cp1252": "éèêëàâäáãçîïíìñóòôöùûüúßøæåœÉÈÀÂÄÇÎÖÜØÅ€£’‘“”–—…•«»¡¿°²³½¼¾·×©®™\u00a0".__contains__,
    "cp1250": "ąćęłńóśźżŁŚŻáčďéěíňřšťúůýžČŘŠŽőűŐŰöüäÖÜßâîşţ€’‘“”–„…°²\u00a0".__contains__,
    "cp1251": lambda letter: _CYRILLIC_A <= letter <= "я" or letter in "ёіїєґўА",
    "koi8_r": lambda letter: _CYRILLIC_A <= letter <= "я" or letter == "ё",
    "cp1253": lambda letter: "ά" <= letter <= "ώ",
    "cp1254": "ığşçöüâİÇŞÖÜ’“”–".__contains__,
    "cp932": lambda letter: "ぁ" <= letter <= "ー" or _lead_between("cp932", 0x88, 0x97)(letter),
    "gb18030": _lead_between("gb18030", 0xB0, 0xD7),
    "big5": _lead_between("big5", 0xA4, 0xC6),
    "cp949": lambda letter: "가" <= letter <= "힣",
}
"""The encodings that are detected, and whether a letter is common in them; the first one wins a tie."""
_DOUBLE_BYTE = frozenset({"cp932", "gb18030", "big5", "cp949"})
_LONE_BYTE = re.compile(rb"(?<![\x80-\xff])[\xa0-\xff](?![\x80-\xff])")

_NAMES = {
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1252": "Windows-1252",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp932": "Shift-JIS",
    "gb18030": "GBK",
    "big5": "Big5",
    "cp949": "EUC-KR",
    "koi8_r": "KOI8-R",
    "utf-8": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 without a byte order mark",
    "utf-16-be": "UTF-16 without a byte order mark",
}
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-16": "utf-16",
    "windows-1250": "cp1250",
    "windows-1251": "cp1251",
    "windows-1252": "cp1252",
    "windows-1253": "cp1253",
    "windows-1254": "cp1254",
    "shift_jis": "cp932",
    "gbk": "gb18030",
    "big5": "big5",
    "euc-kr": "cp949",
    "koi8-r": "koi8_r",
}
"""The encodings that a user can name, and the decoders for them."""

_LATIN_1_GAPS = {
    byte: character for byte in range(0x80, 0xA0) if (character := bytes([byte]).decode("cp1252", errors="ignore"))
}
"""The characters of Windows-1252 at the control characters of Latin-1; its five gaps stay as in Latin-1."""


def name_of(encoding: str) -> str:
    """Return the name of an encoding for users."""
    return _NAMES.get(encoding, encoding)


def detect(chunks: Iterable[bytes]) -> str | None:
    """Return the encoding of a file that is neither UTF-8 nor marked as UTF-16; None if it is one of these.

    A file that is UTF-8 at first and something else later is damaged, and None as well: reading it reports the line.
    """
    chunks = iter(chunks)
    head = _head(chunks, _HEAD_BYTES)
    if head.startswith(_UTF16_MARKS):
        return None
    if (unmarked := _utf16_without_mark(head)) is not None:
        return unmarked
    sample = _bytes_that_are_not_utf8(chain([head], chunks))
    return _guess(sample) if sample else None


class DecodedText:
    """The text of a file given as bytes in chunks of any size; it is read as often as the chunks can be iterated.

    Without a given `encoding`, UTF-8 with or without a byte order mark and UTF-16 with one are recognised, and a file
    that is plain ASCII up to its first byte that cannot be UTF-8 is read as Windows-1252 (Latin-1 in its gaps), which
    never fails and therefore may be wrong: `note` then informs the user. A file that was UTF-8 until then is damaged,
    and rejected. `encoding` is the encoding so far; it is final once everything is read.
    """

    def __init__(self, chunks: Iterable[bytes], encoding: str | None = None) -> None:
        self.encoding = encoding or "utf-8"
        self.note: str | None = None
        self._given = encoding
        self._chunks = chunks

    def __iter__(self) -> Iterator[str]:
        """Yield the text in chunks.

        Raises:
            NotAProductFile: the bytes are a workbook, or not text in one of these encodings.
        """
        arriving = iter(self._chunks)
        head = _head(arriving, _LONGEST_MARK_BYTES)
        if head.startswith(_ZIP_MARK):
            raise NotAProductFile(
                "This is a workbook or an archive; save the sheet as CSV (UTF-8) and send that",
                reason="not_csv",
                line=1,
            )
        chunks = chain([head.removeprefix(codecs.BOM_UTF8)], arriving)
        if self._given == "cp1252":
            yield from self._windows(chunks)
        elif self._given is not None:
            yield from self._decoded(chunks, self._given)
        elif head.startswith(_UTF16_MARKS):
            self.encoding = "utf-16"
            yield from self._decoded(chunks, "utf-16")
        else:
            yield from self._utf8_or_windows(chunks)

    def _decoded(self, chunks: Iterable[bytes], encoding: str) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(encoding)()
        line = 1
        try:
            for chunk in chunks:
                text = decoder.decode(chunk)
                line += text.count("\n")
                yield text
            yield decoder.decode(b"", final=True)
        except UnicodeDecodeError as broken:
            raise NotAProductFile(
                f"The file begins as {name_of(encoding)}, but contains bytes that are none; save it as UTF-8",
                reason="encoding",
                line=line,
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
        self.note = note_about("cp1252")
        for chunk in chunks:
            yield chunk.decode("latin-1").translate(_LATIN_1_GAPS)


def note_about(encoding: str) -> str:
    """Return the note for a file whose encoding was detected."""
    return (
        f"The file is not UTF-8; it was read as {name_of(encoding)}. Look whether accented letters came out right; if"
        " they did not, save it as UTF-8, or name its encoding."
    )


def _head(chunks: Iterator[bytes], size: int) -> bytes:
    head = b""
    while len(head) < size and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head


def _utf16_without_mark(head: bytes) -> str | None:
    """Return the byte order of Latin text in UTF-16: every other byte is zero, and the others hardly ever."""
    sample = head[:_HEAD_BYTES]
    if len(sample) < _LONGEST_MARK_BYTES:
        return None
    even, odd = sample[::2], sample[1::2]
    zeros_even, zeros_odd = even.count(0) / len(even), odd.count(0) / len(odd)
    if zeros_odd > _UTF16_ZERO_SHARE and zeros_even == 0:
        return "utf-16-le"
    return "utf-16-be" if zeros_even > _UTF16_ZERO_SHARE and zeros_odd == 0 else None


def _bytes_that_are_not_utf8(chunks: Iterable[bytes]) -> bytes:
    """Return lines that are not ASCII, if the file is ASCII up to its first byte that cannot be UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    sample = b""
    is_legacy = False
    for chunk in chunks:
        if not is_legacy:
            try:
                if not decoder.decode(chunk).isascii():
                    return b""
            except UnicodeDecodeError as not_utf8:
                if not not_utf8.object[: not_utf8.start].isascii():
                    return b""
                is_legacy = True
        if is_legacy:
            sample += b"\n".join(line for line in chunk.split(b"\n") if not line.isascii()) + b"\n"
        if len(sample) >= _SAMPLE_BYTES:
            break
    return sample[:_SAMPLE_BYTES]


def _guess(sample: bytes) -> str:
    """Return the most likely encoding of these bytes; Windows-1252 if nothing speaks for another one.

    The library rejects encodings in which the text makes no sense. Of those that are left for a few words, the one
    wins in which most letters are common in the languages that use it.
    """
    possible = [name for name in _COMMON if name not in _DOUBLE_BYTE or not _has_lone_bytes(sample)]
    matches = from_bytes(sample, cp_isolation=possible, preemptive_behaviour=False)
    found = {match.encoding: match for match in matches}
    found |= {name: match for match in matches for name in match.could_be_from_charset if name in possible}
    ranked = [
        (found[name].coherence - 2 * found[name].chaos + _share_of_common(name, found[name].output()), name)
        for name in possible
        if name in found
    ]
    return max(ranked, key=lambda rank: rank[0])[1] if ranked else "cp1252"


def _has_lone_bytes(sample: bytes) -> bool:
    """Return whether most bytes that are not ASCII stand alone, as accents and signs do in Latin text.

    In double-byte text they stand in rows; only the lead bytes of Shift-JIS, which are below 0xA0, often stand alone.
    """
    others = sum(byte > _LAST_ASCII for byte in sample)
    return 2 * len(_LONE_BYTE.findall(sample)) > others


def _share_of_common(encoding: str, utf8: bytes) -> float:
    letters = [letter for letter in utf8.decode("utf-8", errors="ignore") if not letter.isascii()]
    common = _COMMON[encoding]
    return sum(common(letter) for letter in letters) / max(1, len(letters))
