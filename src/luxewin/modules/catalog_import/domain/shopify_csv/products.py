"""Reading the rows of one handle as a product, or as all their errors."""

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
from .words import TRUTHS

_STATUSES = {status.value: status for status in Status}
_UNITS: dict[str, WeightUnit | None] = {**{unit.value: unit for unit in WeightUnit}, "lbs": WeightUnit.LB}
_POLICIES = {
    "deny": InventoryPolicy.DENY,
    "continue": InventoryPolicy.CONTINUE,
    **{word: InventoryPolicy.CONTINUE if truth else InventoryPolicy.DENY for word, truth in TRUTHS.items()},
}
"""The newer template has the column 'Continue selling when out of stock', with either pair of words."""


_GOOGLE = tuple((name, GOOGLE_PREFIX + name) for name in GOOGLE_FIELDS)


class ProductReader:
    """Reads the products of one file, from its columns, the exponent of its currency and its decimal character."""

    def __init__(self, names: Iterable[str], *, exponent: int, decimal: str = ".") -> None:
        self._exponent = exponent
        self._decimal = decimal
        self._given = frozenset(names)

    def product(self, rows: Sequence[Row]) -> ProductDraft | list[RowError]:
        """Return the product that these rows of one handle describe, or all their errors."""
        errors: list[RowError] = []
        first, *later = (self._cells(row, errors) for row in rows)
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

    def _cells(self, row: Row, errors: list[RowError]) -> Cells:
        return Cells(row, exponent=self._exponent, errors=errors, decimal=self._decimal)

    def _variants(self, rows: Iterable[Cells], options: tuple[str, ...]) -> list[VariantDraft | None]:
        variants: list[VariantDraft | None] = []
        seen: set[tuple[str, ...]] = set()
        for cells in rows:
            values = _option_values(cells, options)
            if values in seen:
                name = " / ".join(values)
                cells.refuse(
                    OPTION_VALUES[0],
                    "variant_repeated",
                    f"The variant {name[:80]!r} occurs twice; remove one of the rows or change its options",
                )
            seen.add(values)
            variants.append(self._variant(cells, values, is_first=not variants))
        return variants

    def _variant(self, cells: Cells, values: tuple[str, ...], *, is_first: bool) -> VariantDraft | None:
        if not cells.has(columns.PRICE):
            cells.refuse(columns.PRICE, "price_missing", "The variant has no price; enter one, or 0 if it is free")
        draft = partial(
            VariantDraft,
            options=values,
            weight_unit=cells.word(columns.WEIGHT_UNIT, _UNITS, blank=None),
            inventory_tracker=cells.identifier(columns.TRACKER),
            quantity=cells.count(columns.QUANTITY, least=-LARGEST_COUNT),
            inventory_policy=cells.word(
                columns.POLICY, _POLICIES, blank=InventoryPolicy.DENY, examples=("deny", "continue", "true", "false")
            ),
            line=cells.row.line,
            fulfilment_service=cells.identifier(columns.FULFILMENT) or "manual",
            extra=_unknown(cells, of_product=False) if is_first else _cells_of_row(cells),
            **{field.name: cells.value(field, is_given=field.column in self._given) for field in VARIANT_FIELDS},
        )
        return None if cells.refused else draft()


def _about(first: Cells) -> partial[ProductDraft]:
    """Read the product's own values from its first row; options, variants and images are added later."""
    handle = first.identifier(columns.HANDLE)
    if len(handle) > MAX_HANDLE_CHARACTERS:
        first.refuse(
            columns.HANDLE,
            "text_too_long",
            f"The handle has {len(handle):,} characters; at most {MAX_HANDLE_CHARACTERS} are allowed",
        )
    if not first.has(columns.TITLE):
        first.refuse(
            columns.TITLE, "title_missing", f"The product {handle[:80]!r} has no title; enter one on its first row"
        )
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
    """Return the names of the options; a product without options has a single placeholder option."""
    written = [first.identifier(column) for column in OPTION_NAMES]
    names = tuple(name for name in written if name)
    if not names:
        return (NO_OPTIONS_NAME,)
    for column, name in zip(OPTION_NAMES, written[: len(names)], strict=False):
        if not name:
            first.refuse(
                column,
                "option_name_missing",
                "A later option has a name and this one has none; name it, or move the later one here",
            )
    if len(set(names)) < len(names):
        first.refuse(
            OPTION_NAMES[0],
            "option_name_repeated",
            f"Two options are named {names[0][:80]!r}; give each a name of its own",
        )
    return names


