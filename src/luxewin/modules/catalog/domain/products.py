"""What a product is: its content, complete and valid from its making, and the parts it is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from luxewin.modules.catalog.domain.attributes import AttributeValue
from luxewin.modules.catalog.domain.names import folded
from luxewin.modules.catalog.errors import ProductInvalid

MOST_VARIANTS = 2_048
MOST_IMAGES = 250
MOST_TAGS = 250

NO_OPTIONS_NAME = "Title"
NO_OPTIONS_VALUE = "Default Title"
"""How product files write a product without options: as one option with one value."""


class ProductStatus(StrEnum):
    """Whether a product is being prepared, sold, or put away."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image of a product; `sizes` maps widths to addresses of smaller versions."""

    url: str
    alt: str = ""
    width: int | None = None
    height: int | None = None
    sizes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Option:
    """Something that the variants of a product differ in, and the values that occur, in the order of display."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """What a variant says of itself; `values` answers the product's options in their order.

    Amounts are in minor units of the tenant's currency. `extra` keeps what a product file said beyond this.
    """

    values: tuple[str, ...] = ()
    sku: str | None = None
    price_minor: int
    compare_at_minor: int | None = None
    cost_minor: int | None = None
    barcode: str = ""
    weight_grams: int | None = None
    requires_shipping: bool = True
    taxable: bool = True
    tax_code: str = ""
    image_url: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What makes the variant itself within its product."""
        return orjson.dumps(self.values).decode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """All that a product says of itself, its variants included; two equal contents are the same product to a reader.

    Raises:
        ProductInvalid: options and variants do not fit together.
    """

    slug: str
    name: str
    description: str = ""
    status: ProductStatus = ProductStatus.ACTIVE
    category_id: UUID | None = None
    vendor_id: UUID | None = None
    product_type_id: UUID | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    options: tuple[Option, ...] = ()
    variants: tuple[Variant, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < len(self.variants) <= MOST_VARIANTS:
            raise ProductInvalid(f"A product has between 1 and {MOST_VARIANTS} variants", pointer="/variants")
        if len({folded(option.name) for option in self.options}) < len(self.options):
            raise ProductInvalid("Two options have the same name", pointer="/options")
        if any(len(variant.values) != len(self.options) for variant in self.variants):
            raise ProductInvalid("Each variant needs a value for each option, and no others", pointer="/variants")
        if len({variant.key for variant in self.variants}) < len(self.variants):
            raise ProductInvalid("Two variants have the same options", pointer="/variants")
        skus = [variant.sku for variant in self.variants if variant.sku is not None]
        if len(set(skus)) < len(skus):
            raise ProductInvalid("Two variants have the same SKU", pointer="/variants")

    @property
    def cheapest(self) -> Variant:
        """The variant whose price stands for the product in lists."""
        return min(self.variants, key=lambda variant: variant.price_minor)

    @property
    def tag_keys(self) -> frozenset[str]:
        """The tags as filters compare them."""
        return frozenset(map(folded, self.tags))

    @property
    def skus(self) -> tuple[str, ...]:
        """The stock-keeping units of its variants, as far as they have one."""
        return tuple(variant.sku for variant in self.variants if variant.sku is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryName:
    """How a product shows its category."""

    id: UUID
    slug: str
    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorName:
    """How a product shows its vendor."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product as it is stored; `variant_ids` stand in the order of its content's variants."""

    id: UUID
    content: Content
    variant_ids: tuple[UUID, ...]
    currency: str
    category: CategoryName | None
    vendor: VendorName | None
    lineage: tuple[UUID, ...]
    created_at: datetime
    updated_at: datetime
    version: int

    def variant(self, variant_id: UUID) -> Variant | None:
        """Return a variant by its id."""
        return dict(zip(self.variant_ids, self.content.variants, strict=True)).get(variant_id)

    @property
    def ids_by_key(self) -> dict[str, UUID]:
        """The ids of its variants by what makes them themselves."""
        return dict(zip((variant.key for variant in self.content.variants), self.variant_ids, strict=True))


def options_of(
    names: Sequence[str], variants: Sequence[Variant], *, preferred: Sequence[Option] = ()
) -> tuple[Option, ...]:
    """Return the options that these variants answer, with the values that occur.

    The values of a preferred option of the same name keep their order; others follow as they occur.
    """
    orders = {option.name: option.values for option in preferred}
    options = []
    for place, name in enumerate(names):
        occurring = dict.fromkeys(variant.values[place] for variant in variants)
        known = [value for value in orders.get(name, ()) if value in occurring]
        options.append(Option(name, tuple(dict.fromkeys([*known, *occurring]))))
    return tuple(options)
