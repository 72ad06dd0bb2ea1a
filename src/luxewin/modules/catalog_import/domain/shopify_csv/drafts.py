"""Descriptions of products in a product file: plain values, complete and validated when they are created.

Labels (handle, SKU, option values, tags …) have no white space around them; prose is stored verbatim. A text of white
space alone counts as empty. None means that the file has no value; zero is a value.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, assert_never

from luxewin.kit.money import LARGEST_UNIT_AMOUNT_MINOR
from luxewin.modules.catalog.public.values import (
    NO_OPTIONS_NAME,
    NO_OPTIONS_VALUE,
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    Field,
    Kind,
    ProductBase,
    VariantBase,
)

from .columns import GOOGLE_COLUMNS, GOOGLE_FIELDS, describes_the_product, known_name
from .limits import (
    LARGEST_COUNT,
    MAX_CELL_CHARACTERS,
    MAX_COLUMN_NAME_CHARACTERS,
    MAX_HANDLE_CHARACTERS,
    MAX_IMAGES,
    MAX_OPTIONS,
    MAX_TAG_CHARACTERS,
    MAX_TAGS,
    MAX_VARIANTS,
)


class Status(StrEnum):
    """The status of a product: for sale, in preparation, archived, or for sale but not listed."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"
    UNLISTED = "unlisted"


class InventoryPolicy(StrEnum):
    """The policy for orders when the stock is used up: reject or accept them."""

    DENY = "deny"
    CONTINUE = "continue"


class WeightUnit(StrEnum):
    """The unit in which a weight is displayed; it is stored in grams."""

    G = "g"
    KG = "kg"
    LB = "lb"
    OZ = "oz"


