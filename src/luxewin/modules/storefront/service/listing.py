"""Lists and details, read from the catalogue itself, so that a change is seen by whoever reads after its commit."""

from typing import Any

import orjson

from luxewin.kit.access import Role
from luxewin.kit.pagination import Cursors
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import ProductUnknown
from luxewin.modules.storefront.domain.listing import FOR_SALE, Listing
from luxewin.modules.storefront.repository import filtering, products
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.service.matching import meant
from luxewin.modules.storefront.service.shaping import product_of
from luxewin.modules.storefront.service.shown import Reader, Shown, read_products
from luxewin.modules.vendors.public import vendor_of


async def list_products(
    tx: Transaction, listing: Listing, *, cursors: Cursors, read: Reader = read_products
) -> dict[str, Any]:
    """Return a page of the products for sale, as `read` knows them.

    Raises:
        InvalidCursor: the cursor was made for another list.
    """
    hits = None if listing.query is None else (await meant(tx, listing.query)).hits
    page, next_cursor = await page_of(tx, listing, hits, route="products", cursors=cursors, read=read)
    return {"data": [orjson.Fragment(shown.json) for shown in page], "next_cursor": next_cursor}


async def page_of(
    tx: Transaction, listing: Listing, hits: Hits | None, *, route: str, cursors: Cursors, read: Reader
) -> tuple[list[Shown], str | None]:
    """Return the products of a page and the cursor of the next one; cursors fit the route they were made for.

    Which products stand on the page is looked up each time. One that is taken off between that and its reading is left
    out.
    """
    places, next_cursor = await _places(tx, listing, hits, route=route, cursors=cursors)
    ids = [place["id"] for place in places]
    shown = await read(tx, ids)
    return [shown[product_id] for product_id in ids if product_id in shown], next_cursor


async def _places(
    tx: Transaction, listing: Listing, hits: Hits | None, *, route: str, cursors: Cursors
) -> tuple[list[Any], str | None]:
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
    place = [str(last["place"]), str(last["id"])]
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
