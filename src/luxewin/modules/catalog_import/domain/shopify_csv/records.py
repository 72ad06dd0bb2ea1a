"""Parsing text into records of cells, by RFC 4180, with the physical line on which each record begins.

The standard library's reader is not used: it guesses when quotes are misplaced, its limit for the size of a cell is
global to the program, and it does not report the line on which an unclosed quote was opened.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from .limits import MAX_CELL_CHARACTERS, MAX_ROW_CHARACTERS
from .problems import NotAProductFile

_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")  # a CR at the end of a chunk may be followed by an LF in the next chunk
SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(?P<separator>.)\"?\s*", re.IGNORECASE)
_LINE_ENDS = ("", "\n", "\r\n", "\r")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its cells without their quotes, and its first physical line, counted from 1."""

    line: int
    cells: list[str]


def records(chunks: Iterable[str], delimiter: str = ",") -> Iterator[Record]:
    """Yield the records of a text given in chunks of any size, line ends included; empty lines are skipped.

    A first line that only names the separator, as Excel writes it (`sep=;`), is skipped too.

    Raises:
        NotAProductFile: a NUL character, a misplaced or unclosed quote, or a cell or row that exceeds the limits.
    """
    cursor = _Cursor(chunks)
    while cursor.to_next_row():
        first_line = cursor.number
        if first_line == 1 and SEPARATOR_LINE.fullmatch(cursor.text):
            continue
        cells = list(_cells(cursor, delimiter)) if '"' in cursor.text else cursor.text.rstrip("\r\n").split(delimiter)
        if len(max(cells, key=len)) > MAX_CELL_CHARACTERS:
            raise _too_large("cell", first_line)
        if cells != [""]:
            yield Record(first_line, cells)


def physical_lines(chunks: Iterable[str]) -> Iterator[str]:
    """Split text in chunks of any size after each CRLF, LF and CR; a line includes its line end.

    A line that exceeds the largest row is returned incomplete, as the last line, so that it is rejected.
    """
    begun: list[str] = []
    begun_characters = 0
    pending = ""
    for arrived in chunks:
        chunk = pending + arrived
        begin = 0
        for end in _LINE_END.finditer(chunk):
            yield "".join((*begun, chunk[begin : end.end()]))
            begun.clear()
            begun_characters = 0
            begin = end.end()
        pending = "\r" if chunk.endswith("\r", begin) else ""
        begun.append(chunk[begin : len(chunk) - len(pending)])
        begun_characters += len(begun[-1])
        if begun_characters > MAX_ROW_CHARACTERS:
            break
    if rest := "".join((*begun, pending)):
        yield rest


class _Cursor:
    """The state of the parser: the current physical line, its number, and a position within it."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._lines = physical_lines(chunks)
        self._row_began_on = 0
        self._row_characters = 0
        self.text = ""
        self.number = 0
        self.position = 0

    def to_next_row(self) -> bool:
        """Move to the line on which the next row begins; False at the end of the text."""
        self._row_began_on = self.number + 1
        self._row_characters = 0
        return self.to_next_line()

    def to_next_line(self) -> bool:
        """Move to the next physical line of the same row; False at the end of the text."""
        text = next(self._lines, None)
        if text is None:
            return False
        self.text = text
        self.number += 1
        self.position = 0
        self._row_characters += len(text)
        if self._row_characters > MAX_ROW_CHARACTERS:
            raise _too_large("row", self._row_began_on)
        if "\0" in text:
            raise NotAProductFile(
                f"Line {self.number} has a NUL character: this is no text file, or a damaged one",
                reason="nul",
                line=self.number,
            )
        return True


def _cells(cursor: _Cursor, delimiter: str) -> Iterator[str]:
    cell_end = _cell_end(delimiter)
    while True:
        if (quote := _quote_at(cursor)) >= 0:
            cursor.position = quote
            yield _quoted_cell(cursor)
            cursor.position = _after_spaces(cursor)
        elif cursor.text.startswith('="', cursor.position):
            # Spreadsheets mark a number as text in this way; strictly the cell would have to be quoted as a whole.
            cursor.position += 1
            yield f'="{_quoted_cell(cursor)}"'
        else:
            yield _unquoted_cell(cursor, cell_end)
        if cursor.text.startswith(delimiter, cursor.position):
            cursor.position += 1
        elif cursor.text[cursor.position :] in _LINE_ENDS:
            return
        else:
            raise NotAProductFile(
                f"Line {cursor.number} has a quote in the middle of a cell; quote the whole cell and double the quotes"
                " within it",
                reason="stray_quote",
                line=cursor.number,
            )


def _quote_at(cursor: _Cursor) -> int:
    """Return the position of the quote with which the cell begins; -1 if it is not quoted.

    Files that are aligned for people have spaces before and after a quoted cell.
    """
    place = _after_spaces(cursor)
    return place if cursor.text.startswith('"', place) else -1


def _after_spaces(cursor: _Cursor) -> int:
    place = cursor.position
    while cursor.text.startswith(" ", place):
        place += 1
    return place


@lru_cache
def _cell_end(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf'["{re.escape(delimiter)}\r\n]|\Z')


def _unquoted_cell(cursor: _Cursor, cell_end: re.Pattern[str]) -> str:
    begin = cursor.position
    cursor.position = next(cell_end.finditer(cursor.text, begin)).start()
    return cursor.text[begin : cursor.position]


def _quoted_cell(cursor: _Cursor) -> str:
    """Read a quoted cell, which may span several physical lines."""
    opened_on = cursor.number
    begin = cursor.position + 1
    parts: list[str] = []
    characters = 0
    while True:
        quote = cursor.text.find('"', begin)
        doubled = quote >= 0 and cursor.text.startswith('"', quote + 1)
        end = len(cursor.text) if quote < 0 else quote + doubled
        parts.append(cursor.text[begin:end])
        characters += end - begin
        if characters > MAX_CELL_CHARACTERS:
            raise _too_large("cell", opened_on)
        if quote < 0:
            begin = 0
            if not cursor.to_next_line():
                raise NotAProductFile(
                    f"The quote opened on line {opened_on} is never closed: the file was cut, or a quote is missing",
                    reason="unterminated_quote",
                    line=opened_on,
                )
        elif doubled:
            begin = quote + 2
        else:
            cursor.position = quote + 1
            return "".join(parts)


def _too_large(what: str, line: int) -> NotAProductFile:
    limit = MAX_CELL_CHARACTERS if what == "cell" else MAX_ROW_CHARACTERS
    return NotAProductFile(
        f"Line {line} begins a {what} of more than {limit:,} characters", reason=f"{what}_too_large", line=line
    )
