"""Products and variants over HTTP."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

from fastapi import Path
from starlette.responses import Response

from luxewin.kit.errors import PreconditionFailed
from luxewin.kit.http.context import CurrentContext, RequestContext, json_response
from luxewin.kit.http.fields import must_match
from luxewin.kit.idempotency import StoredResponse
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.entity_tags import stock_state
from luxewin.modules.catalog.domain.products import Product
from luxewin.modules.catalog.errors import (
    AttributeInvalid,
    CatalogueMoved,
    CategoryAmbiguous,
    CategoryInvalid,
    CategoryNotFound,
    CurrencyNotSold,
    LastVariant,
    NotAVendor,
    NotYoursToSet,
    ProductInvalid,
    ProductTypeNotFound,
    ProductUnknown,
    SkuTaken,
    SlugTaken,
    StockCounted,
    StockedVariantsDropped,
    VariantAmbiguous,
    VariantExists,
    VariantUnknown,
    VendorNotFound,
)
from luxewin.modules.catalog.routes.router import router
from luxewin.modules.catalog.schemas.product_views import ProductView
from luxewin.modules.catalog.schemas.products import ProductBody, ProductPatch, VariantBody, VariantPatch
from luxewin.modules.catalog.service import products as service
from luxewin.modules.catalog.service.ownership import must_be_current, own_product
from luxewin.modules.catalog.service.products import LockedStock
from luxewin.modules.catalog.service.read_products import view_of
from luxewin.modules.identity.public import sellers
from luxewin.modules.inventory.public import StockChanged, StockReserved

ProductId = Annotated[UUID, Path(alias="product")]
"""The path parameter of a product; it has the same name in paths that also accept a slug."""

VariantId = Annotated[UUID, Path(alias="variant")]

WRITE_PRODUCTS = sellers("catalog.products.write")
DELETE_PRODUCTS = sellers("catalog.products.delete")

_INVALID_BODY = (
    *(CategoryNotFound, CategoryAmbiguous, CategoryInvalid, VendorNotFound, ProductTypeNotFound, AttributeInvalid),
    *(ProductInvalid, CurrencyNotSold, NotAVendor, NotYoursToSet, SlugTaken, SkuTaken, CatalogueMoved),
)
_CANNOT_BE_CHANGED = (ProductUnknown, PreconditionFailed, StockCounted, StockReserved, StockChanged)
_LISTS_VARIANTS = (*_CANNOT_BE_CHANGED, StockedVariantsDropped)


@router.operation(
    "POST", "/products", permission=WRITE_PRODUCTS, response_model=ProductView, status=201, errors=_INVALID_BODY
)
async def create_product(context: CurrentContext, body: ProductBody) -> Response:
    """Create a product.

    Either with one default variant (`price`, `stock`, `sku`) or with `options` and `variants`. `stock` is the number of
    available units; without it stock is not tracked, and the product is always in stock. The product of a vendor's
    member belongs to the vendor; staff create a new category by its name.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        product_id = await service.create_product(tx, body, currency=context.tenant.currency)
        return _answer(await view_of(tx, product_id), status=201)

    return await context.write(effect)


@router.operation(
    "PUT",
    "/products/{product}",
    permission=WRITE_PRODUCTS,
    response_model=ProductView,
    errors=(*_INVALID_BODY, *_LISTS_VARIANTS),
)
async def replace_product(context: CurrentContext, product_id: ProductId, body: ProductBody) -> Response:
    """Replace a product by the body.

    Slug, status, vendor, type, SEO texts and stock stay unchanged if omitted, and so do all fields of the only variant
    of a product without `variants`. The response to a read is a valid body: its read-only fields are ignored if they
    are unchanged, and refused otherwise.

    In `variants`, an existing variant is recognised by its `id`, else by its SKU, else by its options in any spelling;
    it keeps its stock, and its place in carts and orders. Variants that are left out are removed, but not if they have
    stock or open orders: delete these one by one. With `If-Match`, the stock must be unchanged, too.
    """
    return await _change(
        context,
        product_id,
        lambda tx, product, stock: service.replace_product(
            tx,
            product,
            body,
            stock=stock,
            is_conditional="if-match" in context.headers,
            currency=context.tenant.currency,
        ),
        writes_stock=True,
    )


@router.operation(
    "PATCH",
    "/products/{product}",
    permission=WRITE_PRODUCTS,
    response_model=ProductView,
    errors=(*_INVALID_BODY, *_LISTS_VARIANTS, VariantAmbiguous),
)
async def change_product(context: CurrentContext, product_id: ProductId, body: ProductPatch) -> Response:
    """Change the fields of a product that are in the body.

    `price`, `stock` and `sku` can be set on a product with one variant; other products have them in each variant.
    `variants` is the whole list, recognised as by `PUT`; fields that a variant leaves out stay unchanged. `stock` is
    the number of available units. If the body has it, `If-Match` needs the `ETag` of a response, and the stock must be
    unchanged, too.
    """
    return await _change(
        context,
        product_id,
        lambda tx, product, stock: service.change_product(
            tx,
            product,
            body,
            stock=stock,
            currency=context.tenant.currency,
        ),
        writes_stock=body.variants is not None or "stock" in body.model_fields_set,
    )


