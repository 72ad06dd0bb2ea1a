"""The header of a file: its columns, and whether it is a product file."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from .columns import COLUMNS, REQUIRED_COLUMNS, known_name
from .formulas import unescape_formula
from .limits import MAX_COLUMN_NAME_CHARACTERS, MAX_COLUMNS
from .problems import NotAProductFile
from .records import Record

_BYTE_ORDER_MARK = "\ufeff"
_OTHER_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first physical line, and the cells that are not blank, by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file in their order: known columns by their main names, others as written, blank ones as ''."""

    names: tuple[str, ...]

    def row(self, record: Record) -> Row:
        """Return the record's cells by column, without blank cells and without apostrophes that escape formulas."""
        cells = {
            name: unescape_formula(cell)
            for name, cell in zip(self.names, record.cells, strict=False)
            if cell and not cell.isspace()
        }
        return Row(record.line, cells)


def header_of(first: Record | None) -> Header:
    """Read the first row of a file.

    Raises:
        NotAProductFile: it is not the header of a product file; `detail` explains what to do.
    """
    if first is None:
        raise NotAProductFile("The file is empty", reason="empty")
    cells = [first.cells[0].removeprefix(_BYTE_ORDER_MARK), *first.cells[1:]]
    written = [unescape_formula(cell).strip() for cell in cells]
    names = tuple(known_name(name) or name for name in written)
    _refuse_excess(names, first)
    _require_columns(names, first)
    _refuse_duplicates(names, first)
    return Header(names)


def _refuse_excess(names: tuple[str, ...], first: Record) -> None:
    # An export has all known columns and the file's other columns, within the same limit.
    columns = len(names) + len(frozenset(COLUMNS) - frozenset(names))
    if columns > MAX_COLUMNS:
        raise NotAProductFile(
            f"The file has {len(names):,} columns; at most {MAX_COLUMNS:,} are allowed, known ones included",
            reason="too_many_columns",
            line=first.line,
        )
    if any(len(name) > MAX_COLUMN_NAME_CHARACTERS for name in names):
        raise NotAProductFile(
            f"A column name has more than {MAX_COLUMN_NAME_CHARACTERS:,} characters; check that this is a product file",
            reason="not_csv",
            line=first.line,
        )


def _require_columns(names: tuple[str, ...], first: Record) -> None:
    missing = [name for name in REQUIRED_COLUMNS if name not in names]
    if not missing:
        return
    for separator, plural in _OTHER_SEPARATORS.items():
        if len(names) == 1 and separator in names[0]:
            raise NotAProductFile(
                f"The columns are separated by {plural}; save the file with commas", reason="not_csv", line=first.line
            )
    raise NotAProductFile(
        f"The first row has no column {' and no column '.join(map(repr, missing))}; add it",
        reason="missing_columns",
        line=first.line,
    )


def _refuse_duplicates(names: tuple[str, ...], first: Record) -> None:
    repeated = [name for name, times in Counter(names).items() if times > 1 and name]
    if repeated:
        raise NotAProductFile(
            f"More than one column is named {' and '.join(map(repr, repeated[:5]))}; remove all but one",
            reason="duplicate_columns",
            line=first.line,
        )
