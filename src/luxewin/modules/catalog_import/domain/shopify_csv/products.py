"""From the rows of one handle to one product, or to everything that is wrong with them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from luxewin.modules.catalog.public.values import NO_OPTIONS_NAME, NO_OPTIONS_VALUE, PRODUCT_FIELDS, VARIANT_FIELDS

from . import columns
from .cells import Cells
from .columns import GOOGLE_COLUMNS, GOOGLE_FIELDS, GOOGLE_PREFIX, OPTION_NAMES, OPTION_VALUES
from .drafts import (
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
        self._given = frozenset(names)

    def product(self, rows: Sequence[Row]) -> ProductDraft | list[RowError]:
        """Return the product that these rows of one handle describe, or all the reasons why they do not."""
        errors: list[RowError] = []
        first, *later = (Cells(row, exponent=self._exponent, errors=errors) for row in rows)
        for cells in (first, *later):
            _check_lengths(cells)
        for cells in later:
            _check_later_row(cells, first)
        about = partial(_about(first), given_columns=self._given)
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
        if not cells.says(columns.PRICE):
            cells.refuse(columns.PRICE, "price_missing", "The variant has no price; write 0 if it is free")
        draft = partial(
            VariantDraft,
            options=values,
            weight_unit=cells.word(columns.WEIGHT_UNIT, _UNITS, blank=None),
            inventory_tracker=cells.identifier(columns.TRACKER),
            quantity=cells.count(columns.QUANTITY, least=-LARGEST_COUNT),
            inventory_policy=cells.word(columns.POLICY, _POLICIES, blank=InventoryPolicy.DENY),
            fulfilment_service=cells.identifier(columns.FULFILMENT) or "manual",
            extra=_unknown(cells, of_product=False) if is_first else _unplaced(cells),
            **{field.name: cells.value(field, is_given=field.column in self._given) for field in VARIANT_FIELDS},
        )
        return None if cells.refused else draft()


def _about(first: Cells) -> partial[ProductDraft]:
    """Read what the first row says of the product itself; options, variants and images are still to be given."""
    handle = first.identifier(columns.HANDLE)
    if len(handle) > MAX_HANDLE_CHARACTERS:
        first.refuse(columns.HANDLE, "text_too_long", f"A handle has at most {MAX_HANDLE_CHARACTERS} characters")
    if not first.says(columns.TITLE):
        first.refuse(columns.TITLE, "title_missing", f"The product {handle[:80]!r} has no title on its first row")
    fields = {field.name: first.value(field, is_given=True) for field in PRODUCT_FIELDS}
    google = {name: text for name, column in _GOOGLE if (text := first.prose(column))}
    return partial(
        ProductDraft,
        handle=handle,
        vendor=first.prose(columns.VENDOR),
        type=first.prose(columns.TYPE),
        published=first.flag(columns.PUBLISHED, blank=True),
        status=first.word(columns.STATUS, _STATUSES, blank=Status.ACTIVE),
        gift_card=first.flag(columns.GIFT_CARD, blank=False),
        seo_title=first.prose(columns.SEO_TITLE),
        seo_description=first.prose(columns.SEO_DESCRIPTION),
        google=google,
        extra=_unknown(first, of_product=True),
        line=first.row.line,
        **fields,
    )


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
        if columns.known_name(name) is None and columns.describes_the_product(name) is of_product
    }


def _unplaced(cells: Cells) -> dict[str, str]:
    """Return the cells of a later row that only the row itself can keep: all unknown ones, and Google's."""
    return {
        name: text
        for name, text in cells.row.cells.items()
        if name in GOOGLE_COLUMNS or columns.known_name(name) is None
    }