class InvalidDraftError(ValueError):
    """A draft that no product file can describe: an error of the caller, never of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDraft:
    """One image of a product. `extra` holds the unknown cells of a row with only this image."""

    src: str
    position: int | None = None
    alt: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _require_labels(self.src)
        _require(self.src != "", "an image needs an address")
        _require(self.position is None or 1 <= self.position <= LARGEST_COUNT, "positions are counted from 1")
        _require_prose(self.alt)
        _require_unknown_columns(self.extra, also=GOOGLE_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft(VariantBase):
    """One variant. It is identified by the product's handle and `options`; the SKU is a label and may be absent.

    Amounts are in minor units of the shop's currency. `quantity` is None when the file has none. `extra` holds the
    unknown cells of the variant's row. `line` is the line of its row, and not compared.
    """

    options: tuple[str, ...] = ()
    weight_unit: WeightUnit | None = None
    inventory_tracker: str = ""
    quantity: int | None = None
    inventory_policy: InventoryPolicy = InventoryPolicy.DENY
    fulfilment_service: str = "manual"
    extra: Mapping[str, str] = field(default_factory=dict)
    line: int = field(default=0, compare=False)

    def __post_init__(self) -> None:
        for each in VARIANT_FIELDS:
            _check_field(each, getattr(self, each.name))
        _require(self.quantity is None or abs(self.quantity) <= LARGEST_COUNT, "a quantity is out of range")
        _require(self.fulfilment_service != "", "a fulfilment service is missing; 'manual' is the shop itself")
        _require(all(self.options), "an option has no value")
        _require_labels(*self.options, self.inventory_tracker, self.fulfilment_service)
        _require_unknown_columns(self.extra, also=GOOGLE_COLUMNS)

    @property
    def tracked(self) -> bool:
        """True if the stock is tracked; an empty tracker means that it is not."""
        return self.inventory_tracker != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft(ProductBase):
    """One product with its variants and images, in the order of the file.

    `options` are the names of its options; it is empty for a product without options, which has one variant. `google`
    maps the names of `GOOGLE_FIELDS` to texts. `extra` holds the unknown columns that describe the product. `line` is
    the first line of the product, for error reports, and `given_columns` are the columns that the file has for it;
    neither is compared.
    """

    handle: str
    vendor: str = ""
    type: str = ""
    published: bool = True
    status: Status = Status.ACTIVE
    gift_card: bool = False
    options: tuple[str, ...] = ()
    variants: tuple[VariantDraft, ...]
    images: tuple[ImageDraft, ...] = ()
    seo_title: str = ""
    seo_description: str = ""
    google: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    line: int = field(default=0, compare=False)
    given_columns: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        for each in PRODUCT_FIELDS:
            _check_field(each, getattr(self, each.name))
        _require_labels(self.handle, *self.options)
        _require(0 < len(self.handle) <= MAX_HANDLE_CHARACTERS, "a handle is empty or too long")
        _require_prose(self.vendor, self.type, self.seo_title, self.seo_description)
        _require(all(field in GOOGLE_FIELDS for field in self.google), "an unknown Google field")
        _require_prose(*self.google.values(), empty=False)
        _require_unknown_columns(self.extra)
        _require(all(map(describes_the_product, self.extra)), "such a column belongs to the variants")
        _require(len(self.images) <= MAX_IMAGES, "too many images")
        self._check_variants()

    def _check_variants(self) -> None:
        _require(all(self.options) and len(self.options) <= MAX_OPTIONS, "up to three options, each with a name")
        _require_distinct(self.options, "option names")
        _require(0 < len(self.variants) <= MAX_VARIANTS, "a product has at least one variant, and not thousands")
        values = [variant.options for variant in self.variants]
        _require(all(len(each) == len(self.options) for each in values), "a variant needs a value for every option")
        _require_distinct(values, "variants")
        _require(
            self.options != (NO_OPTIONS_NAME,) or values != [(NO_OPTIONS_VALUE,)],
            "a product without options has no option names",
        )
        first_row = self.variants[0].extra
        _require(
            not any(describes_the_product(name) or known_name(name) for name in first_row),
            "on the first row such a column belongs to the product",
        )


def _check_field(each: Field, value: Any) -> None:
    match each.kind:
        case Kind.LABEL:
            _require(value is None or value != "" or each.default == "", f"an absent {each.name} is {each.default}")
            _require_labels(value or "")
        case Kind.PROSE:
            _require_prose(value, empty=not each.is_required)
        case Kind.AMOUNT:
            _require(value is None or 0 <= value <= LARGEST_UNIT_AMOUNT_MINOR, f"{each.name} is out of range")
        case Kind.GRAMS:
            _require(value is None or 0 <= value <= LARGEST_COUNT, f"{each.name} is out of range")
        case Kind.LABELS:
            _require(len(value) <= MAX_TAGS, f"too many {each.name}")
            _require(all(0 < len(text) <= MAX_TAG_CHARACTERS and "," not in text for text in value), "an invalid tag")
            _require_labels(*value)
            _require_distinct(value, each.name)
        case Kind.FLAG:
            pass
        case _:
            assert_never(each.kind)


def _require(condition: bool, otherwise: str) -> None:  # noqa: FBT001 - a condition is a boolean
    if not condition:
        raise InvalidDraftError(otherwise)


def _require_distinct(values: Collection[object], what: str) -> None:
    _require(len(set(values)) == len(values), f"the {what} are not distinct")


def _require_labels(*texts: str) -> None:
    for text in texts:
        _require(text == text.strip(), f"{text[:40]!r} has white space around it")
        _require_storable(text)


def _require_prose(*texts: str, empty: bool = True) -> None:
    for text in texts:
        _require(text.strip() != "" or (empty and text == ""), "a text is empty, or white space alone")
        _require_storable(text)


def _require_storable(text: str) -> None:
    # One character is reserved for the apostrophe that escapes a formula.
    _require("\0" not in text and len(text) < MAX_CELL_CHARACTERS, "a text has a NUL or does not fit into a cell")


def _require_unknown_columns(extra: Mapping[str, str], *, also: Iterable[str] = ()) -> None:
    _require_prose(*extra.values(), empty=False)
    _require_labels(*extra)
    _require(all(0 < len(name) <= MAX_COLUMN_NAME_CHARACTERS for name in extra), "a column needs a name")
    _require(all(known_name(name) is None or name in also for name in extra), "a known column is not extra")
