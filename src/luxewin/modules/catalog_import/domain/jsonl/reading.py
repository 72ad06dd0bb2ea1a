"""Reading lines of JSON as a stream of products, and of errors for products that are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import orjson

from luxewin.kit.money import EXPONENTS
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, ProductDraft, RowError, columns
from luxewin.modules.catalog_import.domain.shopify_csv.handles import Handles
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_COLUMNS, MAX_ERRORS, MAX_ROW_CHARACTERS
from luxewin.modules.catalog_import.domain.shopify_csv.products import ProductReader
from luxewin.modules.catalog_import.domain.shopify_csv.records import physical_lines

from . import fields
from .fields import FIELDS_BY_COLUMN
from .rows import LineInvalidError, Rows, rows_of

_MOST_READERS = 500
_PRODUCT_COLUMNS = {column for column, _ in fields.PRODUCT.values()} | {*columns.OPTION_NAMES, columns.TAGS}
_PRODUCT_COLUMNS |= set(columns.GOOGLE_COLUMNS)


class JsonlProducts:
    """Each product of a file, or the errors for which it is left out; iterate once.

    `chunks` is the text in chunks of any size. A field that a line omits stays unchanged. `columns` are the unknown
    columns that occurred so far. Memory holds one line, and a digest of every handle so far.
    """

    def __init__(self, chunks: Iterable[str], *, currency: str) -> None:
        self._chunks = chunks
        self._currency = currency
        self._columns: dict[str, None] = {}
        self._readers: dict[frozenset[str], ProductReader] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """The unknown columns that occurred so far."""
        return tuple(self._columns)

    def __iter__(self) -> Iterator[ProductDraft | RowError]:
        """Yield the products and errors.

        Raises:
            NotAProductFile: the file does not consist of lines of JSON, or cannot be read further.
        """
        handles, number = Handles(), 0
        for number, line in enumerate(physical_lines(self._chunks), start=1):
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
            rows = rows_of(number, _parse(number, line), currency=self._currency)
        except LineInvalidError as invalid:
            yield RowError(number, invalid.path, invalid.code, invalid.message)
            return
        product = self._reader(rows).product(rows.rows)
        if not isinstance(product, ProductDraft):
            yield from (_line_error(error, rows) for error in product[:MAX_ERRORS])
        elif not handles.is_new(product.handle):
            message = f"The product {product.handle[:80]!r} occurs further up; remove one of the lines"
            yield RowError(number, "handle", "handle_returns", message)
        else:
            yield product

    def _reader(self, rows: Rows) -> ProductReader:
        names = frozenset(rows.columns)
        reader = self._readers.get(names)
        if reader is None:
            if len(self._readers) >= _MOST_READERS:
                self._readers.clear()
            self._columns.update(dict.fromkeys(name for name in sorted(names) if columns.known_name(name) is None))
            if len(self._columns) > MAX_COLUMNS:
                raise NotAProductFile(
                    f"The lines name more than {MAX_COLUMNS:,} columns", reason="too_many_columns", line=rows.line
                )
            reader = self._readers[names] = ProductReader(names, exponent=EXPONENTS[self._currency])
        return reader


def _parse(number: int, line: str) -> object:
    try:
        return orjson.loads(line)
    except ValueError as error:
        if number == 1:
            raise NotAProductFile(
                "The first line is not JSON; a file of this format has one JSON object in each line",
                reason="not_jsonl",
                line=1,
            ) from error
        raise LineInvalidError(
            None, "json_invalid", "The line is not JSON; check whether the file is complete"
        ) from error


def _line_error(error: RowError, rows: Rows) -> RowError:
    """Convert an error of a row to an error of the line, with the path of the field."""
    path = rows.paths[error.line]
    if error.column is None:
        return replace(error, line=rows.line, column=path.rstrip(".") if error.line < 0 else None)
    is_of_the_product = error.line == rows.line and error.column in _PRODUCT_COLUMNS
    name = FIELDS_BY_COLUMN.get(error.column, f"{fields.COLUMNS}.{error.column}")
    return replace(error, line=rows.line, column=name if is_of_the_product else path + name)
