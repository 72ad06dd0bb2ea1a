"""Creating, changing and deleting products and their variants."""

from collections.abc import Mapping
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.changes import Change
from luxewin.modules.catalog.domain.extra import available_units
from luxewin.modules.catalog.domain.products import Content, Product
from luxewin.modules.catalog.errors import (
    LastVariant,
    SkuTaken,
    StockCounted,
    VariantUnknown,
)
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.schemas.products import ProductBody, ProductPatch, VariantBody, VariantPatch
from luxewin.modules.catalog.service import contents
from luxewin.modules.catalog.service.collections import leave_collections
from luxewin.modules.catalog.service.contents import DescribedContent
from luxewin.modules.catalog.service.resolve_references import Resolved, resolve, resolved_from
from luxewin.modules.catalog.service.save_products import CountedStock, ids_of_variants, remove_products, save_products
from luxewin.modules.inventory import public as inventory

REASON = "counted in the catalogue"
"""The reason of stock movements caused by a product request."""


async def create_product(tx: Transaction, body: ProductBody, *, currency: str) -> UUID:
    """Create a product, and return its id.

    Raises:
        CategoryNotFound, CategoryAmbiguous, CategoryInvalid, VendorNotFound, ProductTypeNotFound, AttributeInvalid: a
            reference is unknown or invalid.
        NotAVendor, NotYoursToSet: the caller may not.
        ProductInvalid, CurrencyNotSold: its parts do not fit together.
        SlugTaken, SkuTaken: another product has the slug, or another variant the SKU.
    """
    product_id = new_id()
    resolved = await resolve(tx, body, product_id, name=body.name, before=None)
    described = contents.from_body(body, resolved.fields, before=None, currency=currency)
    ids = ids_of_variants(described.content, None)
    await _save(tx, product_id, None, described, ids, resolved=resolved, currency=currency)
    return product_id


async def replace_product(tx: Transaction, product: Product, body: ProductBody, *, currency: str) -> None:
    """Replace a product by the body; slug, status, vendor, type and stock stay unchanged if omitted.

    Raises: the errors of `create_product`, and StockCounted: stock tracking of a counted variant would be disabled.
    """
    resolved = await resolve(tx, body, product.id, name=body.name, before=product)
    described = contents.from_body(body, resolved.fields, before=product.content, currency=currency)
    ids = ids_of_variants(described.content, product)
    await _save(tx, product.id, product, described, ids, resolved=resolved, currency=currency)


async def change_product(tx: Transaction, product: Product, patch: ProductPatch, *, currency: str) -> None:
    """Apply a patch to a product.

    Raises: the errors of `replace_product`, and VariantAmbiguous: the patch has a price, stock or SKU, but the product
        has several variants.
    """
    resolved = await resolve(tx, patch, product.id, name=product.content.name, before=product)
    described = contents.from_patch(patch, resolved.fields, before=product.content, currency=currency)
    ids = ids_of_variants(described.content, product)
    await _save(tx, product.id, product, described, ids, resolved=resolved, currency=currency)


async def delete_product(tx: Transaction, product: Product) -> None:
    """Delete a product; its slug and SKUs become free, and old orders still refer to it."""
    await leave_collections(tx, product.id)
    await remove_products(tx, [product])


async def add_variant(tx: Transaction, product: Product, body: VariantBody, *, currency: str) -> None:
    """Add a variant to a product that has options.

    Raises:
        VariantExists: the product has a variant with these options.
        ProductInvalid, CurrencyNotSold: it does not fit the product.
        SkuTaken: another variant has its SKU.
    """
    described = contents.with_variant(body, before=product.content, currency=currency)
    ids = (*product.variant_ids, new_id())
    await _save(tx, product.id, product, described, ids, resolved=resolved_from(product), currency=currency)


async def change_variant(
    tx: Transaction, product: Product, variant_id: UUID, patch: VariantPatch, *, currency: str
) -> None:
    """Apply a patch to a variant.

    Raises:
        VariantUnknown: the product has no such variant.
        VariantExists: another variant has these options.
        ProductInvalid, CurrencyNotSold: it would not fit the product.
        SkuTaken, StockCounted: another variant has its SKU, or its stock tracking would be disabled.
    """
    index = _index(product, variant_id)
    described = contents.with_changed_variant(patch, index, before=product.content, currency=currency)
    await _save_variant(tx, product, described, currency=currency)


