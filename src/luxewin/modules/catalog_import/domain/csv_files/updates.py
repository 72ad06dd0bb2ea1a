"""Files that only change values of existing variants: price lists, stock lists and inventory files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from luxewin.modules.catalog.public.values import NO_OPTIONS_VALUE, VARIANT_FIELDS, slug_of_handle, slugs_of_handle
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote
from luxewin.modules.catalog_import.domain.shopify_csv.cells import Cells
from luxewin.modules.catalog_import.domain.shopify_csv.codes import has_lost_digits, spelled
from luxewin.modules.catalog_import.domain.shopify_csv.columns import HANDLE, OPTION_VALUES, QUANTITY, SKU
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.limits import LARGEST_COUNT, MAX_PRODUCTS, MAX_VARIANTS
from luxewin.modules.catalog_import.domain.shopify_csv.problems import NotAProductFile

from .joining import join
from .layouts import LOCATION
from .sources import Source
from .surveys import Survey

_FIELDS = [each for each in VARIANT_FIELDS if each.name != "sku"]
_NOT_STOCKED = frozenset({"not stocked", "-", "n/a"})


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantUpdate:
    """New values of a variant, which is identified by its SKU or its options. `values` are by name of the field.

    `product` is the handle of its product; it is the slug if the product was found by the SKU.
    """

    line: int
    product: str
    sku: str | None
    options: tuple[str, ...]
    values: Mapping[str, Any]
    quantity: int | None
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductUpdate:
    """New values of variants of one product, by its handle; `line` is the first line with one of them."""

    handle: str
    line: int
    variants: tuple[VariantUpdate, ...]

    @property
    def slugs(self) -> tuple[str, ...]:
        """The slugs that the product may have, the best first."""
        return slugs_of_handle(self.handle)


class CsvUpdates:
    """The updates of a file, by product; iterate once.

    A product is identified by its handle, or by the SKU of its variant: `owners` are the slugs of the products by SKU,
    which have to be added for all `skus` before. Rows that identify no product are errors; nothing is created.
    """

    def __init__(self, source: Source, *, exponent: int, survey: Survey) -> None:
        assert survey.layout is not None
        self._source = source
        self._exponent = exponent
        self._survey = survey
        self._layout = survey.layout
        self.owners: dict[str, str] = {}

    @property
    def columns(self) -> tuple[str, ...]:
        """No columns are stored."""
        return ()

    def skus(self) -> Iterator[str]:
        """Yield the SKUs of rows without a handle."""
        for number, row in enumerate(self._rows()):
            if number >= MAX_PRODUCTS:
                raise NotAProductFile(
                    f"The file has more than {MAX_PRODUCTS:,} rows; split it", reason="too_many_products"
                )
            if HANDLE not in row.cells and SKU in row.cells:
                yield spelled(row.cells[SKU])

    def __iter__(self) -> Iterator[ProductUpdate | RowError | RowNote]:
        """Yield the updates and errors, product by product.

        Raises:
            NotAProductFile: the file cannot be read further.
        """
        key = ""
        variants: list[VariantUpdate] = []
        for slug, entry in join(self._entries()):
            if isinstance(entry, RowError):
                yield replace(entry, column=self._layout.name_in_file(entry.column))
                continue
            if variants and (slug != key or len(variants) == MAX_VARIANTS):
                yield _product(variants)
                variants = []
            key = slug
            variants.append(entry)
        if variants:
            yield _product(variants)

    def _rows(self) -> Iterator[Row]:
        records = self._source.records(self._survey.delimiter)
        next(records, None)
        for record in records:
            row = self._layout.row(record)
            if row.cells:
                yield row

    def _entries(self) -> Iterator[tuple[str, VariantUpdate | RowError]]:
        for row in self._rows():
            handle, sku = spelled(row.cells.get(HANDLE, "")), spelled(row.cells.get(SKU, ""))
            slug = slug_of_handle(handle) if handle else self.owners.get(sku)
            if slug is None:
                yield f"?{row.line}", _unknown(row, sku)
                continue
            for update in self._update(row, sku, handle or slug):
                yield slug, update

    def _update(self, row: Row, sku: str, product: str) -> list[VariantUpdate] | list[RowError]:
        errors: list[RowError] = []
        if "quantity" in row.cells.get(QUANTITY, "").casefold() or row.cells.get(QUANTITY, "").strip().casefold() in (
            _NOT_STOCKED
        ):
            row = Row(row.line, {name: cell for name, cell in row.cells.items() if name != QUANTITY})
        cells = Cells(row, exponent=self._exponent, errors=errors, decimal=self._survey.decimal)
        for name in (SKU, "Variant Barcode"):
            if has_lost_digits(row.cells.get(name, "")):
                message = (
                    f"{row.cells[name][:40]!r} is a number that a spreadsheet has shortened; enter all of its digits"
                )
                cells.refuse(name, "digits_lost", message)
        given = [
            each
            for each in _FIELDS
            if each.column in self._layout.given and (row.cells.get(each.column) or not each.is_required)
        ]
        update = VariantUpdate(
            line=row.line,
            product=product,
            sku=sku or None,
            options=tuple(
                value
                for column in OPTION_VALUES
                if (value := spelled(row.cells.get(column, ""))) and value != NO_OPTIONS_VALUE
            ),
            values={each.name: cells.value(each, is_given=True) for each in given if row.cells.get(each.column)},
            quantity=cells.count(QUANTITY, least=-LARGEST_COUNT),
            location=row.cells.get(LOCATION, "").strip(),
        )
        return errors or [update]


def _product(variants: Sequence[VariantUpdate]) -> ProductUpdate:
    return ProductUpdate(handle=variants[0].product, line=variants[0].line, variants=tuple(variants))


def _unknown(row: Row, sku: str) -> RowError:
    if not sku:
        return RowError(row.line, SKU, "sku_missing", "The row has neither a SKU nor a handle; enter one")
    message = (
        f"No product has the SKU {sku[:80]!r}; nothing is created from this file: correct it, or import the product"
    )
    return RowError(row.line, SKU, "sku_unknown", message)
