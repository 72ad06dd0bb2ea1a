"""Creating, changing and deleting products and their variants."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.changes import Change
from luxewin.modules.catalog.domain.products import Content, Product, has_useless_comparison
from luxewin.modules.catalog.errors import (
    LastVariant,
    ProductInvalid,
    SkuTaken,
    StockCounted,
    StockedVariantsDropped,
    VariantUnknown,
)
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.schemas.product_views import ProductView
from luxewin.modules.catalog.schemas.products import ProductBody, ProductFields, ProductPatch, VariantBody, VariantPatch
from luxewin.modules.catalog.service import contents
from luxewin.modules.catalog.service.collections import leave_collections
from luxewin.modules.catalog.service.contents import DescribedContent
from luxewin.modules.catalog.service.read_only import must_agree, variant_must_agree
from luxewin.modules.catalog.service.resolve_references import Resolved, resolve, resolved_from
from luxewin.modules.catalog.service.save_products import CountedStock, remove_products, save_products
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import Availability

REASON = "counted in the catalogue"
"""The reason of stock movements caused by a product request."""

_MOST_NAMED = 20

LockedStock = Mapping[UUID, Availability]
"""The stock of the variants of a product, under lock; empty if the request cannot change it."""


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
    must_agree(body, None, ())
    resolved = await resolve(tx, body, product_id, name=body.name, before=None)
    described = contents.from_body(body, resolved.fields, before=None, currency=currency)
    _total_must_fit(body, described, None, {})
    await _save(tx, product_id, None, described, stock={}, resolved=resolved, currency=currency)
    return product_id


async def lock_stock(tx: Transaction, product: Product) -> LockedStock:
    """Lock the stock of a product's variants until the end of the transaction, and return it."""
    return await inventory.lock_availability(tx, product.variant_ids)


async def replace_product(
    tx: Transaction, product: Product, body: ProductBody, *, stock: LockedStock, is_conditional: bool, currency: str
) -> None:
    """Replace a product by the body; slug, status, vendor, type and stock stay unchanged if omitted.

    Raises: the errors of `create_product`, and
        StockCounted: stock tracking of a counted variant would be disabled.
        StockedVariantsDropped: the body leaves out variants that have stock or open orders.
        PreconditionFailed, InvalidInput: read-only fields of the body differ from the stored ones, or the request is
            not conditional (has no `If-Match`) and sets the stock from a body that was read before.
    """
    resolved = await resolve(tx, body, product.id, name=body.name, before=product)
    described = contents.from_body(body, resolved.fields, before=product, currency=currency)
    must_agree(body, ProductView.of(product, stock), described.variant_ids)
    if not is_conditional:
        _must_have_seen_stock(body, described, product, stock)
    _total_must_fit(body, described, product, stock)
    _must_drop_no_stock(product, described, stock)
    await _save(tx, product.id, product, described, stock=stock, resolved=resolved, currency=currency)


async def change_product(
    tx: Transaction, product: Product, patch: ProductPatch, *, stock: LockedStock, currency: str
) -> None:
    """Apply a patch to a product.

    Raises: the errors of `replace_product`, and VariantAmbiguous: the patch has a price, stock or SKU, but the product
        has several variants.
    """
    resolved = await resolve(tx, patch, product.id, name=product.content.name, before=product)
    described = contents.from_patch(patch, resolved.fields, before=product, currency=currency)
    if patch.variants is not None:
        must_agree(patch, ProductView.of(product, stock), described.variant_ids)
        _total_must_fit(patch, described, product, stock)
        _must_drop_no_stock(product, described, stock)
    await _save(tx, product.id, product, described, stock=stock, resolved=resolved, currency=currency)


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
    body.must_agree(None)
    described = contents.with_variant(body, before=product, currency=currency)
    resolved = resolved_from(product)
    await _save(tx, product.id, product, described, stock={}, resolved=resolved, currency=currency)


async def change_variant(
    tx: Transaction, product: Product, variant_id: UUID, patch: VariantPatch, *, stock: LockedStock, currency: str
) -> None:
    """Apply a patch to a variant.

    Raises:
        VariantUnknown: the product has no such variant.
        VariantExists: another variant has these options.
        ProductInvalid, CurrencyNotSold: it would not fit the product.
        SkuTaken, StockCounted: another variant has its SKU, or its stock tracking would be disabled.
    """
    index = _index(product, variant_id)
    described = contents.with_changed_variant(patch, index, before=product, currency=currency)
    resolved = resolved_from(product)
    await _save(tx, product.id, product, described, stock=stock, resolved=resolved, currency=currency)


async def replace_variant(
    tx: Transaction, product: Product, variant_id: UUID, body: VariantBody, *, stock: LockedStock, currency: str
) -> None:
    """Replace a variant by the body; price and stock stay unchanged if omitted.

    Raises: the errors of `change_variant`, and InvalidInput: read-only fields of the body differ from the stored ones.
    """
    index = _index(product, variant_id)
    variant_must_agree(body, ProductView.of(product, stock), variant_id)
    described = contents.with_replaced_variant(body, index, before=product, currency=currency)
    resolved = resolved_from(product)
    await _save(tx, product.id, product, described, stock=stock, resolved=resolved, currency=currency)


async def remove_variant(tx: Transaction, product: Product, variant_id: UUID, *, currency: str) -> None:
    """Remove a variant from a product, whatever its stock; old orders still refer to it.

    Raises:
        VariantUnknown: the product has no such variant.
        LastVariant: it is the only one.
    """
    index = _index(product, variant_id)
    if len(product.variant_ids) == 1:
        raise LastVariant
    described = contents.without_variant(index, before=product)
    resolved = resolved_from(product)
    await _save(tx, product.id, product, described, stock={}, resolved=resolved, currency=currency)


