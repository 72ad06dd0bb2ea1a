"""The translation of another platform's rows into rows of our format, product by product."""

import unicodedata
from collections.abc import Mapping, Sequence
from hashlib import sha256

from luxewin.modules.catalog.public.values import slug_of_handle
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote, columns
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_OPTIONS, MAX_VARIANTS

from .cells import VariantCells, option_values
from .preset import Preset
from .texts import split
from .variants import Options, Variant, combinations, with_listed_values, with_shared_stock


class Translator:
    """Translates the rows of one file; first every row is learnt, because variants may stand before their product."""

    def __init__(self, preset: Preset, names: Sequence[str], *, currency: str) -> None:
        self.preset = preset
        self._currency = currency
        self._noted: set[str] = set()
        self._cells = VariantCells(preset, names, currency=currency)
        self._links: dict[str, str] = {}
        self._child_options: dict[str, Options] = {}
        self._slugs: dict[str, str] = {}
        self._repeated: dict[str, str] = {}
        self._others: dict[str, list[str]] = {}
        self._above = ""

    @property
    def has_links(self) -> bool:
        """True if rows refer to each other, so that a variant may be apart from its product."""
        return bool(self.preset.parent or self.preset.child_options)

    def learn(self, row: Row) -> None:
        """Note which rows refer to this one, and whether its title was used before."""
        if self._is_variant(row):
            return
        key = self._own_key(row)
        if key is None:
            return
        if self.preset.parent:
            self._links.update((prefix + row.cells[name], key) for prefix, name in self.preset.ids if name in row.cells)
        for options in split(row.cells.get(self.preset.child_options, ""), r"\|"):
            named = _pairs(options)
            sku = named.pop("sku", "")
            self._links[f"sku:{sku}"] = key
            self._child_options[sku] = named
        self._learn_slug(row, key)

    def key(self, row: Row) -> str:
        """Return the key of the product that the row belongs to."""
        if self.preset.parent and self._is_variant(row):
            reference = row.cells.get(self.preset.parent, "").strip()
            reference = reference if ":" in reference else f"sku:{reference}"
            return self._links.get(reference, f"missing {reference}")
        own = self._own_key(row)
        if own is not None:
            self._above = self._links.get(own, own) if self.preset.child_options else own
        return self._above

    def translate(self, rows: Sequence[Row]) -> tuple[list[Row], list[RowNote | RowError]]:
        """Return the rows of a product in our format, and what could not be translated."""
        remarks: list[RowNote | RowError] = []
        rows = [self._completed(row) for row in rows if not row.cells.get(self.preset.translations)] or rows
        about = self._about(rows)
        kinds = self.preset.kinds
        if kinds and not kinds.left_out.isdisjoint(self._kinds(about)):
            message = f"A product of the kind {about.cells[kinds.column]!r} cannot be sold here; it was left out"
            return [], [RowNote(about.line, kinds.column, "product_left_out", message)]
        if self._is_variant(about):
            message = "The variant's product is not in the file; add its row, or import the variant as a product"
            return [], [RowError(about.line, self.preset.parent or None, "parent_missing", message)]
        variants, is_hidden = self._for_sale(about, self._variants(about, rows, remarks), remarks)
        variants = with_shared_stock(self.preset, about, variants, remarks)
        names = list(dict.fromkeys(name for variant in variants for name in variant.options))
        if len(names) > MAX_OPTIONS:
            message = f"The product has {len(names)} options; at most {MAX_OPTIONS} are allowed: merge some of them"
            return [], [RowError(about.line, None, "too_many_options", message)]
        if len(variants) > MAX_VARIANTS:
            message = f"The product has {len(variants):,} variants; at most {MAX_VARIANTS:,} are allowed"
            return [], [RowError(about.line, None, "product_too_large", message)]
        rows_of_cells = [self._variant_cells(variant, names, about, remarks) for variant in variants]
        self._note_assumptions(about, rows_of_cells, remarks)
        rows_of_cells[0] |= dict(zip(columns.OPTION_NAMES, names, strict=False)) | self._cells.of_product(
            about, remarks
        )
        if is_hidden:
            rows_of_cells[0][columns.STATUS] = "draft"
        lines = [variant.row.line for variant in variants]
        images = self._cells.images([about, *(variant.row for variant in variants)], remarks)
        for place, image in enumerate(images):
            if place == len(lines):
                lines.append(about.line)
                rows_of_cells.append({})
            rows_of_cells[place] |= {columns.IMAGE_SRC: image, columns.IMAGE_POSITION: str(place + 1)}
        handle = {columns.HANDLE: self._handle(about)}
        return [_row(line, handle | cells) for line, cells in zip(lines, rows_of_cells, strict=True)], remarks

    def _completed(self, row: Row) -> Row:
        """Return the row without white space around its cells, and with what is used instead of blank ones."""
        cells = {name: cell.strip() for name, cell in row.cells.items()}
        instead = {
            name: cells[other] for name, other in self.preset.fallbacks.items() if name not in cells and other in cells
        }
        return Row(row.line, cells | instead)

    def _for_sale(
        self, about: Row, variants: list[Variant], remarks: list[RowNote | RowError]
    ) -> tuple[list[Variant], bool]:
        """Return the variants that are for sale; if none is, all of them, and True."""
        hidden = [each for each in variants if self._cells.is_hidden(each.row, about)]
        if not hidden or len(hidden) == len(variants):
            return variants, bool(hidden)
        named = ", ".join(" / ".join(each.options.values()) for each in hidden)[:200]
        message = f"Variants that are not for sale were left out: {named}"
        remarks.append(RowNote(hidden[0].row.line, self.preset.status, "variants_left_out", message))
        return [each for each in variants if each not in hidden], False

    def _variant_cells(
        self, variant: Variant, names: Sequence[str], about: Row, remarks: list[RowNote | RowError]
    ) -> dict[str, str]:
        values = [variant.options.get(name, "") for name in names]
        cells = self._cells.of_variant(variant.row, about, remarks, is_own=variant.own)
        return cells | dict(zip(columns.OPTION_VALUES, values, strict=False))

    def _note_assumptions(
        self, about: Row, rows_of_cells: Sequence[Mapping[str, str]], remarks: list[RowNote | RowError]
    ) -> None:
        """Note the first product with prices in another currency than the shop's, and with weights without a unit."""
        currency = about.cells.get(self.preset.currency, "").strip().upper()
        if currency and currency != self._currency:
            message = (
                f"The prices are in {currency[:10]!r}, and the shop sells in {self._currency}: the numbers were taken"
                f" as they are. Convert them first if they are not meant to be {self._currency}"
            )
            self._note_once(RowNote(about.line, self.preset.currency, "currency_differs", message), remarks)
        if self._cells.assumes_unit and any(cells.get(columns.WEIGHT) for cells in rows_of_cells):
            message = (
                "The file does not name the unit of its weights: they were read as kg. Name another by weight_unit"
            )
            self._note_once(RowNote(about.line, self.preset.weight, "weight_unit_assumed", message), remarks)

    def _note_once(self, note: RowNote, remarks: list[RowNote | RowError]) -> None:
        if note.code not in self._noted:
            self._noted.add(note.code)
            remarks.append(note)

    def _about(self, rows: Sequence[Row]) -> Row:
        """Return the row of the product itself: the first one that is not a variant's and has a title."""
        own = [row for row in rows if not self._is_variant(row) and not self._is_child(row)]
        titled = [row for row in own if self.preset.title in row.cells]
        return next(iter(titled or own or rows))

    def _variants(self, about: Row, rows: Sequence[Row], remarks: list[RowNote | RowError]) -> list[Variant]:
        children = [row for row in rows if row is not about]
        if not (self.preset.kinds and self.preset.kinds.variants) and self._options(about, about):
            children = [about, *children]
        variants = [Variant(row, self._options(row, about)) for row in children]
        if self.preset.parent:
            return with_listed_values(self.preset, about, variants, remarks) or [Variant(about, {})]
        if not variants and not self.preset.child_options:
            variants = combinations(self.preset, about, remarks)
        return variants or [Variant(about, {})]

    def _options(self, row: Row, about: Row) -> Options:
        if self.preset.child_options:
            labels = _pairs(about.cells.get(self.preset.option_labels, ""))
            found = self._child_options.get(row.cells.get("sku", ""), {})
            return {labels.get(name, name): value for name, value in found.items()}
        if row is about and any(each.value_separator not in {"", "|"} for each in self.preset.options):
            return {}
        return option_values(self.preset, row, about)

    def _is_variant(self, row: Row) -> bool:
        kinds = self.preset.kinds
        return kinds is not None and not kinds.variants.isdisjoint(self._kinds(row))

    def _kinds(self, row: Row) -> list[str]:
        """Return the words for the kind of a row, such as `variation` and `virtual`."""
        return split(row.cells.get(self.preset.kinds.column, "").casefold(), ",") if self.preset.kinds else []

    def _is_child(self, row: Row) -> bool:
        return row.cells.get("sku", "") in self._child_options

    def _own_key(self, row: Row) -> str | None:
        """Return the key of the product that the row describes itself; None if it belongs to the one above it."""
        for prefix, name in self.preset.ids:
            if name in row.cells:
                return prefix + row.cells[name].strip()
        return f"line:{row.line}" if self.preset.title in row.cells or self.has_links else None

    def _learn_slug(self, row: Row, key: str) -> None:
        slug = slug_of_handle(self._plain_handle(row))
        if row.cells.get(self.preset.title) and self._slugs.setdefault(slug, key) != key and key not in self._repeated:
            self._repeated[key] = str(len(self._repeated) + 2)
            self._others.setdefault(slug, []).append(key)

    def _handle(self, about: Row) -> str:
        plain, key = self._plain_handle(about), self._own_key(about) or ""
        if key not in self._repeated or key == self._first_with(slug_of_handle(plain)):
            return plain
        mark = self._repeated[key] if key.startswith("line:") else key.partition(":")[2]
        return f"{slug_of_handle(plain)}-{slug_of_handle(mark)}"

    def _first_with(self, slug: str) -> str:
        """Return the key of the first product with this handle; the products that became variants do not count."""
        first, others = self._slugs.get(slug, ""), iter(self._others.get(slug, ()))
        while self._links.get(first, first) != first:
            first = next(others, "")
        self._slugs[slug] = first
        return first

    def _plain_handle(self, row: Row) -> str:
        """Return the product's own handle, or one made of its title if the title is in Latin letters."""
        for name in self.preset.handles:
            if given := row.cells.get(name, "").strip("/ "):
                return given
        title = row.cells.get(self.preset.title, "").strip()
        if not title or _is_latin(title):
            return slug_of_handle(title[:_LONGEST_TITLE]) if title else ""
        return f"product-{sha256(title.encode()).hexdigest()[:_TITLE_DIGITS]}"


_LONGEST_TITLE = 200
_TITLE_DIGITS = 12


def _pairs(text: str) -> dict[str, str]:
    """Return the names and values of a text such as `colour=Red,size=S`."""
    return dict(pair.split("=", 1) for pair in split(text, ",") if "=" in pair)


def _is_latin(title: str) -> bool:
    letters = [letter for letter in title if letter.isalpha()]
    return all("LATIN" in unicodedata.name(letter, "") for letter in letters)


def _row(line: int, cells: Mapping[str, str]) -> Row:
    return Row(line, {name: cell for name, cell in cells.items() if cell and not cell.isspace()})
