"""The cells of a product and of a variant in our format, made of the cells of another platform."""

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from luxewin.modules.catalog.public.values import is_image_address
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote, columns
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.words import is_false, is_true

from .preset import Preset

_WEIGHT = re.compile(r"(?:weight|gewicht|poids|peso|вес|waga) \((kg|g|lbs?|oz)\)")
_NUMBER = re.compile(r"-?[0-9]+(?:[.,]0*)?")
_OUT_OF_STOCK = frozenset({"outofstock", "out of stock"})


class VariantCells:
    """Makes cells in our format from rows of one file."""

    def __init__(self, preset: Preset, names: Sequence[str]) -> None:
        self._preset = preset
        self._weight, self._unit = preset.weight, preset.weight_unit
        for name in names:
            if measured := _WEIGHT.fullmatch(name):
                self._weight, self._unit = name, measured[1].rstrip("s")

    def of_product(self, row: Row, remarks: list[RowNote | RowError]) -> dict[str, str]:
        """Return the product's cells, without its handle and options."""
        preset = self._preset
        cells = {
            column: row.cells.get(name, "")
            for name, column in preset.copied.items()
            if column in columns.PRODUCT_COLUMNS
        }
        if preset.tags:
            texts = _listed(row, preset.tags.columns, preset.tags.separator)
            cells[columns.TAGS] = ", ".join(text.replace(",", " ") for text in texts)
        if preset.status and (word := row.cells.get(preset.status, "").strip().casefold().lstrip("'")):
            cells[columns.STATUS] = preset.statuses.get(word) or ("draft" if is_false(word) else "active")
        cells[columns.TYPE] = self._category(row, remarks)
        return cells

    def of_variant(self, row: Row, about: Row, remarks: list[RowNote | RowError], *, is_own: bool) -> dict[str, str]:
        """Return a variant's cells, without its options; `about` is the row of its product."""
        preset = self._preset
        cells = {
            column: row.cells.get(name, about.cells.get(name, "") if name in preset.inherited else "")
            for name, column in preset.copied.items()
            if column not in columns.PRODUCT_COLUMNS and (is_own or column != columns.SKU)
        }
        cells |= self._prices(row, about, remarks) | self._stock(row, is_own=is_own)
        cells |= self._weight_cells(row, about)
        if is_true(row.cells.get(preset.virtual, "")):
            cells["Variant Requires Shipping"] = "false"
        return cells

    def images(self, rows: Iterable[Row]) -> list[str]:
        """Return the addresses of the images of these rows, each once."""
        listed = self._preset.images
        if listed is None:
            return []
        found = (address for row in rows for address in _listed(row, listed.columns, listed.separator))
        base = self._preset.image_base
        return list(dict.fromkeys(a if not base or is_image_address(a) else base + a for a in found))

    def _category(self, row: Row, remarks: list[RowNote | RowError]) -> str:
        """Return the path of the deepest category; others are reported."""
        described = self._preset.categories
        if described is None:
            return ""
        listed = _listed(row, described.columns, described.separator)
        if described.are_levels:
            listed = [" > ".join(listed)] if listed else []
        paths = [split(text, described.path_separator)[described.has_root :] for text in listed]
        paths = [path for path in paths if path]
        if not paths:
            return ""
        deepest = max(paths, key=len)
        others = [path for path in paths if path != deepest[: len(path)]]
        if others:
            message = (
                f"A product has one category here, {'/'.join(deepest)!r}; it was not put into"
                f" {', '.join(repr('/'.join(path)) for path in others)[:400]}"
            )
            remarks.append(RowNote(row.line, described.columns[0], "categories_left_out", message))
        return " > ".join(deepest)

    def _prices(self, row: Row, about: Row, remarks: list[RowNote | RowError]) -> dict[str, str]:
        preset = self._preset
        price = row.cells.get(preset.price, "").strip()
        if preset.surcharge and row is not about:
            price = _sum(about.cells.get(preset.price, ""), row.cells.get(preset.surcharge, ""))
        price = price or about.cells.get(preset.price, "").strip()
        sale = row.cells.get(preset.sale, "").strip()
        if not _is_positive(sale) or (preset.sale_flag and not is_true(row.cells.get(preset.sale_flag, ""))):
            return {columns.PRICE: price}
        if any(row.cells.get(name) for name in preset.sale_dates):
            message = f"The price {sale[:40]!r} is valid for a time only; the regular price was taken"
            remarks.append(RowNote(row.line, preset.sale, "sale_left_out", message))
            return {columns.PRICE: price}
        return {columns.PRICE: sale, "Variant Compare At Price": price}

    def _stock(self, row: Row, *, is_own: bool) -> dict[str, str]:
        preset, cells = self._preset, row.cells
        quantity = cells.get(preset.quantity, "").strip().lstrip("'")
        tracked = cells.get(preset.is_tracked, "")
        if is_false(tracked):
            return {}
        stock = {}
        if quantity.casefold() in _OUT_OF_STOCK or (not quantity and is_false(cells.get(preset.in_stock, ""))):
            stock = {columns.TRACKER: "shopify", columns.QUANTITY: "0"}
        elif _NUMBER.fullmatch(quantity):
            stock = {columns.TRACKER: "shopify", columns.QUANTITY: quantity if is_own else ""}
        elif is_true(tracked):
            stock = {columns.TRACKER: "shopify"}
        if stock and (is_true(cells.get(preset.backorders, "")) or cells.get(preset.backorders) == "notify"):
            stock[columns.POLICY] = "continue"
        return stock

    def _weight_cells(self, row: Row, about: Row) -> dict[str, str]:
        weight = row.cells.get(self._weight, "").strip()
        weight = weight or (about.cells.get(self._weight, "").strip() if self._weight in self._preset.inherited else "")
        if not _is_positive(weight):
            return {}
        unit = row.cells.get(self._preset.weight_unit_column, self._unit).strip().casefold()
        return {columns.WEIGHT: f"{weight} {unit}", columns.WEIGHT_UNIT: unit.removesuffix("s")}


def option_values(preset: Preset, row: Row, about: Row) -> dict[str, str]:
    """Return the options of a variant's row by name; names that it leaves blank are those of its product."""
    options: dict[str, str] = {}
    for each in preset.options:
        names = split(row.cells.get(each.name, "") or about.cells.get(each.name, ""), r"\|")
        values = split(row.cells.get(each.value, ""), r"\|") if each.value_separator == "|" else []
        values = values or [row.cells.get(each.value, "").strip()]
        options |= {name: value for name, value in zip(names, values, strict=False) if name and value}
    return options


def split(text: str, separator: str) -> list[str]:
    """Return the texts between separators (a regular expression), without blank ones."""
    parts = re.split(separator, text) if separator else [text]
    return [part.strip() for part in parts if part.strip()]


def _listed(row: Row, names: Sequence[str], separator: str) -> list[str]:
    return [text for name in names for text in split(row.cells.get(name, ""), separator)]


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip().replace(",", ".") or "0")
    except InvalidOperation:
        return None


def _is_positive(text: str) -> bool:
    amount = _decimal(text)
    return amount is not None and amount.is_finite() and amount > 0


def _sum(price: str, surcharge: str) -> str:
    first, second = _decimal(price), _decimal(surcharge)
    return price if first is None or second is None else str(first + second)
