"""PrestaShop's products and their combinations, which it writes to two files, read as one table.

A combination refers to its product by the id or the reference, and becomes the row of a variant.
"""

import re
from collections.abc import Iterator, Sequence

from luxewin.modules.catalog_import.domain.presets import Platform, fold, preset_of
from luxewin.modules.catalog_import.domain.presets.prestashop import COMBINATION_COLUMNS, PRESTASHOP
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile
from luxewin.modules.catalog_import.domain.shopify_csv.header import written_names
from luxewin.modules.catalog_import.domain.shopify_csv.records import Record

from .sources import Source

_ATTRIBUTES = "attribute (name:type:position)*"
_VALUES = "value (value:position)*"
_NAMES = {
    "product id*": "product id",
    "cost price": "wholesale price",
    "image url": "image urls",
    "image urls (x,y,z...)": "image urls",
    "image urls (x;y;z...)": "image urls",
    "choose among product images by position (1,2,3...)": "image position",
}
"""The columns of combinations that have other names in other versions."""
_SHARED = {
    "reference": "reference #",
    "ean13": "ean13",
    "quantity": "quantity",
    "wholesale price": "cost",
    "image urls": "image urls (x;y;z...)",
}
"""The columns of combinations with the columns of products that hold the same."""
_SEPARATOR = re.compile(r":\d*\s*([,;])")
_POSITION = re.compile(r":\d*\Z")


def is_combinations(written: Sequence[str]) -> bool:
    """Return whether a file with these columns has PrestaShop's combinations."""
    return {_ATTRIBUTES, _VALUES} <= {fold(name) for name in written}


class CombinedSource:
    """PrestaShop's products and combinations as one table: first the products, then the combinations.

    The lines of the combinations are those of their own file.
    """

    def __init__(self, first: Source, second: Source) -> None:
        """Take the two files in any order.

        Raises:
            NotAProductFile: they are not products and combinations of PrestaShop.
        """
        headers = [_header(source) for source in (first, second)]
        if is_combinations(headers[0]):
            first, second = second, first
            headers.reverse()
        preset = preset_of(headers[0])
        if preset is None or preset.platform is not Platform.PRESTASHOP or not is_combinations(headers[1]):
            message = (
                "The archive has 2 files that do not belong together: only PrestaShop's products and combinations are"
                " sent in one archive; send other files one by one"
            )
            raise NotAProductFile(message, reason="archive", line=1)
        self._products, self._combinations = first, second
        own = {PRESTASHOP.name_of(name) for name in headers[0]}
        self._added = (*COMBINATION_COLUMNS, *(name for name in _SHARED.values() if name not in own))

    def separator(self) -> str | None:
        """Return the separator of the products' columns."""
        return self._products.separator()

    def records(self, delimiter: str) -> Iterator[Record]:
        """Yield the rows of both files, the header first."""
        products = self._products.records(delimiter)
        header = next(products, None)
        if header is None:
            return
        names = [*self._added, *(PRESTASHOP.name_of(name) for name in written_names(header))]
        shown = [name.capitalize() for name in self._added]
        yield Record(header.line, [*shown, *written_names(header)])
        for record in products:
            yield Record(record.line, [*("" for _ in self._added), *record.cells])
        combinations = self._combinations.records(self._combinations.separator() or delimiter)
        columns = [_NAMES.get(fold(name), fold(name)) for name in written_names(next(combinations))]
        for record in combinations:
            cells = _variant_cells(dict(zip(columns, record.cells, strict=False)))
            yield Record(record.line, [cells.get(name, "") for name in names])


def _header(source: Source) -> tuple[str, ...]:
    first = next(source.records(source.separator() or ","), None)
    return written_names(first) if first else ()


def _variant_cells(cells: dict[str, str]) -> dict[str, str]:
    """Return the cells of a variant's row for those of a combination."""
    names, values = _options(cells.get(_ATTRIBUTES, ""), cells.get(_VALUES, ""))
    identifier, reference = (cells.get(name, "").strip() for name in ("product id", "product reference"))
    described = {other: cells.get(name, "") for name, other in _SHARED.items()}
    if not described["cost"].strip("0., "):
        described["cost"] = ""  # 0 stands for the cost of the product
    kind, product, attribute, value, *impacts = COMBINATION_COLUMNS
    return {
        **described,
        kind: "combination",
        product: f"id:{identifier}" if identifier else f"sku:{reference}",
        attribute: "|".join(names),
        value: "|".join(values),
        **{name: cells.get(name, "") for name in impacts},
    }


def _options(attributes: str, values: str) -> tuple[list[str], list[str]]:
    """Return the names and values of options: `Colour:color:0, Size:select:1` and `Blue:0, S:1`."""
    separator = _SEPARATOR.search(attributes)
    split_at = separator[1] if separator else "\n"
    names = [each.partition(":")[0].strip() for each in attributes.split(split_at)]
    found = [_POSITION.sub("", each.strip()).strip() for each in values.split(split_at)]
    return [name.replace("|", "/") for name in names], [value.replace("|", "/") for value in found]