def _index(product: Product, variant_id: UUID) -> int:
    if variant_id not in product.variant_ids:
        raise VariantUnknown
    return product.variant_ids.index(variant_id)


def _must_drop_no_stock(product: Product, described: DescribedContent, stock: LockedStock) -> None:
    """Check that a list of variants drops none that is counted and not empty, or reserved."""
    remaining = set(described.variant_ids)
    names = [option.name for option in product.content.options]
    dropped: list[dict[str, Any]] = []
    for variant_id, variant in zip(product.variant_ids, product.content.variants, strict=True):
        level = stock.get(variant_id)
        if variant_id not in remaining and level is not None and (level.stock or level.reserved):
            options = dict(zip(names, variant.values, strict=True))
            label = " / ".join(variant.values) or "the only variant"
            dropped.append(
                {"id": str(variant_id), "sku": variant.sku, "options": options, "label": label, "stock": level.stock}
            )
    if dropped:
        listed = ", ".join(f"{each['label']} (stock {each['stock']})" for each in dropped[:_MOST_NAMED])
        raise StockedVariantsDropped(
            f"The variants leave out {listed}: to change a variant, send its `id` or its SKU; to remove it, delete it"
            " with DELETE /products/{product}/variants/{variant}",
            variants=[{name: each[name] for name in each if name != "label"} for each in dropped[:_MOST_NAMED]],
        )


def _total_must_fit(
    body: ProductFields, described: DescribedContent, before: Product | None, stock: LockedStock
) -> None:
    """Check that a stock beside a list of variants is the sum of theirs: it cannot be written."""
    if body.variants is None or "stock" not in body.model_fields_set:
        return
    now = {variant_id: level.stock for variant_id, level in stock.items()}
    totals = [_total([now.get(variant_id) for variant_id in before.variant_ids])] if before else []
    totals.append(_total([described.stock.get(id_, now.get(id_)) for id_ in described.variant_ids]))
    if body.stock not in totals:
        raise ProductInvalid(
            f"`stock` is the sum of the variants' stock, {totals[-1]}, got {body.stock}: give the stock of each"
            " variant, and leave it out of the product",
            pointer="/stock",
        )


def _must_have_seen_stock(body: ProductBody, described: DescribedContent, product: Product, stock: LockedStock) -> None:
    """Check that a body that was read before does not set the stock to what it was then: units may have been sold.

    Such a body has the `version` of the response. It may change the stock if its total is still the current one.
    """
    now = {variant_id: level.stock for variant_id, level in stock.items()}
    set_now = {variant_id: number for variant_id, number in described.stock.items() if variant_id in now}
    if "version" not in body.given or all(number == now[variant_id] for variant_id, number in set_now.items()):
        return
    total = _total([now.get(variant_id) for variant_id in product.variant_ids])
    if body.variants is not None and "stock" in body.model_fields_set and body.stock == total:
        return
    raise PreconditionFailed(
        f"The stock is {total} now, and this body, which was read before, sets another one: send the `ETag` of that"
        " response in `If-Match`, or leave out `version` to set the stock in any case",
        version=product.version,
        stock=total,
    )


def _total(numbers: list[int | None]) -> int | None:
    return None if None in numbers else sum(number or 0 for number in numbers)


async def _save(
    tx: Transaction,
    product_id: UUID,
    before: Product | None,
    described: DescribedContent,
    *,
    stock: LockedStock,
    resolved: Resolved,
    currency: str,
) -> None:
    """Save one product; if nothing differs, nothing is written and no event is published."""
    content, variant_ids = described.content, described.variant_ids
    _comparisons_must_be_higher(described, before, currency=currency)
    await _skus_must_be_free(tx, content, before, variant_ids)
    counted = _stock_to_save(described, before, stock)
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


def _comparisons_must_be_higher(described: DescribedContent, before: Product | None, *, currency: str) -> None:
    """Check the compare-at prices of variants whose prices change; files with such a price are read without it."""
    for variant_id, variant in zip(described.variant_ids, described.content.variants, strict=True):
        known = before.variant(variant_id) if before else None
        is_new = known is None or (known.price_minor, known.compare_at_minor) != (
            variant.price_minor,
            variant.compare_at_minor,
        )
        if is_new and has_useless_comparison(variant):
            raise ProductInvalid(
                f"`compare_at_price` must be higher than `price`, got {variant.compare_at_minor} and"
                f" {variant.price_minor} {currency} in the smallest unit; raise it, or set it to null",
                pointer="/compare_at_price",
            )


async def _skus_must_be_free(
    tx: Transaction, content: Content, before: Product | None, variant_ids: tuple[UUID, ...]
) -> None:
    own = {*variant_ids, *(before.variant_ids if before else ())}
    owners = await repository.sku_owners(tx, content.skus) if content.skus else {}
    for sku, (owner, _) in owners.items():
        if owner not in own:
            raise SkuTaken(sku=sku)


def _stock_to_save(described: DescribedContent, before: Product | None, stock: LockedStock) -> CountedStock:
    known_ids = frozenset(before.variant_ids if before else ())
    known: dict[UUID, int] = {}
    new: dict[UUID, int | None] = {}
    for variant_id, number in described.stock.items():
        if variant_id not in known_ids:
            if number is not None and number < 0:
                raise ProductInvalid(f"`stock` of a new variant must be at least 0, got {number}", pointer="/stock")
            new[variant_id] = number
            continue
        level = stock.get(variant_id)
        if level is not None and number is None and level.stock is not None:
            raise StockCounted(variant_id=variant_id)
        if number is not None and (level is None or level.stock != number):
            known[variant_id] = number
    return CountedStock(new=new, known=known)
