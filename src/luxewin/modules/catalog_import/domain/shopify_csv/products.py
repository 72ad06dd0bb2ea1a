"""From the rows of one handle to one product, or to everything that is wrong with them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from . import columns
from .cells import Cells
from .columns import GOOGLE_COLUMNS, GOOGLE_FIELDS, GOOGLE_PREFIX, OPTION_NAMES, OPTION_VALUES
from .drafts import (
    NO_OPTIONS_NAME,
    NO_OPTIONS_VALUE,
    ImageDraft,
    InventoryPolicy,
    ProductDraft,
    Status,
    VariantDraft,
    WeightUnit,
)
from .header import Row
from .limits import (
    LARGEST_COUNT,
    MAX_CELL_CHARACTERS,
    MAX_HANDLE_CHARACTERS,
    MAX_IMAGES,
    MAX_TAG_CHARACTERS,
    MAX_TAGS,
    MAX_VARIANTS,
)
from .problems import RowError

_STATUSES = {status.value: status for status in Status}
_UNITS: dict[str, WeightUnit | None] = {unit.value: unit for unit in WeightUnit}
_POLICIES = {
    "deny": InventoryPolicy.DENY,
    "continue": InventoryPolicy.CONTINUE,
    "false": InventoryPolicy.DENY,
    "true": InventoryPolicy.CONTINUE,
}
"""The newer template asks 'Continue selling when out of stock'; people answer with either pair of words."""


_GOOGLE = tuple((name, GOOGLE_PREFIX + name) for name in GOOGLE_FIELDS)


class ProductReader:
    """Reads the products of one file, whose columns and currency's exponent it knows."""

    def __init__(self, names: Iterable[str], *, exponent: int) -> None:
        self._exponent = exponent
        self._said = frozenset(names)
        # A cell left blank says no. A column that the file does not have says nothing, and goods usually are both.
        self._ships_if_blank = columns.SHIPPING not in self._said
        self._taxed_if_blank = columns.TAXABLE not in self._said

    def product(self, rows: Sequence[Row]) -> ProductDraft | list[RowError]:
        """Return the product that these rows of one handle describe, or all the reasons why they do not."""
        errors: list[RowError] = []
        first, *later = (Cells(row, exponent=self._exponent, errors=errors) for row in rows)
        for cells in (first, *later):
            _check_lengths(cells)
        for cells in later:
            _check_later_row(cells, first)
        about = partial(_about(first), said=self._said)
        options = _option_names(first)
        variants = self._variants([first, *filter(_is_variant, later)], options)
        images = [_image(cells, is_first=cells is first) for cells in (first, *later) if _is_image(cells)]
        _check_size(first, variants=len(variants), images=len(images))
        if errors:
            return sorted(errors, key=lambda error: error.line)
        sound = tuple(variant for variant in variants if variant is not None)
        if options == (NO_OPTIONS_NAME,) and [variant.options for variant in sound] == [(NO_OPTIONS_VALUE,)]:
            options, sound = (), (replace(sound[0], options=()),)
        return about(options=options, variants=sound, images=tuple(image for image in images if image is not None))

    def _variants(self, rows: Iterable[Cells], options: tuple[str, ...]) -> list[VariantDraft | None]:
        variants: list[VariantDraft | None] = []
        seen: set[tuple[str, ...]] = set()
        for cells in rows:
            values = _option_values(cells, options)
            if values in seen:
                said = " / ".join(values)
                cells.refuse(OPTION_VALUES[0], "variant_repeated", f"The variant {said[:80]!r} is there already")
            seen.add(values)
            variants.append(self._variant(cells, values, is_first=not variants))
        return variants

    def _variant(self, cells: Cells, values: tuple[str, ...], *, is_first: bool) -> VariantDraft | None:
        price_minor = cells.amount_minor(columns.PRICE)
        if not cells.says(columns.PRICE):
            cells.refuse(columns.PRICE, "price_missing", "The variant has no price; write 0 if it is free")
        draft = partial(
            VariantDraft,
            options=values,
            compare_at_minor=cells.amount_minor(columns.COMPARE_AT),
            cost_minor=cells.amount_minor(columns.COST),
            sku=cells.identifier(columns.SKU) or None,
            barcode=cells.identifier(columns.BARCODE),
            grams=cells.grams(columns.GRAMS),
            weight_unit=cells.word(columns.WEIGHT_UNIT, _UNITS, blank=None),
            inventory_tracker=cells.identifier(columns.TRACKER),
            quantity=cells.count(columns.QUANTITY, least=-LARGEST_COUNT),
            inventory_policy=cells.word(columns.POLICY, _POLICIES, blank=InventoryPolicy.DENY),
            fulfilment_service=cells.identifier(columns.FULFILMENT) or "manual",
            requires_shipping=cells.flag(columns.SHIPPING, blank=self._ships_if_blank),
            taxable=cells.flag(columns.TAXABLE, blank=self._taxed_if_blank),
            tax_code=cells.identifier(columns.TAX_CODE),
            image=cells.identifier(columns.VARIANT_IMAGE),
            extra=_unknown(cells, of_product=False) if is_first else _unplaced(cells),
        )
        return None if cells.refused or price_minor is None else draft(price_minor=price_minor)


