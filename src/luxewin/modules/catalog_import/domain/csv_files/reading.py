"""Reading a CSV file as a stream of products, with notes, and errors for products that are left out."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote
from luxewin.modules.catalog_import.domain.shopify_csv.columns import HANDLE
from luxewin.modules.catalog_import.domain.shopify_csv.handles import Handles
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_ERRORS
from luxewin.modules.catalog_import.domain.shopify_csv.products import ProductReader

from .grouping import Group, groups
from .layouts import Layout, layout_of
from .sources import Source, TextSource
from .surveys import Survey


class CsvProducts:
    """The products of a file, or the errors for which they are left out, in the order of the file; iterate once.

    `exponent` is the number of decimals of the shop's currency. One row with an error leaves out its product, because a
    product without one of its variants would look as if the variant had been removed. `columns` are available once the
    first row was read.

    The `survey` of the file tells how to read it; without one it is read as Shopify's export. The rows of a product are
    joined if the survey found them apart; otherwise a handle that occurs again later is an error: the product was
    returned already.

    Memory holds one product, and a digest of every handle so far. At most `MAX_ERRORS` errors of one product are
    returned.
    """

    def __init__(self, source: Source, *, exponent: int, survey: Survey | None = None) -> None:
        self.columns: tuple[str, ...] = ()
        self._source = source
        self._exponent = exponent
        self._survey = survey or Survey()

    def __iter__(self) -> Iterator[ProductDraft | RowError | RowNote]:
        """Yield the products, notes and errors.

        Raises:
            NotAProductFile: the file has no valid header, or cannot be read further.
        """
        rows = self._source.records(self._survey.delimiter)
        first = next(rows, None)
        layout = self._survey.layout or layout_of(first)
        self.columns = tuple(sorted(layout.given)) if layout.translator else layout.stored_names
        reader = ProductReader(layout.given, exponent=self._exponent, decimal=self._survey.decimal)
        handles = Handles()
        for group in groups(rows, layout, is_grouped=self._survey.is_grouped):
            for item in _product(group, layout, reader, handles):
                if isinstance(item, ProductDraft):
                    yield item
                else:
                    yield replace(item, column=layout.name_in_file(item.column))


def read(chunks: Iterable[str], *, exponent: int) -> Iterator[ProductDraft | RowError]:
    """Yield the products and errors of a text in Shopify's format, in chunks of any size; see `CsvProducts`."""
    for item in CsvProducts(TextSource(chunks), exponent=exponent):
        if not isinstance(item, RowNote):
            yield item


def _product(
    group: Group, layout: Layout, reader: ProductReader, handles: Handles
) -> Iterator[ProductDraft | RowError | RowNote]:
    rows: list[Row] = group.rows
    remarks: list[RowNote | RowError] = list(group.errors)
    if layout.translator is not None and rows and not remarks:
        rows, remarks = layout.translator.translate(rows)
    handle = rows[0].cells.get(HANDLE, "").strip() if rows else group.key
    if handle and not handles.is_new(handle):
        message = f"The product {handle[:80]!r} occurs further up; move its rows together"
        remarks.insert(0, RowError(group.line, HANDLE, "handle_returns", message))
    if any(isinstance(each, RowError) for each in remarks) or not rows:
        yield from remarks[:MAX_ERRORS]
        return
    yield from remarks
    if len(group.pieces) > 1 and layout.translator is None:
        lines = ", ".join(map(str, group.pieces))
        message = f"The rows of {handle[:80]!r} are not adjacent (they begin on the lines {lines}); they were joined"
        yield RowNote(group.line, HANDLE, "rows_joined", message)
    product = reader.product(rows)
    if isinstance(product, ProductDraft):
        yield product
    else:
        yield from product[:MAX_ERRORS]
