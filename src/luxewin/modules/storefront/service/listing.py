"""Lists and details, read from the catalogue itself, so that a change is seen by whoever reads after its commit."""

from typing import Any

from luxewin.kit.access import Role
from luxewin.kit.pagination import Cursors
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import ProductUnknown
from luxewin.modules.storefront.domain.listing import FOR_SALE, Listing
from luxewin.modules.storefront.repository import filtering, products
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.service.matching import meant
from luxewin.modules.storefront.service.shaping import product_of
from luxewin.modules.vendors.public import vendor_of


async def list_products(tx: Transaction, listing: Listing, *, cursors: Cursors) -> dict[str, Any]:
    """Return a page of the products for sale.

    Raises:
        InvalidCursor: the cursor was made for another list.
    """
    hits = None if listing.query is None else (await meant(tx, listing.query)).hits
    rows, next_cursor = await page_rows(tx, listing, hits, route="products", cursors=cursors)
    return {"data": [product_of(row) for row in rows], "next_cursor": next_cursor}


async def page_rows(
    tx: Transaction, listing: Listing, hits: Hits | None, *, route: str, cursors: Cursors
) -> tuple[list[Any], str | None]:
    """Return the rows of a page and the cursor of the next one; cursors fit the route they were made for."""
    scope = f"{route} {listing.scope}"
    after = None
    if listing.cursor is not None:
        after = cursors.read(listing.cursor, tenant_id=tx.tenant_id, listing=scope)
    found = await filtering.look_up(tx, listing.filters)
    if found is None or (hits is not None and not hits.products):
        return [], None
    rows = await products.page(tx, listing, found, hits=hits, after=after)
    if len(rows) <= listing.limit:
        return rows, None
    last = rows[listing.limit - 1]
    place = [str(last["place"]), last["id"]]
    return rows[: listing.limit], cursors.sign(place, tenant_id=tx.tenant_id, listing=scope)


async def show_product(tx: Transaction, wanted: str) -> dict[str, Any]:
    """Return the product for sale that has this id or slug, as everybody sees it.

    Raises:
        ProductUnknown: there is none.
    """
    row = await products.one(tx, wanted, for_sale=True)
    if row is None:
        raise ProductUnknown
    return product_of(row)


async def show_any_product(tx: Transaction, wanted: str) -> dict[str, Any]:
    """Return the product that has this id or slug, as far as the caller may see it: staff all, vendors also their own.

    Raises:
        ProductUnknown: there is none, or it is not for sale and not the caller's.
    """
    row = await products.one(tx, wanted, for_sale=False)
    if row is None or not (row["status"] == FOR_SALE or await _may_see_drafts(tx, row["vendor_id"])):
        raise ProductUnknown
    return product_of(row)


async def _may_see_drafts(tx: Transaction, vendor_id: str | None) -> bool:
    caller = tx.principal
    if caller.is_staff:
        return True
    if caller.role is not Role.VENDOR or caller.user_id is None or vendor_id is None:
        return False
    return str(await vendor_of(tx, caller.user_id)) == vendor_id
