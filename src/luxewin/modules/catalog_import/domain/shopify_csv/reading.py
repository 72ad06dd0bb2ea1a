"""Reading a CSV file as a stream of products, and of errors for products that are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b

from .columns import HANDLE
from .drafts import ProductDraft
from .header import Header, Row, header_of
from .limits import MAX_ERRORS, MAX_IMAGES, MAX_PRODUCT_CHARACTERS, MAX_PRODUCTS, MAX_VARIANTS
from .problems import NotAProductFile, RowError
from .products import ProductReader
from .records import Record, records

_MAX_ROWS = MAX_VARIANTS + MAX_IMAGES


class CsvProducts:
    """The products of a file, or the errors for which they are left out, in the order of the file; iterate once.

    `chunks` is the text in chunks of any size (an open file's lines, or `DecodedText`), line ends included;
    `exponent` is the number of decimals of the shop's currency. One row with an error leaves out its product, because a
    product without one of its variants would look as if the variant had been removed. `columns` are available once the
    first row was read.

    The rows of a product are adjacent. A handle that occurs again later is an error: the product was returned already,
    and the rows may be a second product that has the same handle by mistake.

    Memory holds one product, and a digest of every handle so far. At most `MAX_ERRORS` errors of one product are
    returned.
    """

    def __init__(self, chunks: Iterable[str], *, exponent: int) -> None:
        self.columns: tuple[str, ...] = ()
        self._chunks = chunks
        self._exponent = exponent

    def __iter__(self) -> Iterator[ProductDraft | RowError]:
        """Yield the products and errors.

        Raises:
            NotAProductFile: the file has no valid header, or cannot be read further.
        """
        rows = records(self._chunks)
        header = header_of(next(rows, None))
        self.columns = header.names
        reader = ProductReader(header.names, exponent=self._exponent)
        handles = Handles()
        for group in _groups(rows, header):
            if group.handle and not handles.is_new(group.handle):
                message = f"The product {group.handle[:80]!r} occurs further up; move its rows together"
                group.errors.insert(0, RowError(group.line, HANDLE, "handle_returns", message))
            product = group.errors or reader.product(group.rows)
            if isinstance(product, ProductDraft):
                yield product
            else:
                yield from product[:MAX_ERRORS]


def read(chunks: Iterable[str], *, exponent: int) -> Iterator[ProductDraft | RowError]:
    """Yield the products and errors of a file; see `CsvProducts`."""
    yield from CsvProducts(chunks, exponent=exponent)


@dataclass(slots=True)
class _Group:
    """The adjacent rows of one handle, up to the limits, and the errors of rows."""

    handle: str
    line: int
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    characters: int = 0
    is_full: bool = False

    def add(self, row: Row) -> None:
        """Add the row, unless the product exceeds the limits."""
        self.characters += sum(map(len, row.cells.values()))
        if len(self.rows) < _MAX_ROWS and self.characters <= MAX_PRODUCT_CHARACTERS:
            self.rows.append(row)
        elif not self.is_full:
            self.is_full = True
            message = f"The product {self.handle[:80]!r} has too many rows or too long texts; split or shorten it"
            self.refuse(RowError(row.line, None, "product_too_large", message))

    def refuse(self, error: RowError) -> None:
        """Add an error, up to the limit."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(error)


class Handles:
    """The handles so far, as digests of sixteen bytes, which do not collide in practice."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def is_new(self, handle: str) -> bool:
        """Return whether the handle is new, and add it."""
        if len(self._seen) >= MAX_PRODUCTS:
            raise NotAProductFile(
                f"The file has more than {MAX_PRODUCTS:,} products; split it", reason="too_many_products"
            )
        known_before = len(self._seen)
        self._seen.add(blake2b(handle.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        return len(self._seen) > known_before


def _groups(rows: Iterable[Record], header: Header) -> Iterator[_Group]:
    """Group adjacent rows of one handle; a row whose handle may be cut is an error of the group before it."""
    group = _Group("", line=0)
    for record in rows:
        row = header.row(record)
        if not row.cells and not any(map(str.strip, record.cells)):
            continue
        handle = row.cells.get(HANDLE, "").strip()
        if handle not in ("", group.handle) and not _may_be_cut(record, header):
            if group.handle or group.errors:
                yield group
            group = _Group(handle, line=record.line)
        error = _row_error(record, row, header)
        if error is None:
            group.add(row)
        else:
            group.refuse(error)
    if group.handle or group.errors:
        yield group


def _may_be_cut(record: Record, header: Header) -> bool:
    """Return whether the row ends with its handle, which may be incomplete then."""
    return len(record.cells) == header.names.index(HANDLE) + 1 < len(header.names)


def _row_error(record: Record, row: Row, header: Header) -> RowError | None:
    wanted = len(header.names)
    if len(record.cells) < wanted:
        message = f"The row has {len(record.cells)} cells and the header {wanted}; check whether the file is complete"
        return RowError(record.line, None, "row_too_short", message)
    if any(map(str.strip, record.cells[wanted:])):
        message = f"The row has {len(record.cells)} cells and the header {wanted}; check for a missing quote"
        return RowError(record.line, None, "row_too_long", message)
    if "" in row.cells:
        message = f"The cell {row.cells[''][:40]!r} is in a column without a name; name the column or remove the cell"
        return RowError(record.line, None, "cell_without_column", message)
    if HANDLE not in row.cells:
        return RowError(record.line, HANDLE, "handle_missing", "The row has no handle; enter the handle of its product")
    return None