def _option_values(cells: Cells, options: tuple[str, ...]) -> tuple[str, ...]:
    values = [cells.identifier(column) for column in OPTION_VALUES]
    if not values[0] and options == (NO_OPTIONS_NAME,):
        values[0] = NO_OPTIONS_VALUE
    for position, value in enumerate(values):
        if position < len(options) and not value:
            message = f"The variant has no value for the option {options[position][:80]!r}; enter one"
            cells.refuse(OPTION_VALUES[position], "option_value_missing", message)
        if position >= len(options) and value:
            message = (
                f"The value {value[:40]!r} belongs to an option without a name; name it on the product's first row"
            )
            cells.refuse(OPTION_VALUES[position], "option_name_missing", message)
    return tuple(values[: len(options)])


def _image(cells: Cells, *, is_first: bool) -> ImageDraft | None:
    draft = partial(
        ImageDraft,
        src=cells.identifier(columns.IMAGE_SRC),
        position=cells.count(columns.IMAGE_POSITION, least=1),
        alt=cells.prose(columns.IMAGE_ALT),
        extra={} if is_first or _is_variant(cells) else _cells_of_row(cells),
    )
    if not cells.has(columns.IMAGE_SRC):
        cells.refuse(
            columns.IMAGE_SRC,
            "image_address_missing",
            "The row has a position or text of an image, but no address; enter its Image Src",
        )
    return None if cells.refused else draft()


def _check_lengths(cells: Cells) -> None:
    for column, text in cells.row.cells.items():
        if len(text) >= MAX_CELL_CHARACTERS:
            cells.refuse(
                column,
                "text_too_long",
                f"The text has {len(text):,} characters; fewer than {MAX_CELL_CHARACTERS:,} are allowed",
            )


def _check_later_row(cells: Cells, first: Cells) -> None:
    """Check that a later row repeats the product's values of the first row, or leaves them blank."""
    for column in columns.COLUMNS:
        if column in columns.PRODUCT_COLUMNS and cells.has(column):
            first_value = first.identifier(column)
            if cells.identifier(column) != first_value:
                message = f"The first row of this product has {first_value[:40]!r} here; repeat it or leave it blank"
                cells.refuse(column, "contradiction", message)
    if not _is_variant(cells) and not _is_image(cells) and (of_row := _cells_of_row(cells)):
        cells.refuse(
            next(iter(of_row)),
            "row_without_meaning",
            "The row is neither a variant nor an image; give it a variant's value, or an Image Src",
        )


def _check_size(first: Cells, *, variants: int, images: int) -> None:
    if variants > MAX_VARIANTS or images > MAX_IMAGES:
        message = (
            f"The product has {variants:,} variants and {images:,} images; at most {MAX_VARIANTS:,} variants and"
            f" {MAX_IMAGES} images are allowed"
        )
        first.refuse(None, "product_too_large", message)


def _is_variant(cells: Cells) -> bool:
    return not columns.VARIANT_COLUMNS.isdisjoint(cells.row.cells)


def _is_image(cells: Cells) -> bool:
    return not columns.IMAGE_COLUMNS.isdisjoint(cells.row.cells)


def _unknown(first: Cells, *, of_product: bool) -> dict[str, str]:
    """Return the unknown cells of a first row: the cells of the product, or the others."""
    return {
        name: text
        for name, text in first.row.cells.items()
        if columns.known_name(name) is None and columns.describes_the_product(name) is of_product
    }


def _cells_of_row(cells: Cells) -> dict[str, str]:
    """Return the cells of a later row that are stored with the row: all unknown cells, and Google's."""
    return {
        name: text
        for name, text in cells.row.cells.items()
        if name in GOOGLE_COLUMNS or columns.known_name(name) is None
    }
