"""Lists and details, read from the database, so that every read sees the changes committed before it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import orjson

from luxewin.kit.errors import Forbidden
from luxewin.kit.http.sparse_fields import only_fields
from luxewin.kit.pagination import Cursors
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import ProductUnknown
from luxewin.modules.identity.public import Role
from luxewin.modules.storefront.domain.listing import FOR_SALE, Listing
from luxewin.modules.storefront.repository import products
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.service.matching import match_query
from luxewin.modules.storefront.service.product_cache import (
    ReadProducts,
    SerialisedProduct,
    read_any_products,
    read_products,
)
from luxewin.modules.storefront.service.resolve_filters import resolve_filters
from luxewin.modules.storefront.service.serialising import product_of, state_of
from luxewin.modules.vendors.public import VendorStatus, vendor_of


async def list_products(
    tx: Transaction, listing: Listing, *, cursors: Cursors, read: ReadProducts = read_products
) -> dict[str, Any]:
    """Return a page of the products for sale, read with `read`.

    Raises:
        InvalidCursor: the cursor was made for another list.
    """
    hits = None if listing.query is None else (await match_query(tx, listing.query)).hits
    page, next_cursor = await page_of(tx, listing, hits, route="products", cursors=cursors, read=read)
    data = [orjson.Fragment(only_fields(product.json, listing.fields)) for product in page]
    return {"data": data, "next_cursor": next_cursor}


async def list_any_products(tx: Transaction, listing: Listing, *, cursors: Cursors) -> dict[str, Any]:
    """Return a page of products by their status: staff see all products, vendors their own.

    Raises:
        Forbidden: the caller is neither staff nor a vendor.
        InvalidCursor: the cursor was made for another list.
    """
    if not tx.principal.is_staff:
        vendor_id = None
        if tx.principal.role == Role.VENDOR and tx.principal.user_id is not None:
            vendor_id = await vendor_of(tx, tx.principal.user_id)
        if vendor_id is None:
            raise Forbidden(
                f"`status={listing.status}` is for staff and vendors; leave it out to list what is for sale"
            )
        listing = replace(listing, filters=replace(listing.filters, vendor=str(vendor_id)))
    return await list_products(tx, listing, cursors=cursors, read=read_any_products)


async def page_of(
    tx: Transaction, listing: Listing, hits: Hits | None, *, route: str, cursors: Cursors, read: ReadProducts
) -> tuple[list[SerialisedProduct], str | None]:
    """Return the products of a page and the cursor of the next page; cursors are valid only for their route.

    The ids of a page are always queried. A product that is withdrawn from sale before it is read is left out.
    """
    rows, next_cursor = await _rows(tx, listing, hits, route=route, cursors=cursors)
    ids = [row["id"] for row in rows]
    read_now = await read(tx, ids)
    return [read_now[product_id] for product_id in ids if product_id in read_now], next_cursor


async def _rows(
    tx: Transaction, listing: Listing, hits: Hits | None, *, route: str, cursors: Cursors
) -> tuple[list[Any], str | None]:
    scope = f"{route} {listing.scope}"
    after = None
    if listing.cursor is not None:
        after = cursors.read(listing.cursor, tenant_id=tx.tenant_id, listing=scope)
    resolved = await resolve_filters(tx, listing.filters)
    if resolved.selects_nothing(listing.filters) or (hits is not None and not hits.products):
        return [], None
    rows = await products.page(tx, listing, resolved, hits=hits, after=after)
    if len(rows) <= listing.limit:
        return rows, None
    last = rows[listing.limit - 1]
    position = [str(last["position"]), str(last["id"])]
    return rows[: listing.limit], cursors.sign(position, tenant_id=tx.tenant_id, listing=scope)


@dataclass(frozen=True, slots=True)
class ProductDetails:
    """A product as plain values, the state that its entity tag begins with, and whether it is for sale."""

    values: dict[str, Any]
    state: str
    is_for_sale: bool

    @classmethod
    def of(cls, row: Any) -> Self:
        """Return the details of a product's row."""
        return cls(product_of(row), state_of(row), _is_for_sale(row))

    def only(self, names: Sequence[str]) -> dict[str, Any]:
        """Return the values of these fields; no names mean all fields."""
        return {name: value for name, value in self.values.items() if name in names} if names else self.values


async def show_product(tx: Transaction, wanted: str) -> ProductDetails:
    """Return the public product with this id or slug.

    Raises:
        ProductUnknown: there is none.
    """
    row = await products.by_id_or_slug(tx, wanted, for_sale=True)
    if row is None:
        raise ProductUnknown
    return ProductDetails.of(row)


async def show_any_product(tx: Transaction, wanted: str) -> ProductDetails:
    """Return the product with this id or slug, if the caller may see it: staff see all, vendors also their own.

    Raises:
        ProductUnknown: there is no such product, or it is not for sale and does not belong to the caller.
    """
    row = await products.by_id_or_slug(tx, wanted, for_sale=False)
    if row is None or not (_is_for_sale(row) or await _may_see_drafts(tx, row["vendor_id"])):
        raise ProductUnknown
    return ProductDetails.of(row)


def _is_for_sale(row: Any) -> bool:
    return bool(row["status"] == FOR_SALE and row["vendor_status"] != VendorStatus.SUSPENDED)


async def _may_see_drafts(tx: Transaction, vendor_id: str | None) -> bool:
    caller = tx.principal
    if caller.is_staff:
        return True
    if caller.role != Role.VENDOR or caller.user_id is None or vendor_id is None:
        return False
    return str(await vendor_of(tx, caller.user_id)) == vendor_id
