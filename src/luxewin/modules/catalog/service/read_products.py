"""Reading products for their owners, carts and orders; the storefront serves shoppers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.errors import ProductUnknown, VariantAmbiguous
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.repository import sellables
from luxewin.modules.catalog.schemas.product_views import ProductView
from luxewin.modules.inventory import public as inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class Sellable:
    """A variant that can be bought, with the values that an order copies; `available` is None if untracked."""

    variant_id: UUID
    product_id: UUID
    product_slug: str
    name: str
    sku: str | None
    options: dict[str, str]
    unit_price: Money
    vendor_id: UUID | None
    requires_shipping: bool
    taxable: bool
    weight_grams: int | None
    image_url: str | None
    available: int | None


async def view_of(tx: Transaction, product_id: UUID) -> ProductView:
    """Return the response model of a product of any status.

    Raises:
        ProductUnknown: there is none.
    """
    product = (await repository.products_by_id(tx, [product_id])).get(product_id)
    if product is None:
        raise ProductUnknown
    return ProductView.of(product, await inventory.availability(tx, product.variant_ids))


async def sellable(
    tx: Transaction, variant_ids: Sequence[UUID], *, or_of_product: UUID | None = None
) -> dict[UUID, Sellable]:
    """Return the variants that are for sale: the variants of active products.

    With `or_of_product`, also up to two variants of this product, which `only_variant` needs.
    """
    rows = await sellables.sellable_rows(tx, variant_ids, or_of_product)
    return {row["variant_id"]: _sellable(row) for row in rows}


async def only_variant(tx: Transaction, goods: Mapping[UUID, Sellable], product_id: UUID) -> UUID:
    """Return the only variant of a product that is for sale.

    Raises:
        ProductUnknown: there is no such product for sale.
        VariantAmbiguous: it has several variants, which the error lists to choose from.
    """
    variants = [good.variant_id for good in goods.values() if good.product_id == product_id]
    if not variants:
        raise ProductUnknown
    if len(variants) > 1:
        raise VariantAmbiguous(variants=[_choice(row) for row in await sellables.choices(tx, product_id)])
    return variants[0]


def _choice(row: Any) -> dict[str, Any]:
    return {
        "id": row["id"],
        "sku": row["sku"],
        "options": row["options"],
        "price": {"amount": row["price_minor"], "currency": row["currency"]},
    }


def _sellable(row: Any) -> Sellable:
    return Sellable(
        variant_id=row["variant_id"],
        product_id=row["product_id"],
        product_slug=row["product_slug"],
        name=row["name"],
        sku=row["sku"],
        options=row["options"],
        unit_price=Money(row["price_minor"], row["currency"]),
        vendor_id=row["vendor_id"],
        requires_shipping=row["requires_shipping"],
        taxable=row["taxable"],
        weight_grams=row["weight_grams"],
        image_url=row["image_url"],
        available=row["available"],
    )
