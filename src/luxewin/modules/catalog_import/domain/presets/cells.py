"""The cells of a product and of a variant in our format, made of the cells of another platform."""

import re
from collections.abc import Iterable, Sequence

from luxewin.kit.money import EXPONENTS
from luxewin.modules.catalog.public.values import is_image_address
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote, columns
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.words import is_false, is_true

from .preset import Preset
from .prices import price_cells
from .texts import ESCAPED_COMMA, added, full_address, is_positive, listed, split, unescaped_lines
from .variants import without_code

_WEIGHT = re.compile(r"(?:weight|gewicht|poids|peso|вес|waga) \((kg|g|lbs?|oz)\)")
_NUMBER = re.compile(r"-?[0-9]+(?:[.,]0*)?")
_OUT_OF_STOCK = frozenset({"outofstock", "out of stock"})
_DEFAULT_EXPONENT = 2
_DEFAULT_UNIT = "kg"
_ACTIVE, _DRAFT = "active", "draft"


class VariantCells:
    """Makes cells in our format from rows of one file, whose prices are in `currency`."""

    def __init__(self, preset: Preset, names: Sequence[str], *, currency: str) -> None:
        self._preset = preset
        self._exponent = EXPONENTS.get(currency, _DEFAULT_EXPONENT)
        self._weight, self._unit = weight_column(preset, names)
        self.assumes_unit = not (self._unit or preset.weight_unit_column)

    def of_product(self, row: Row, remarks: list[RowNote | RowError]) -> dict[str, str]:
        """Return the product's cells, without its handle and options."""
        preset = self._preset
        cells = {
            column: row.cells.get(name, "")
            for name, column in preset.copied.items()
            if column in columns.PRODUCT_COLUMNS
        }
        if preset.escapes_lines:
            cells[columns.BODY] = unescaped_lines(cells.get(columns.BODY, ""))
        if preset.tags:
            texts = listed(row, preset.tags.columns, preset.tags.separator)
            cells[columns.TAGS] = ", ".join(" ".join(text.replace(",", " ").split()) for text in texts)
        cells[columns.STATUS] = self.status_of(row)
        cells[columns.TYPE] = self._category(row, remarks)
        return cells

    def status_of(self, row: Row) -> str:
        """Return the status in the row of a product or of a variant; blank if it has none."""
        word = row.cells.get(self._preset.status, "").strip().casefold().lstrip("'")
        if not word:
            return ""
        return self._preset.statuses.get(word) or (_DRAFT if is_false(word) else _ACTIVE)

    def is_hidden(self, row: Row, about: Row) -> bool:
        """Return whether a variant is not for sale although its product is."""
        return row is not about and self.status_of(row) == _DRAFT and self.status_of(about) in {_ACTIVE, ""}

    def of_variant(self, row: Row, about: Row, remarks: list[RowNote | RowError], *, is_own: bool) -> dict[str, str]:
        """Return a variant's cells, without its options; `about` is the row of its product."""
        preset = self._preset
        cells = {
            column: row.cells.get(name, about.cells.get(name, "") if name in preset.inherited else "")
            for name, column in preset.copied.items()
            if column not in columns.PRODUCT_COLUMNS and (is_own or column != columns.SKU)
        }
        if country := cells.get(columns.COUNTRY):
            cells[columns.COUNTRY] = country.upper()
        if preset.variant_images and row is not about:
            cells[columns.VARIANT_IMAGE] = self._own_image(row, about)
        cells |= price_cells(preset, row, about, remarks, exponent=self._exponent)
        cells |= self._stock(row, about, is_own=is_own) | self._weight_cells(row, about)
        return cells | self._flags(row, about)

    def images(self, rows: Iterable[Row], remarks: list[RowNote | RowError]) -> list[str]:
        """Return the addresses of the images of these rows, each once; file names without an address are noted."""
        described = self._preset.images
        if described is None:
            return []
        found: dict[str, int] = {}
        for row in rows:
            for address in listed(row, described.columns, described.separator):
                found.setdefault(address, row.line)
        addresses = {each: full_address(each, self._preset.image_base) for each in found}
        usable = [each for each, address in addresses.items() if is_image_address(address) and address[0] != "/"]
        if unusable := [each for each in found if each not in usable]:
            without = "this image" if len(unusable) == 1 else f"{len(unusable):,} such images"
            message = (
                f"{unusable[0][:80]!r} is not an http or https address; the product was imported without {without}."
                " Name the address in front with image_base"
            )
            remarks.append(RowNote(found[unusable[0]], described.columns[0], "images_left_out", message))
        return [addresses[each] for each in usable]

    def _own_image(self, row: Row, about: Row) -> str:
        """Return the image in the row of a variant, or the product's image at the position that the row names."""
        if own := self.images([row], []):
            return own[0]
        first, *_ = row.cells.get(self._preset.image_position, "").split(",")
        of_product = self.images([about], []) if first.strip().isdecimal() else []
        return of_product[int(first) - 1] if 0 < int(first or 0) <= len(of_product) else ""

    def _category(self, row: Row, remarks: list[RowNote | RowError]) -> str:
        """Return the path of the deepest category; others are reported."""
        described = self._preset.categories
        if described is None:
            return ""
        texts = listed(row, described.columns, described.separator)
        if described.are_levels:
            texts = [" > ".join(texts)] if texts else []
        paths = [split(text, described.path_separator)[described.has_root :] for text in texts]
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

    def _stock(self, row: Row, about: Row, *, is_own: bool) -> dict[str, str]:
        preset, cells = self._preset, row.cells
        quantity = cells.get(preset.quantity, "").strip().lstrip("'")
        tracked = self._own_setting(row, preset.is_tracked)
        if is_false(tracked):
            return {}
        stock = {}
        if quantity.casefold() in _OUT_OF_STOCK or (not quantity and is_false(cells.get(preset.in_stock, ""))):
            stock = {columns.TRACKER: "shopify", columns.QUANTITY: "0"}
        elif _NUMBER.fullmatch(quantity):
            stock = {columns.TRACKER: "shopify", columns.QUANTITY: quantity if is_own else ""}
        elif is_true(tracked):
            stock = {columns.TRACKER: "shopify"}
        inherits = preset.backorders in preset.inherited and preset.backorders not in row.cells
        backorders = self._own_setting(about if inherits else row, preset.backorders)
        if stock and (is_true(backorders) or backorders.strip().casefold() in preset.backorder_words):
            stock[columns.POLICY] = "continue"
        return stock

    def _own_setting(self, row: Row, name: str) -> str:
        """Return the cell of a setting; blank if another column says that the shop's default is used instead."""
        uses_default = is_true(row.cells.get(self._preset.uses_default.get(name, ""), ""))
        return "" if uses_default else row.cells.get(name, "")

    def _flags(self, row: Row, about: Row) -> dict[str, str]:
        """Return whether the variant is shipped and taxed; a blank cell of ours would mean that it is not."""
        preset, flags = self._preset, {}
        if preset.virtual:
            cell = row.cells.get(preset.virtual, "") or about.cells.get(preset.virtual, "")
            words = preset.virtual_words
            is_virtual = not words.isdisjoint(split(cell.casefold(), ",")) if words else is_true(cell)
            flags[columns.REQUIRES_SHIPPING] = "false" if is_virtual else "true"
        if preset.tax:
            cell = row.cells.get(preset.tax, "") or about.cells.get(preset.tax, "")
            flags[columns.TAXABLE] = "false" if cell.strip().casefold() in preset.untaxed else "true"
        return flags

    def _weight_cells(self, row: Row, about: Row) -> dict[str, str]:
        weight = row.cells.get(self._weight, "").strip()
        if not weight and self._preset.weight in self._preset.inherited:
            weight = about.cells.get(self._weight, "").strip()
        if self._preset.weight_surcharge and row is not about:
            weight = added(weight, row.cells.get(self._preset.weight_surcharge, ""))
        if not is_positive(weight):
            return {}
        unit = self._preset.chosen_weight_unit or row.cells.get(self._preset.weight_unit_column, "") or self._unit
        unit = unit.strip().casefold() or _DEFAULT_UNIT
        return {columns.WEIGHT: f"{weight} {unit}", columns.WEIGHT_UNIT: unit.removesuffix("s")}


def weight_column(preset: Preset, names: Sequence[str]) -> tuple[str, str]:
    """Return the column of the weight in a file with these columns, and its unit, blank if the file does not tell."""
    measured = ((name, found[1].rstrip("s")) for name in names if (found := _WEIGHT.fullmatch(name)))
    name, unit = next(measured, (preset.weight, preset.weight_unit))
    return name, preset.chosen_weight_unit or unit


def option_values(preset: Preset, row: Row, about: Row) -> dict[str, str]:
    """Return the options of a variant's row by name; names that it leaves blank are those of its product."""
    options: dict[str, str] = {}
    for each in preset.options:
        names = split(row.cells.get(each.name, "") or about.cells.get(each.name, ""), r"\|")
        cell = row.cells.get(each.value, "").strip()
        values = split(cell, r"\|") if each.value_separator == "|" else []
        values = values or [cell.replace("\\,", ",") if each.value_separator == ESCAPED_COMMA else cell]
        values = [without_code(preset, value) for value in values]
        options |= {name: value for name, value in zip(names, values, strict=False) if name and value}
    return options
