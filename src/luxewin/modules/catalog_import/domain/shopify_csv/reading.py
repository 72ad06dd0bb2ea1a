"""Reading a product file: a stream of products, each whole, and of errors for those that are left out."""

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


class ProductSheet:
    """Each product of a file, or the errors because of which it is left out, in the order of the file; iterate once.

    `pieces` is the text in pieces of any size (an open file's lines, or `DecodedText`), line ends included;
    `exponent` is the number of decimals of the shop's currency. A product comes out whole or not at all: one faulty
    row, or one that cannot be told to belong elsewhere, leaves out its product, since a product without one of its
    variants would look as if the variant had been taken away. `columns` are known once the first row was read.

    The rows of a product stand together. A handle that comes back later is an error: by then the product is out, and
    the rows may as well be a second product that got the same handle by mistake.

    Held in memory: one product, and a digest of every handle so far. Of one product at most `MAX_ERRORS` errors are
    told; who has mended those will find the others.
    """

    def __init__(self, pieces: Iterable[str], *, exponent: int) -> None:
        self.columns: tuple[str, ...] = ()
        self._pieces = pieces
        self._exponent = exponent

    def __iter__(self) -> Iterator[ProductDraft | RowError]:
        """Read on.

        Raises:
            NotAProductFile: the file has no proper header, or cannot be read further; the product begun is left out.
        """
        rows = records(self._pieces)
        header = header_of(next(rows, None))
        self.columns = header.names
        reader = ProductReader(header.names, exponent=self._exponent)
        handles = Handles()
        for group in _groups(rows, header):
            if group.handle and not handles.is_new(group.handle):
                message = f"The product {group.handle[:80]!r} was above already; its rows must stand together"
                group.errors.insert(0, RowError(group.line, HANDLE, "handle_returns", message))
            product = group.errors or reader.product(group.rows)
            if isinstance(product, ProductDraft):
                yield product
            else:
                yield from product[:MAX_ERRORS]


def read(pieces: Iterable[str], *, exponent: int) -> Iterator[ProductDraft | RowError]:
    """Yield what a `ProductSheet` holds."""
    yield from ProductSheet(pieces, exponent=exponent)


@dataclass(slots=True)
class _Group:
    """The adjacent rows of one handle, as far as they can be kept, and what is wrong with them as rows."""

    handle: str
    line: int
    rows: list[Row] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)
    characters: int = 0
    is_full: bool = False

    def add(self, row: Row) -> None:
        """Keep the row, unless the product has grown beyond every limit."""
        self.characters += sum(map(len, row.cells.values()))
        if len(self.rows) < _MAX_ROWS and self.characters <= MAX_PRODUCT_CHARACTERS:
            self.rows.append(row)
        elif not self.is_full:
            self.is_full = True
            message = f"The product {self.handle[:80]!r} has too many rows"
            self.refuse(RowError(row.line, None, "product_too_large", message))

    def refuse(self, error: RowError) -> None:
        """Note what is wrong; more than is told need not be remembered."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(error)


class Handles:
    """Remembers handles by digests of sixteen bytes: two handles that share one do not occur."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()

    def is_new(self, handle: str) -> bool:
        """Tell whether the handle was not asked for before, and remember it."""
        if len(self._seen) >= MAX_PRODUCTS:
            raise NotAProductFile(
                f"The file has more than {MAX_PRODUCTS:,} products; split it", reason="too_many_products"
            )
        known_before = len(self._seen)
        self._seen.add(blake2b(handle.encode("utf-8", "surrogatepass"), digest_size=16).digest())
        return len(self._seen) > known_before


def _groups(rows: Iterable[Record], header: Header) -> Iterator[_Group]:
    """Gather adjacent rows of one handle; a row whose handle cannot be relied upon spoils the group it stands in."""
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
    """Tell whether the row ends with its handle, of which more may be missing than what follows."""
    return len(record.cells) == header.names.index(HANDLE) + 1 < len(header.names)


def _row_error(record: Record, row: Row, header: Header) -> RowError | None:
    wanted = len(header.names)
    if len(record.cells) < wanted:
        message = f"The row has {len(record.cells)} cells and the header {wanted}; was the file cut?"
        return RowError(record.line, None, "row_too_short", message)
    if any(map(str.strip, record.cells[wanted:])):
        message = f"The row has {len(record.cells)} cells and the header {wanted}; is a quote missing?"
        return RowError(record.line, None, "row_too_long", message)
    if "" in row.cells:
        message = f"There is {row.cells[''][:40]!r} in a column that has no name"
        return RowError(record.line, None, "cell_without_column", message)
    if HANDLE not in row.cells:
        return RowError(record.line, HANDLE, "handle_missing", "The row does not say to which product it belongs")
    return None
