"""The header of a file: its columns, and whether it is a product file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .codes import restored_barcode, unmark_code
from .columns import BARCODE, COLUMNS, REQUIRED_COLUMNS, SKU
from .formulas import unescape_formula
from .limits import MAX_COLUMN_NAME_CHARACTERS, MAX_COLUMNS
from .problems import NotAProductFile
from .records import Record

_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first physical line, and the cells that are not blank, by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Header:
    """The columns of a file in their order: known columns by their main names, others as written, blank ones as ''.

    Cells in an `ignored` column are not read. `skus` and `barcodes` are the columns with codes.
    """

    names: tuple[str, ...]
    ignored: frozenset[str] = frozenset()
    skus: frozenset[str] = frozenset({SKU})
    barcodes: frozenset[str] = frozenset({BARCODE})

    def row(self, record: Record) -> Row:
        """Return the record's cells by column, without blank cells and without apostrophes that escape formulas."""
        written = {
            name: cell for name, cell in zip(self.names, record.cells, strict=False) if cell and not cell.isspace()
        }
        cells = {name: unescape_formula(cell) for name, cell in written.items()}
        for name in (self.skus | self.barcodes) & cells.keys():
            if cells[name] == written[name]:  # otherwise it is a text that only looks like a formula
                cells[name] = unmark_code(cells[name])
        for name in self.barcodes & cells.keys():
            cells[name] = restored_barcode(cells[name])
        for name in self.ignored:
            cells.pop(name, None)
        return Row(record.line, cells)

    def codes(self, row: Row) -> Iterator[tuple[str, str]]:
        """Yield the SKU and the barcode of a row, each with its column."""
        for name in sorted((self.skus | self.barcodes) & row.cells.keys()):
            yield name, row.cells[name]


def written_names(first: Record) -> tuple[str, ...]:
    """Return the names of the columns as the first row has them."""
    cells = [first.cells[0].replace(_BYTE_ORDER_MARK, ""), *first.cells[1:]]
    return tuple(unescape_formula(cell).strip() for cell in cells)


def check_header(names: tuple[str, ...], first: Record, *, required: Iterable[str] = REQUIRED_COLUMNS) -> None:
    """Check the columns of a file.

    Raises:
        NotAProductFile: it is not the header of a product file; `detail` explains what to do.
    """
    refuse_excess(names, first)
    _require_columns(names, first, required)
    _refuse_duplicates(names, first)


def refuse_excess(names: tuple[str, ...], first: Record) -> None:
    """Refuse a file with more columns, or longer names, than the limits."""
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


def _require_columns(names: tuple[str, ...], first: Record, required: Iterable[str]) -> None:
    missing = [name for name in required if name not in names]
    if not missing:
        return
    raise NotAProductFile(
        f"The first row has no column {' and no column '.join(map(repr, missing))}; add it, or name the"
        " column that holds it in the mapping",
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