def _about(first: Cells) -> partial[ProductDraft]:
    """Read what the first row says of the product itself; options, variants and images are still to be given."""
    handle = first.identifier(columns.HANDLE)
    if len(handle) > MAX_HANDLE_CHARACTERS:
        first.refuse(columns.HANDLE, "text_too_long", f"A handle has at most {MAX_HANDLE_CHARACTERS} characters")
    if not first.says(columns.TITLE):
        first.refuse(columns.TITLE, "title_missing", f"The product {handle[:80]!r} has no title on its first row")
    google = {name: text for name, column in _GOOGLE if (text := first.prose(column))}
    return partial(
        ProductDraft,
        handle=handle,
        title=first.prose(columns.TITLE),
        body_html=first.prose(columns.BODY),
        vendor=first.prose(columns.VENDOR),
        type=first.prose(columns.TYPE),
        tags=_tags(first),
        published=first.flag(columns.PUBLISHED, blank=True),
        status=first.word(columns.STATUS, _STATUSES, blank=Status.ACTIVE),
        gift_card=first.flag(columns.GIFT_CARD, blank=False),
        seo_title=first.prose(columns.SEO_TITLE),
        seo_description=first.prose(columns.SEO_DESCRIPTION),
        google=google,
        extra=_unknown(first, of_product=True),
        line=first.row.line,
    )


def _tags(first: Cells) -> tuple[str, ...]:
    trimmed = (tag.strip() for tag in first.prose(columns.TAGS).split(","))
    tags = tuple(dict.fromkeys(tag for tag in trimmed if tag))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG_CHARACTERS for tag in tags):
        first.refuse(
            columns.TAGS,
            "tags_too_many_or_long",
            f"A product has at most {MAX_TAGS} tags of at most {MAX_TAG_CHARACTERS} characters",
        )
    return tags


def _option_names(first: Cells) -> tuple[str, ...]:
    """Return the names of the options; a product that names none has the option that stands for having none."""
    written = [first.identifier(column) for column in OPTION_NAMES]
    names = tuple(name for name in written if name)
    if not names:
        return (NO_OPTIONS_NAME,)
    for column, name in zip(OPTION_NAMES, written[: len(names)], strict=False):
        if not name:
            first.refuse(column, "option_name_missing", "A later option has a name and this one has none")
    if len(set(names)) < len(names):
        first.refuse(OPTION_NAMES[0], "option_name_repeated", f"The options are all called {names[0][:80]!r}")
    return names


def _option_values(cells: Cells, options: tuple[str, ...]) -> tuple[str, ...]:
    values = [cells.identifier(column) for column in OPTION_VALUES]
    if not values[0] and options == (NO_OPTIONS_NAME,):
        values[0] = NO_OPTIONS_VALUE
    for place, value in enumerate(values):
        if place < len(options) and not value:
            message = f"The variant has no value for the option {options[place][:80]!r}"
            cells.refuse(OPTION_VALUES[place], "option_value_missing", message)
        if place >= len(options) and value:
            message = "There is a value for an option that has no name on the product's first row"
            cells.refuse(OPTION_VALUES[place], "option_name_missing", message)
    return tuple(values[: len(options)])


def _image(cells: Cells, *, is_first: bool) -> ImageDraft | None:
    draft = partial(
        ImageDraft,
        src=cells.identifier(columns.IMAGE_SRC),
        position=cells.count(columns.IMAGE_POSITION, least=1),
        alt=cells.prose(columns.IMAGE_ALT),
        extra={} if is_first or _is_variant(cells) else _unplaced(cells),
    )
    if not cells.says(columns.IMAGE_SRC):
        cells.refuse(columns.IMAGE_SRC, "image_address_missing", "The row has an image's position or text but no image")
    return None if cells.refused else draft()


def _check_lengths(cells: Cells) -> None:
    for column, text in cells.row.cells.items():
        if len(text) >= MAX_CELL_CHARACTERS:
            cells.refuse(column, "text_too_long", f"The text has {len(text):,} characters")


def _check_later_row(cells: Cells, first: Cells) -> None:
    """Let a later row repeat what the first row says of the product, or be silent, but not contradict it."""
    for column in columns.COLUMNS:
        if column in columns.PRODUCT_COLUMNS and cells.says(column):
            said = first.identifier(column)
            if cells.identifier(column) != said:
                cells.refuse(column, "contradiction", f"The first row of this product says {said[:40]!r} here")
    if not _is_variant(cells) and not _is_image(cells) and (unplaced := _unplaced(cells)):
        cells.refuse(next(iter(unplaced)), "row_without_meaning", "The row is neither a variant nor an image")


def _check_size(first: Cells, *, variants: int, images: int) -> None:
    if variants > MAX_VARIANTS or images > MAX_IMAGES:
        message = f"A product has at most {MAX_VARIANTS:,} variants and {MAX_IMAGES} images"
        first.refuse(None, "product_too_large", message)


def _is_variant(cells: Cells) -> bool:
    return not columns.VARIANT_COLUMNS.isdisjoint(cells.row.cells)


def _is_image(cells: Cells) -> bool:
    return not columns.IMAGE_COLUMNS.isdisjoint(cells.row.cells)


def _unknown(first: Cells, *, of_product: bool) -> dict[str, str]:
    """Return the unknown cells of a first row: those that describe the product, or the others."""
    return {
        name: text
        for name, text in first.row.cells.items()
        if columns.known_name(name) is None and columns.speaks_of_the_product(name) is of_product
    }


def _unplaced(cells: Cells) -> dict[str, str]:
    """Return the cells of a later row that only the row itself can keep: all unknown ones, and Google's."""
    return {
        name: text
        for name, text in cells.row.cells.items()
        if name in GOOGLE_COLUMNS or columns.known_name(name) is None
    }
