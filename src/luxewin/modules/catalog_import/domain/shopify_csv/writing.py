"""Writing products as a CSV file; reading it again returns the same products."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, assert_never

from luxewin.modules.catalog.public.values import (
    NO_OPTIONS_NAME,
    NO_OPTIONS_VALUE,
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    Field,
    Kind,
)

from . import columns
from .amounts import decimal_text
from .codes import CODE_COLUMNS, mark_code
from .columns import COLUMNS, GOOGLE_PREFIX, OPTION_NAMES, OPTION_VALUES
from .drafts import (
    ImageDraft,
    InvalidDraftError,
    ProductDraft,
    VariantDraft,
)
from .formulas import escape_formula
from .limits import MAX_COLUMNS, MAX_ROW_CHARACTERS

_NEEDS_QUOTES = re.compile(r'[",\r\n]|\A\s|\s\Z')


def write(
    products: Iterable[ProductDraft], *, exponent: int, extra_columns: Sequence[str] | None = None
) -> Iterator[str]:
    """Yield the file line by line, header first; `read` returns the same products again.

    `extra_columns` are the unknown columns of the products. Without them the products are collected first, because the
    header needs all columns.

    Raises:
        InvalidDraftError: a product has a column that is not among `extra_columns`, or a row is too large.
    """
    if extra_columns is None:
        products = list(products)
        extra_columns = extra_columns_of(products)
    header = dict.fromkeys((*COLUMNS, *extra_columns))
    if len(header) > MAX_COLUMNS:
        raise InvalidDraftError(f"{len(header)} columns are more than a file may have")
    yield _line(escape_formula(name) for name in header)
    for product in products:
        for row in _rows(product, exponent=exponent):
            if missing := row.keys() - header.keys():
                raise InvalidDraftError(f"not among the extra columns: {sorted(missing)}")
            yield _line(row.get(name, "") for name in header)


def extra_columns_of(products: Iterable[ProductDraft]) -> tuple[str, ...]:
    """Return the unknown columns of the products, in the order in which they first occur."""
    names: dict[str, None] = {}
    for product in products:
        extras = [product.extra]
        extras += [variant.extra for variant in product.variants]
        extras += [image.extra for image in product.images]
        names.update(dict.fromkeys(name for extra in extras for name in extra))
    return tuple(name for name in names if columns.known_name(name) is None)


def _rows(product: ProductDraft, *, exponent: int) -> Iterator[dict[str, str]]:
    """Yield the cells of each row: each variant with an image while there are images, then the remaining images.

    An image with extra cells has a row of its own, and the images keep their order.
    """
    images = list(product.images)
    about = _about(product, exponent=exponent)
    for variant in product.variants:
        image = _image(images.pop(0)) if images and not images[0].extra else {}
        yield {columns.HANDLE: escape_formula(product.handle)} | about | _variant(variant, exponent=exponent) | image
        about = {}
    for left in images:
        yield {columns.HANDLE: escape_formula(product.handle)} | _image(left)


def _about(product: ProductDraft, *, exponent: int) -> dict[str, str]:
    texts = {
        columns.VENDOR: product.vendor,
        columns.TYPE: product.type,
        columns.SEO_TITLE: product.seo_title,
        columns.SEO_DESCRIPTION: product.seo_description,
        columns.STATUS: product.status,
        **dict(zip(OPTION_NAMES, product.options or (NO_OPTIONS_NAME,), strict=False)),
        **{GOOGLE_PREFIX + name: text for name, text in product.google.items()},
        **product.extra,
    }
    flags = {columns.PUBLISHED: _flag(product.published), columns.GIFT_CARD: _flag(product.gift_card)}
    fields = {field.column: _cell(field, getattr(product, field.name), exponent) for field in PRODUCT_FIELDS}
    return _escape_formulas(texts) | flags | fields


def _variant(variant: VariantDraft, *, exponent: int) -> dict[str, str]:
    texts = {
        columns.TRACKER: variant.inventory_tracker,
        columns.POLICY: variant.inventory_policy,
        columns.FULFILMENT: variant.fulfilment_service,
        columns.WEIGHT_UNIT: variant.weight_unit or "",
        **dict(zip(OPTION_VALUES, variant.options or (NO_OPTIONS_VALUE,), strict=False)),
        **variant.extra,
    }
    fields = {field.column: _cell(field, getattr(variant, field.name), exponent) for field in VARIANT_FIELDS}
    return _escape_formulas(texts) | {columns.QUANTITY: _count(variant.quantity)} | fields


def _cell(field: Field, value: Any, exponent: int) -> str:
    match field.kind:
        case Kind.LABEL | Kind.PROSE:
            return mark_code(text) if (text := escape_formula(value or "")) and field.column in CODE_COLUMNS else text
        case Kind.AMOUNT:
            return _amount(value, exponent)
        case Kind.GRAMS:
            return _count(value)
        case Kind.FLAG:
            return _flag(value)
        case Kind.LABELS:
            return escape_formula(", ".join(value))
        case _:
            assert_never(field.kind)


def _image(image: ImageDraft) -> dict[str, str]:
    texts = {columns.IMAGE_SRC: image.src, columns.IMAGE_ALT: image.alt, **image.extra}
    return _escape_formulas(texts) | {columns.IMAGE_POSITION: _count(image.position)}


def _escape_formulas(texts: Mapping[str, str]) -> dict[str, str]:
    return {name: escape_formula(text) for name, text in texts.items()}


def _flag(answer: bool) -> str:  # noqa: FBT001 - the only argument is the value
    return "true" if answer else "false"


def _count(number: int | None) -> str:
    return "" if number is None else str(number)


def _amount(minor: int | None, exponent: int) -> str:
    return "" if minor is None else decimal_text(minor, exponent=exponent)


def _line(cells: Iterable[str]) -> str:
    line = (
        ",".join('"' + cell.replace('"', '""') + '"' if _NEEDS_QUOTES.search(cell) else cell for cell in cells) + "\n"
    )
    if len(line) > MAX_ROW_CHARACTERS:
        raise InvalidDraftError(f"a row of {len(line):,} characters is more than a file may have")
    return line
