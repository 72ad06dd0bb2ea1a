"""Product files of other platforms made of rows, and what is read from them."""

import csv
import io
from collections.abc import Mapping, Sequence

from luxewin.modules.catalog_import.domain.csv_files import ReadingOptions
from luxewin.modules.catalog_import.domain.imports import ImportFormat, Item
from luxewin.modules.catalog_import.domain.product_files import ProductFile
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote

Cells = Mapping[str, str]


def sheet(*rows: Cells, delimiter: str = ",") -> bytes:
    """Return a CSV file with all columns of the rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def opened(file: bytes, options: ReadingOptions | None = None) -> ProductFile:
    return ProductFile([file], ImportFormat.SHOPIFY_CSV, currency="USD", options=options)


def read(file: bytes, options: ReadingOptions | None = None) -> list[Item]:
    return list(opened(file, options))


def products(items: Sequence[Item]) -> list[ProductDraft]:
    assert [item for item in items if isinstance(item, RowError)] == []
    return [item for item in items if isinstance(item, ProductDraft)]


def codes(items: Sequence[Item]) -> list[tuple[int, str]]:
    return [(item.line, item.code) for item in items if isinstance(item, RowNote | RowError)]


def prices(product: ProductDraft) -> list[tuple[tuple[str, ...], int, int | None, int | None]]:
    """Return the options, price, compare-at price and quantity of each variant."""
    return [(each.options, each.price_minor, each.compare_at_minor, each.quantity) for each in product.variants]
