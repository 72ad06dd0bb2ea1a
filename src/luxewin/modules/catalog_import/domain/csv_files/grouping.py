"""Grouping the rows of a CSV file by product."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from luxewin.modules.catalog_import.domain.shopify_csv import RowError
from luxewin.modules.catalog_import.domain.shopify_csv.codes import has_lost_digits
from luxewin.modules.catalog_import.domain.shopify_csv.columns import HANDLE
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.limits import (
    MAX_ERRORS,
    MAX_IMAGES,
    MAX_PRODUCT_CHARACTERS,
    MAX_VARIANTS,
)
from luxewin.modules.catalog_import.domain.shopify_csv.records import Record

from .joining import join
from .layouts import Layout

_MAX_ROWS = MAX_VARIANTS + MAX_IMAGES
_MOST_PIECES_NAMED = 20


@dataclass(slots=True)
class Group:
    """The rows of one product, up to the limits, and the errors of rows; `pieces` are the first lines of its pieces."""

    key: str
    line: int
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    characters: int = 0
    is_full: bool = False

    def add(self, row: Row) -> None:
        """Add the row, unless the product exceeds the limits."""
        self.characters += sum(map(len, row.cells.values()))
        if len(self.rows) < _MAX_ROWS and self.characters <= MAX_PRODUCT_CHARACTERS:
            self.rows.append(row)
        elif not self.is_full:
            self.is_full = True
            message = f"The product {self.key[:80]!r} has too many rows or too long texts; split or shorten it"
            self.refuse(RowError(row.line, None, "product_too_large", message))

    def refuse(self, error: RowError) -> None:
        """Add an error, up to the limit."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(error)


Entry = tuple[int, int, Row | RowError]
"""The number of the piece of adjacent rows, the line, and the row or its error."""


def key_of(record: Record, row: Row, layout: Layout, above: str) -> str:
    """Return the key of the product that a row belongs to; `above` is the key of the row above it.

    A row without a handle, or whose handle may be cut, belongs to the product above it.
    """
    if _may_be_cut(record, layout):
        return above
    if layout.translator is not None:
        return layout.translator.key(row)
    return row.cells.get(HANDLE, "").strip() or above


def groups(rows: Iterable[Record], layout: Layout, *, is_grouped: bool) -> Iterator[Group]:
    """Group rows by product; rows that are apart are joined first, unless they are known to be `is_grouped`."""
    entries = _entries(rows, layout)
    group = Group("", line=0)
    last_piece = None
    for key, (piece, line, entry) in entries if is_grouped else join(entries):
        if key != group.key:
            if group.key or group.errors:
                yield group
            group = Group(key, line=line)
        if piece != last_piece and len(group.pieces) < _MOST_PIECES_NAMED:
            group.pieces.append(line)
        last_piece = piece
        if isinstance(entry, RowError):
            group.refuse(entry)
        else:
            group.add(entry)
    if group.key or group.errors:
        yield group


def _entries(rows: Iterable[Record], layout: Layout) -> Iterator[tuple[str, Entry]]:
    key, piece = "", 0
    for record in rows:
        row = layout.row(record)
        if not row.cells and not any(map(str.strip, record.cells)):
            continue
        own = key_of(record, row, layout, key)
        if own != key:
            key, piece = own, piece + 1
        yield key, (piece, record.line, _row_error(record, row, layout) or row)


def _may_be_cut(record: Record, layout: Layout) -> bool:
    """Return whether the row ends with its handle, which may be incomplete then."""
    names = layout.header.names
    return len(record.cells) < len(names) and names[len(record.cells) - 1] == HANDLE


def _row_error(record: Record, row: Row, layout: Layout) -> RowError | None:
    wanted = len(layout.header.names)
    if len(record.cells) < wanted and layout.translator is None:  # other platforms leave out blank cells at the end
        message = f"The row has {len(record.cells)} cells and the header {wanted}; check whether the file is complete"
        return RowError(record.line, None, "row_too_short", message)
    if any(map(str.strip, record.cells[wanted:])):
        message = f"The row has {len(record.cells)} cells and the header {wanted}; check for a missing quote"
        return RowError(record.line, None, "row_too_long", message)
    if "" in row.cells and layout.translator is None:
        message = f"The cell {row.cells[''][:40]!r} is in a column without a name; name the column or remove the cell"
        return RowError(record.line, None, "cell_without_column", message)
    if layout.translator is None and HANDLE not in row.cells:
        return RowError(record.line, HANDLE, "handle_missing", "The row has no handle; enter the handle of its product")
    for name, code in layout.header.codes(row):
        if has_lost_digits(code):
            message = (
                f"{code[:40]!r} is a number that a spreadsheet has shortened; its last digits are lost. Enter all of"
                " them, with the cell formatted as text"
            )
            return RowError(record.line, name, "digits_lost", message)
    return None