@router.operation(
    "DELETE",
    "/products/{product}",
    permission=DELETE_PRODUCTS,
    status=204,
    errors=(ProductUnknown, PreconditionFailed, CatalogueMoved),
)
async def delete_product(context: CurrentContext, product_id: ProductId) -> Response:
    """Delete a product.

    Its slug and SKUs are free from then on; old orders still refer to it.
    """

    async def effect(tx: Transaction) -> StoredResponse:
        product = await own_product(tx, product_id)
        must_match(context, product.version, has_state=True)
        await service.delete_product(tx, product)
        return json_response(None, status=204)

    return await context.write(effect)


@router.operation(
    "POST",
    "/products/{product}/variants",
    permission=WRITE_PRODUCTS,
    response_model=ProductView,
    status=201,
    errors=(ProductInvalid, CurrencyNotSold, VariantExists, SkuTaken, CatalogueMoved, *_CANNOT_BE_CHANGED),
)
async def add_variant(context: CurrentContext, product_id: ProductId, body: VariantBody) -> Response:
    """Add a variant to a product, and return the product.

    It has a value for each of the product's options. Without a price it has the price of the cheapest variant.
    """
    return await _change(
        context,
        product_id,
        lambda tx, product, _: service.add_variant(tx, product, body, currency=context.tenant.currency),
        status=201,
    )


@router.operation(
    "PUT",
    "/products/{product}/variants/{variant}",
    permission=WRITE_PRODUCTS,
    response_model=ProductView,
    errors=(
        *(ProductInvalid, CurrencyNotSold, VariantUnknown, VariantExists, SkuTaken, CatalogueMoved),
        *_CANNOT_BE_CHANGED,
    ),
)
async def replace_variant(
    context: CurrentContext, product_id: ProductId, variant_id: VariantId, body: VariantBody
) -> Response:
    """Replace a variant by the body, and return the product.

    Price and stock stay unchanged if omitted.
    """
    return await _change(
        context,
        product_id,
        lambda tx, product, stock: service.replace_variant(
            tx, product, variant_id, body, stock=stock, currency=context.tenant.currency
        ),
        writes_stock=True,
    )


@router.operation(
    "PATCH",
    "/products/{product}/variants/{variant}",
    permission=WRITE_PRODUCTS,
    response_model=ProductView,
    errors=(
        *(ProductInvalid, CurrencyNotSold, VariantUnknown, VariantExists, SkuTaken, CatalogueMoved),
        *_CANNOT_BE_CHANGED,
    ),
)
async def change_variant(
    context: CurrentContext, product_id: ProductId, variant_id: VariantId, body: VariantPatch
) -> Response:
    """Change the fields of a variant that are in the body, and return the product."""
    return await _change(
        context,
        product_id,
        lambda tx, product, stock: service.change_variant(
            tx, product, variant_id, body, stock=stock, currency=context.tenant.currency
        ),
        writes_stock="stock" in body.model_fields_set,
    )


@router.operation(
    "DELETE",
    "/products/{product}/variants/{variant}",
    permission=WRITE_PRODUCTS,
    response_model=ProductView,
    errors=(VariantUnknown, LastVariant, CatalogueMoved, *_CANNOT_BE_CHANGED),
)
async def remove_variant(context: CurrentContext, product_id: ProductId, variant_id: VariantId) -> Response:
    """Remove a variant, and return the product.

    Its SKU is free from then on; old orders still refer to it.
    """
    return await _change(
        context,
        product_id,
        lambda tx, product, _: service.remove_variant(tx, product, variant_id, currency=context.tenant.currency),
    )


async def _change(
    context: RequestContext,
    product_id: UUID,
    change: Callable[[Transaction, Product, LockedStock], Awaitable[None]],
    *,
    writes_stock: bool = False,
    status: int = 200,
) -> Response:
    """Change a product that the caller may change, if it is as the request expects, and return the product."""

    async def effect(tx: Transaction) -> StoredResponse:
        product = await own_product(tx, product_id)
        stock: LockedStock = {}
        if writes_stock:
            stock = await service.lock_stock(tx, product)
            await must_be_current(tx, product)
        numbers = [stock[variant_id].stock if variant_id in stock else None for variant_id in product.variant_ids]
        must_match(context, product.version, has_state=True, state=stock_state(numbers) if writes_stock else None)
        await change(tx, product, stock)
        return _answer(await view_of(tx, product_id), status=status)

    return await context.write(effect)


def _answer(view: ProductView, *, status: int) -> StoredResponse:
    state = stock_state(variant.stock for variant in view.variants)
    return json_response(view, status=status, ETag=f'"{view.version}-{state}"')
