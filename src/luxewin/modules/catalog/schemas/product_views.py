"""Response bodies of products and variants."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import ConfigDict

from luxewin.kit.http.fields import MoneyField, View
from luxewin.kit.http.public_urls import PublicUrl
from luxewin.kit.money import Money
from luxewin.modules.catalog.domain.attributes import AttributeValue
from luxewin.modules.catalog.domain.extra import SEO_DESCRIPTION, SEO_TITLE
from luxewin.modules.catalog.domain.fields import VARIANT_FIELDS, Kind
from luxewin.modules.catalog.domain.products import Product, ProductStatus, Variant
from luxewin.modules.catalog.schemas import examples
from luxewin.modules.inventory.public import UNTRACKED, Availability


class CategoryOfProduct(View):
    """A product's category; `path` holds the names from the root down."""

    id: UUID
    slug: str
    name: str
    path: str


class VendorOfProduct(View):
    """A product's vendor."""

    id: UUID
    name: str


class ImageView(View):
    """An image with its absolute URL; `sizes` maps widths to smaller versions."""

    url: PublicUrl
    alt: str
    width: int | None
    height: int | None
    sizes: Mapping[str, PublicUrl]


class OptionView(View):
    """An option by which the variants differ, such as their size."""

    name: str
    values: tuple[str, ...]


class SeoView(View):
    """The texts that search engines show instead of the name and the description; empty if there are none."""

    title: str
    description: str


class VariantView(View):
    """A variant; `stock` is the number of available units, null if it is not tracked.

    Available units are on hand and not reserved for orders. `in_stock` tells whether the variant can be bought: a
    variant that is sold on backorder can, also if its stock is 0 or negative.
    """

    id: UUID
    sku: str | None
    options: dict[str, str]
    price: MoneyField
    compare_at_price: MoneyField | None = None
    stock: int | None
    in_stock: bool
    barcode: str = ""
    weight_grams: int | None = None
    requires_shipping: bool = True
    taxable: bool = True
    tax_code: str = ""
    image_url: PublicUrl | None = None
    hs_code: str | None = None
    country_of_origin: str | None = None

    @classmethod
    def of_variant(cls, variant: Variant, *, product: Product, variant_id: UUID, stock: Availability) -> Self:
        """Return the response model of a variant."""
        names = [option.name for option in product.content.options]
        return cls(
            id=variant_id,
            options=dict(zip(names, variant.values, strict=True)),
            stock=stock.stock,
            in_stock=stock.in_stock,
            **_public_values(variant, product.currency),
        )


class ProductView(View):
    """A product with the price of its cheapest variant, and the total stock of all its variants."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.PRODUCT]})

    id: UUID
    slug: str
    name: str
    description: str
    status: ProductStatus
    category: CategoryOfProduct | None
    tags: list[str]
    images: list[ImageView]
    price: MoneyField
    compare_at_price: MoneyField | None
    in_stock: bool
    stock: int | None
    options: list[OptionView]
    variants: list[VariantView]
    vendor: VendorOfProduct | None
    rating: float | None = None
    product_type_id: UUID | None = None
    attributes: dict[str, AttributeValue]
    seo: SeoView
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def of(cls, product: Product, stock: Mapping[UUID, Availability]) -> Self:
        """Return the response model of a product with the stock of its variants."""
        content = product.content
        cheapest = content.cheapest
        by_variant = {variant_id: stock.get(variant_id, UNTRACKED) for variant_id in product.variant_ids}
        counted = [each.stock for each in by_variant.values()]
        variants = [
            VariantView.of_variant(variant, product=product, variant_id=variant_id, stock=by_variant[variant_id])
            for variant_id, variant in zip(product.variant_ids, content.variants, strict=True)
        ]
        return cls(
            id=product.id,
            slug=content.slug,
            name=content.name,
            description=content.description,
            status=content.status,
            category=CategoryOfProduct.model_validate(product.category) if product.category else None,
            tags=list(content.tags),
            images=[ImageView.model_validate(image) for image in content.images],
            price=MoneyField.of(Money(cheapest.price_minor, product.currency)),
            compare_at_price=_money(cheapest.compare_at_minor, product.currency),
            in_stock=any(variant.in_stock for variant in variants),
            stock=None if None in counted else sum(number or 0 for number in counted),
            options=[OptionView.model_validate(option) for option in content.options],
            variants=variants,
            vendor=VendorOfProduct.model_validate(product.vendor) if product.vendor else None,
            product_type_id=content.product_type_id,
            attributes=dict(content.attributes),
            seo=SeoView(title=content.extra.get(SEO_TITLE, ""), description=content.extra.get(SEO_DESCRIPTION, "")),
            created_at=product.created_at,
            updated_at=product.updated_at,
            version=product.version,
        )


def _public_values(variant: Variant, currency: str) -> dict[str, Any]:
    values = ((field, getattr(variant, field.name)) for field in VARIANT_FIELDS if field.is_public)
    return {field.api_name: _money(value, currency) if field.kind is Kind.AMOUNT else value for field, value in values}


def _money(minor: int | None, currency: str) -> MoneyField | None:
    return None if minor is None else MoneyField.of(Money(minor, currency))