async def replace_variant(
    tx: Transaction, product: Product, variant_id: UUID, body: VariantBody, *, currency: str
) -> None:
    """Replace a variant by the body; price and stock stay unchanged if omitted.

    Raises: the errors of `change_variant`.
    """
    index = _index(product, variant_id)
    described = contents.with_replaced_variant(body, index, before=product.content, currency=currency)
    await _save_variant(tx, product, described, currency=currency)


async def remove_variant(tx: Transaction, product: Product, variant_id: UUID, *, currency: str) -> None:
    """Remove a variant from a product; old orders still refer to it.

    Raises:
        VariantUnknown: the product has no such variant.
        LastVariant: it is the only one.
    """
    index = _index(product, variant_id)
    if len(product.variant_ids) == 1:
        raise LastVariant
    described = DescribedContent(contents.without_variant(index, before=product.content), {})
    ids = (*product.variant_ids[:index], *product.variant_ids[index + 1 :])
    await _save(tx, product.id, product, described, ids, resolved=resolved_from(product), currency=currency)


async def _save_variant(tx: Transaction, product: Product, described: DescribedContent, *, currency: str) -> None:
    ids = product.variant_ids
    await _save(tx, product.id, product, described, ids, resolved=resolved_from(product), currency=currency)


def _index(product: Product, variant_id: UUID) -> int:
    if variant_id not in product.variant_ids:
        raise VariantUnknown
    return product.variant_ids.index(variant_id)


async def _save(
    tx: Transaction,
    product_id: UUID,
    before: Product | None,
    described: DescribedContent,
    variant_ids: tuple[UUID, ...],
    *,
    resolved: Resolved,
    currency: str,
) -> None:
    """Save one product; if nothing differs, nothing is written and no event is published."""
    content = described.content
    await _skus_must_be_free(tx, content, before, variant_ids)
    counted = await _stock_to_save(tx, described, before, variant_ids)
    change = Change(
        product_id=product_id,
        before=before,
        content=content,
        variant_ids=variant_ids,
        lineage=resolved.lineage,
        category_path=resolved.category_path,
        vendor_name=resolved.vendor_name,
    )
    is_as_before = before is not None and before.content == content and before.variant_ids == variant_ids
    changes = [] if is_as_before else [change]
    if changes or counted.known:
        await save_products(tx, changes, currency=currency, counted=counted, reason=REASON)


async def _skus_must_be_free(
    tx: Transaction, content: Content, before: Product | None, variant_ids: tuple[UUID, ...]
) -> None:
    own = {*variant_ids, *(before.variant_ids if before else ())}
    owners = await repository.sku_owners(tx, content.skus) if content.skus else {}
    for sku, (owner, _) in owners.items():
        if owner not in own:
            raise SkuTaken(sku=sku)


async def _stock_to_save(
    tx: Transaction, described: DescribedContent, before: Product | None, variant_ids: tuple[UUID, ...]
) -> CountedStock:
    ids = dict(zip((variant.key for variant in described.content.variants), variant_ids, strict=True))
    variants = {variant.key: variant for variant in described.content.variants}
    known_ids = frozenset(before.variant_ids if before else ())
    requested = {ids[key]: (variants[key], number) for key, number in described.stock.items()}
    available = await _read_available(tx, requested.keys() & known_ids)
    known: dict[UUID, int] = {}
    for variant_id, available_now in available.items():
        variant, number = requested[variant_id]
        if number is None and available_now is not None:
            raise StockCounted(variant_id=variant_id)
        if number is not None and available_units(variant, number) != available_now:
            known[variant_id] = number
    new = {variant_id: number for variant_id, (_, number) in requested.items() if variant_id not in known_ids}
    return CountedStock(new=new, known=known)


async def _read_available(tx: Transaction, variant_ids: frozenset[UUID] | set[UUID]) -> Mapping[UUID, int | None]:
    return await inventory.available(tx, sorted(variant_ids)) if variant_ids else {}
