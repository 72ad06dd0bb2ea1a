"""Reading products from lines of JSON: a stream of products, each whole, and of errors for those that are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from luxewin.kit.money import EXPONENTS
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, ProductDraft, RowError, columns
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_COLUMNS, MAX_ERRORS, MAX_ROW_CHARACTERS
from luxewin.modules.catalog_import.domain.shopify_csv.products import ProductReader
from luxewin.modules.catalog_import.domain.shopify_csv.reading import Handles
from luxewin.modules.catalog_import.domain.shopify_csv.records import physical_lines

from . import fields
from .fields import FIELDS_BY_COLUMN
from .rows import LineInvalidError, Rows, rows_of

_MOST_READERS = 500
_PRODUCT_COLUMNS = {column for column, _ in fields.PRODUCT.values()} | {*columns.OPTION_NAMES, columns.TAGS}
_PRODUCT_COLUMNS |= set(columns.GOOGLE_COLUMNS)


class ProductLines:
    """Each product of a file of lines, or the errors because of which it is left out; iterate once.

    `pieces` is the text in pieces of any size. What a line does not name, it says nothing of. `columns` grows by what
    lines name beyond the known fields.

    Held in memory: one line, and a digest of every handle so far.
    """

    def __init__(self, pieces: Iterable[str], *, currency: str) -> None:
        self._pieces = pieces
        self._currency = currency
        self._columns: dict[str, None] = {}
        self._readers: dict[frozenset[str], ProductReader] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns without a field of their own that occurred so far."""
        return tuple(self._columns)

    def __iter__(self) -> Iterator[ProductDraft | RowError]:
        """Read on.

        Raises:
            NotAProductFile: this is no file of lines of JSON, or cannot be read further.
        """
        handles, number = Handles(), 0
        for number, line in enumerate(physical_lines(self._pieces), start=1):
            if len(line) > MAX_ROW_CHARACTERS:
                raise NotAProductFile(
                    f"Line {number} has more than {MAX_ROW_CHARACTERS:,} characters",
                    reason="row_too_large",
                    line=number,
                )
            if not line.isspace():
                yield from self._entries(number, line, handles)
        if number == 0:
            raise NotAProductFile("The file is empty", reason="empty")

    def _entries(self, number: int, line: str, handles: Handles) -> Iterator[ProductDraft | RowError]:
        try:
            rows = rows_of(number, _parsed(number, line), currency=self._currency)
        except LineInvalidError as invalid:
            yield RowError(number, invalid.where, invalid.code, invalid.message)
            return
        product = self._reader(rows).product(rows.rows)
        if not isinstance(product, ProductDraft):
            yield from (_told(error, rows) for error in product[:MAX_ERRORS])
        elif not handles.is_new(product.handle):
            message = f"The product {product.handle[:80]!r} was above already"
            yield RowError(number, "handle", "handle_returns", message)
        else:
            yield product

    def _reader(self, rows: Rows) -> ProductReader:
        said = frozenset(rows.said)
        reader = self._readers.get(said)
        if reader is None:
            if len(self._readers) >= _MOST_READERS:
                self._readers.clear()
            self._columns.update(dict.fromkeys(name for name in sorted(said) if columns.known_name(name) is None))
            if len(self._columns) > MAX_COLUMNS:
                raise NotAProductFile(
                    f"The lines name more than {MAX_COLUMNS:,} columns", reason="too_many_columns", line=rows.line
                )
            reader = self._readers[said] = ProductReader(said, exponent=EXPONENTS[self._currency])
        return reader


def _parsed(number: int, line: str) -> object:
    try:
        return orjson.loads(line)
    except ValueError as error:
        if number == 1:
            raise NotAProductFile(
                "The first line is no JSON; a file of this format has one JSON object a line",
                reason="not_jsonl",
                line=1,
            ) from error
        raise LineInvalidError(None, "json_invalid", "The line is no JSON; was the file cut?") from error


def _told(error: RowError, rows: Rows) -> RowError:
    """Return an error of a row as one of the line, which names the field by its path."""
    place = rows.places[error.line]
    if error.column is None:
        return replace(error, line=rows.line, column=place.rstrip(".") if error.line < 0 else None)
    is_of_the_product = error.line == rows.line and error.column in _PRODUCT_COLUMNS
    name = FIELDS_BY_COLUMN.get(error.column, f"{fields.COLUMNS}.{error.column}")
    return replace(error, line=rows.line, column=name if is_of_the_product else place + name)
