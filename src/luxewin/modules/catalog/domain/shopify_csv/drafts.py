"""What a product file says of a product: plain values, complete in themselves, and valid from their making.

Identifiers (handle, SKU, option values, tags…) are trimmed; prose is kept as it stands. A text is empty or says
something: white space alone is nothing. None means that the file does not say; zero is an answer.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from luxewin.kit.money import LARGEST_UNIT_AMOUNT_MINOR

from .columns import GOOGLE_COLUMNS, GOOGLE_FIELDS, known_name, speaks_of_the_product
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

NO_OPTIONS_NAME = "Title"
NO_OPTIONS_VALUE = "Default Title"


class Status(StrEnum):
    """Whether the product is sold, prepared, put away, or sold only to those who know its address."""

    ACTIVE = "active"
    DRAFT = "draft"
    ARCHIVED = "archived"
    UNLISTED = "unlisted"


class InventoryPolicy(StrEnum):
    """What happens to orders when the stock is used up."""

    DENY = "deny"
    CONTINUE = "continue"


class WeightUnit(StrEnum):
    """The unit in which people want to see a weight; the weight itself is in grams."""

    G = "g"
    KG = "kg"
    LB = "lb"
    OZ = "oz"


class InvalidDraftError(ValueError):
    """A draft was made that no product file can say: a defect of the caller, never of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageDraft:
    """One image of a product. `extra` keeps the unknown cells of a row that has nothing but this image."""

    src: str
    position: int | None = None
    alt: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _identifiers(self.src)
        _require(self.src != "", "an image needs an address")
        _require(self.position is None or 1 <= self.position <= LARGEST_COUNT, "positions are counted from 1")
        _prose(self.alt)
        _unknown_cells(self.extra, also=GOOGLE_COLUMNS)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantDraft:
    """One variant. Its key is the product's handle together with `options`; the SKU is a label and may be absent.

    Amounts are in minor units of the shop's currency. `grams` and `quantity` are None when the file does not say.
    `extra` keeps the unknown cells of the variant's row.
    """

    options: tuple[str, ...] = ()
    price_minor: int
    compare_at_minor: int | None = None
    cost_minor: int | None = None
    sku: str | None = None
    barcode: str = ""
    grams: int | None = None
    weight_unit: WeightUnit | None = None
    inventory_tracker: str = ""
    quantity: int | None = None
    inventory_policy: InventoryPolicy = InventoryPolicy.DENY
    fulfilment_service: str = "manual"
    requires_shipping: bool = True
    taxable: bool = True
    tax_code: str = ""
    image: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for amount in (self.price_minor, self.compare_at_minor, self.cost_minor):
            _require(amount is None or 0 <= amount <= LARGEST_UNIT_AMOUNT_MINOR, "an amount is out of range")
        _require(self.grams is None or 0 <= self.grams <= LARGEST_COUNT, "a weight is out of range")
        _require(self.quantity is None or abs(self.quantity) <= LARGEST_COUNT, "a quantity is out of range")
        _require(self.sku != "", "an absent SKU is None")
        _require(self.fulfilment_service != "", "somebody must fulfil; 'manual' is the shop itself")
        _require(all(self.options), "an option needs a value")
        _identifiers(*self.options, self.sku or "", self.barcode, self.inventory_tracker)
        _identifiers(self.fulfilment_service, self.tax_code, self.image)
        _unknown_cells(self.extra, also=GOOGLE_COLUMNS)

    @property
    def tracked(self) -> bool:
        """Whether somebody counts the stock; an empty tracker means that nobody does."""
        return self.inventory_tracker != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductDraft:
    """One product with its variants and images, in the order of the file.

    `options` names what the variants differ in; it is empty for a product without options, which has one variant.
    `google` maps the names of `GOOGLE_FIELDS` to texts. `extra` keeps the unknown columns that describe the product.
    `line` is where the file begins to speak of it, for reports, and `said` names the columns in which it does; they are
    no part of what the product is.
    """

    handle: str
    title: str
    body_html: str = ""
    vendor: str = ""
    type: str = ""
    tags: tuple[str, ...] = ()
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
    said: frozenset[str] = field(default=frozenset(), compare=False)

    def __post_init__(self) -> None:
        _identifiers(self.handle, *self.options, *self.tags)
        _require(0 < len(self.handle) <= MAX_HANDLE_CHARACTERS, "a product needs a handle of reasonable length")
        _prose(self.title, self.body_html, self.vendor, self.type, self.seo_title, self.seo_description)
        _require(self.title != "", "a product needs a title")
        _require(len(self.tags) <= MAX_TAGS, "too many tags")
        _require(all(0 < len(tag) <= MAX_TAG_CHARACTERS and "," not in tag for tag in self.tags), "no such tag")
        _distinct(self.tags, "tags")
        _require(all(field in GOOGLE_FIELDS for field in self.google), "an unknown Google field")
        _prose(*self.google.values(), empty=False)
        _unknown_cells(self.extra)
        _require(all(map(speaks_of_the_product, self.extra)), "such a column belongs to the variants")
        _require(len(self.images) <= MAX_IMAGES, "too many images")
        self._check_variants()

    def _check_variants(self) -> None:
        _require(all(self.options) and len(self.options) <= MAX_OPTIONS, "up to three options, each with a name")
        _distinct(self.options, "option names")
        _require(0 < len(self.variants) <= MAX_VARIANTS, "a product has at least one variant, and not thousands")
        values = [variant.options for variant in self.variants]
        _require(all(len(each) == len(self.options) for each in values), "a variant needs a value for every option")
        _distinct(values, "variants")
        _require(
            self.options != (NO_OPTIONS_NAME,) or values != [(NO_OPTIONS_VALUE,)],
            "that is how a file says 'no options'; leave the options empty",
        )
        first_row = self.variants[0].extra
        _require(
            not any(speaks_of_the_product(name) or known_name(name) for name in first_row),
            "on the first row such a column belongs to the product",
        )


def _require(kept: bool, otherwise: str) -> None:  # noqa: FBT001 - it reads like the sentence it is
    if not kept:
        raise InvalidDraftError(otherwise)


def _distinct(values: Collection[object], what: str) -> None:
    _require(len(set(values)) == len(values), f"the {what} are not distinct")


def _identifiers(*texts: str) -> None:
    for text in texts:
        _require(text == text.strip(), f"{text[:40]!r} has white space around it")
        _storable(text)


def _prose(*texts: str, empty: bool = True) -> None:
    for text in texts:
        _require(text.strip() != "" or (empty and text == ""), "white space alone says nothing")
        _storable(text)


def _storable(text: str) -> None:
    # One character is left for the apostrophe that disarms a formula.
    _require("\0" not in text and len(text) < MAX_CELL_CHARACTERS, "a text has a NUL or does not fit into a cell")


def _unknown_cells(extra: Mapping[str, str], *, also: Iterable[str] = ()) -> None:
    _prose(*extra.values(), empty=False)
    _identifiers(*extra)
    _require(all(0 < len(name) <= MAX_COLUMN_NAME_CHARACTERS for name in extra), "a column needs a name")
    _require(all(known_name(name) is None or name in also for name in extra), "a known column is not extra")
