"""Products, and their content, which is validated when it is created."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from luxewin.modules.catalog.domain.attributes import AttributeValue, attribute_text
from luxewin.modules.catalog.domain.fields import ProductBase, VariantBase
from luxewin.modules.catalog.domain.names import LONGEST_PROPERTY_VALUE, fold, property_key
from luxewin.modules.catalog.errors import ProductInvalid

MOST_VARIANTS = 2_048
MOST_IMAGES = 250
MOST_TAGS = 250

NO_OPTIONS_NAME = "Title"
NO_OPTIONS_VALUE = "Default Title"
"""Product files represent a product without options as a product with one option that has one value."""


class ProductStatus(StrEnum):
    """The status of a product: in preparation, for sale or archived."""

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
    """An option of a product, such as its size, and its values in display order."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant(VariantBase):
    """A variant; `values` are its values of the product's options, in their order.

    Amounts are in minor units of the tenant's currency. `extra` holds the additional columns of a product file.
    """

    values: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The key that identifies the variant within its product."""
        return orjson.dumps(self.values).decode()


def has_useless_comparison(variant: VariantBase) -> bool:
    """Return whether a variant has a compare-at price that is not higher than its price."""
    return variant.compare_at_minor is not None and variant.compare_at_minor <= variant.price_minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Content(ProductBase):
    """The content of a product, its variants included; a product with equal content has not changed.

    Raises:
        ProductInvalid: options and variants do not fit together.
    """

    slug: str
    status: ProductStatus = ProductStatus.ACTIVE
    category_id: UUID | None = None
    vendor_id: UUID | None = None
    product_type_id: UUID | None = None
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    images: tuple[Image, ...] = ()
    options: tuple[Option, ...] = ()
    variants: tuple[Variant, ...]
    extra: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 < len(self.variants) <= MOST_VARIANTS:
            raise ProductInvalid(f"A product has between 1 and {MOST_VARIANTS} variants", pointer="/variants")
        if len({fold(option.name) for option in self.options}) < len(self.options):
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
        """The variant whose price is the product's price in lists."""
        return min(self.variants, key=lambda variant: variant.price_minor)

    @property
    def tag_keys(self) -> frozenset[str]:
        """The tags in the form that filters compare."""
        return frozenset(map(fold, self.tags))

    @property
    def property_keys(self) -> frozenset[str]:
        """The values of options and attributes in the form that filters compare."""
        options = {property_key("option", option.name, value) for option in self.options for value in option.values}
        attributes = {name: attribute_text(value) for name, value in self.attributes.items()}
        return frozenset(options) | {
            property_key("attribute", name, text)
            for name, text in attributes.items()
            if len(text) <= LONGEST_PROPERTY_VALUE
        }

    @property
    def skus(self) -> tuple[str, ...]:
        """The SKUs of the variants that have one."""
        return tuple(variant.sku for variant in self.variants if variant.sku is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryName:
    """The category of a product, with its names."""

    id: UUID
    slug: str
    name: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorName:
    """The vendor of a product, with its name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A stored product; `variant_ids` are in the order of its content's variants."""

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
        """The ids of its variants by their keys."""
        return dict(zip((variant.key for variant in self.content.variants), self.variant_ids, strict=True))


def options_of(
    names: Sequence[str], variants: Sequence[Variant], *, preferred: Sequence[Option] = ()
) -> tuple[Option, ...]:
    """Return the options of these variants, with the values that occur.

    The values of a preferred option of the same name keep their order; others follow as they occur.
    """
    orders = {option.name: option.values for option in preferred}
    options = []
    for position, name in enumerate(names):
        occurring = dict.fromkeys(variant.values[position] for variant in variants)
        known = [value for value in orders.get(name, ()) if value in occurring]
        options.append(Option(name, tuple(dict.fromkeys([*known, *occurring]))))
    return tuple(options)
