"""Products as shoppers see them: which stand on a page is picked first, then they are read with variants and stock."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public.values import VARIANT_FIELDS
from luxewin.modules.storefront.domain.listing import Listing, Sort
from luxewin.modules.storefront.repository.filtering import Found, conditions, few, may_leave_few, with_sizes
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.repository.statement import Parameters, as_id

_SHOWN = (
    "p.id, p.slug, p.name, p.description, p.status, p.category_id::text, p.category_slug, p.category_name,"
    " p.category_path, p.vendor_id::text, p.vendor_name, p.product_type_id::text, p.attributes::text, p.tags,"
    " p.images::text, p.options::text, p.currency, p.price_minor, p.compare_at_minor, p.created_at, p.updated_at,"
    " p.version, s.variants, s.in_stock, s.stock"
)
_FURTHER_FIELDS = "".join(
    f", '{field.api_name}', v.{field.name}"
    for field in VARIANT_FIELDS
    if field.is_public and field.name not in {"sku", "price_minor"}
)
_SHELF = (
    "LEFT JOIN LATERAL (SELECT json_agg(json_build_object('id', v.id, 'sku', v.sku, 'options', v.options,"
    " 'price', json_build_object('amount', v.price_minor, 'currency', v.currency),"
    " 'stock', a.available, 'in_stock', coalesce(a.in_stock, true)"
    f"{_FURTHER_FIELDS}) ORDER BY v.position, v.id) AS variants,"
    " bool_or(coalesce(a.in_stock, true)) AS in_stock,"
    " CASE WHEN bool_and(a.available IS NOT NULL) THEN sum(a.available)::bigint END AS stock"
    " FROM catalog_v_variants v LEFT JOIN inventory_v_availability a ON a.tenant_id = $1 AND a.variant_id = v.id"
    " WHERE v.tenant_id = $1 AND v.product_id = p.id) AS s ON true"
)
_FETCHED = (DEFAULT_LIMIT + 1, 2 * DEFAULT_LIMIT + 1, LARGEST_LIMIT + 1)
_PLACES = {
    Sort.NEWEST: ("p.created_at", "timestamptz", "DESC"),
    Sort.OLDEST: ("p.created_at", "timestamptz", "ASC"),
    Sort.CHEAPEST: ("p.price_minor", "bigint", "ASC"),
    Sort.DEAREST: ("p.price_minor", "bigint", "DESC"),
    Sort.NAME: ("p.sort_name", "text", "ASC"),
    Sort.NAME_BACKWARDS: ("p.sort_name", "text", "DESC"),
    Sort.RELEVANCE: ("m.rank", "bigint", "DESC"),
}
"""By what each sort compares products, before their ids; an index serves each of them but relevance."""

_BY_PRICE = {Sort.CHEAPEST, Sort.DEAREST}
_SHORT_WALK = 1000


async def page(
    tx: Transaction, listing: Listing, found: Found, *, hits: Hits | None, after: Sequence[Any] | None
) -> list[asyncpg.Record]:
    """Return the ids of a page's products, and some more where there is a next page.

    `place` is what a cursor continues from.

    `hits` are the products that a query found; `after` is the place of the last product of the page before.
    """
    if hits is None and may_leave_few(listing.filters, by_price=listing.sort in _BY_PRICE):
        # Mostly a short walk fills the page; only where it does not is a count worth its while.
        rows = await _picked(tx, listing, found, hits=None, after=after, walked=_SHORT_WALK)
        if len(rows) > listing.limit:
            return rows
        found = await with_sizes(tx, listing.filters, found)
    return await _picked(tx, listing, found, hits=hits, after=after, walked=None)


async def _picked(
    tx: Transaction,
    listing: Listing,
    found: Found,
    *,
    hits: Hits | None,
    after: Sequence[Any] | None,
    walked: int | None,
) -> list[asyncpg.Record]:
    """Pick a page; `walked` bounds how many products are looked at, where they are looked at in the list's order."""
    parameters = Parameters(tx.tenant_id)
    column, kind, direction = _PLACES[listing.sort]
    wanted = conditions(listing.filters, found, parameters, by_price=listing.sort in _BY_PRICE)
    beyond_place = ""
    if after is not None:
        place, product_id = (parameters.bind(value) for value in after)
        beyond = "<" if direction == "DESC" else ">"
        beyond_place = f" AND ({column}, p.id) {beyond} ({place}::text::{kind}, {product_id}::text::uuid)"
    order = f"{{}} {direction}, p.id {direction}"
    # Hits come best first, so that the walk through them ends with the page.
    in_order = "m.place" if listing.sort is Sort.RELEVANCE else order.format(column)
    picked = f"WHERE {wanted}{beyond_place} ORDER BY {in_order} LIMIT {_fetched(listing.limit)}"
    members = _members(listing, found, hits, parameters)
    products = "catalog_v_products p" if members is None else f"{members} {EACH}"
    if members is None and walked is not None:
        products = (
            f"(SELECT * FROM catalog_v_products p WHERE p.tenant_id = $1 AND p.status = 'active'{beyond_place}"
            f" ORDER BY {order.format(column)} LIMIT {walked}) AS p"
        )
    return await tx.fetch(f"SELECT p.id, {column} AS place FROM {products} {picked}", *parameters.values)


def _fetched(limit: int) -> int:
    """Return how many rows to fetch for a page and at least one more.

    Written into the statement, because a limit that comes as a parameter is unknown when the plan is chosen, and then
    every plan is made anew; one of a few sizes, because every statement stays prepared.
    """
    return next(size for size in _FETCHED if size > limit)


def _members(listing: Listing, found: Found, hits: Hits | None, parameters: Parameters) -> str | None:
    if hits is not None:
        products, ranks = parameters.bind(hits.products), parameters.bind(hits.ranks)
        return f"unnest({products}::uuid[], {ranks}::bigint[]) WITH ORDINALITY AS m(product_id, rank, place)"
    members = few(listing.filters, found, parameters)
    return None if members is None else f"({members} OFFSET 0) AS m"


EACH = (
    "CROSS JOIN LATERAL (SELECT o.tenant_id, o.id, o.status, o.category_slug, o.category_name, o.vendor_id,"
    " o.vendor_name, o.tags, o.price_minor, o.sort_name, o.created_at FROM catalog_v_products o"
    " WHERE o.tenant_id = $1 AND o.id = m.product_id OFFSET 0) AS p"
)
"""Looks up each member `m` by its key, as the product `p`; the planner must not scan the catalogue for them."""


async def whole(tx: Transaction, ids: Sequence[UUID]) -> list[asyncpg.Record]:
    """Return those of these products that are for sale, in any order."""
    return await tx.fetch(
        f"SELECT {_SHOWN} FROM unnest($2::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT * FROM catalog_v_products o"
        f" WHERE o.tenant_id = $1 AND o.id = k.id AND o.status = 'active' OFFSET 0) AS p {_SHELF}",
        tx.tenant_id,
        ids,
    )


async def one(tx: Transaction, wanted: str, *, for_sale: bool) -> asyncpg.Record | None:
    """Return the product with this id or slug, or None."""
    product_id = as_id(wanted)
    condition = "p.slug = $2" if product_id is None else "p.id = $2"
    status = " AND p.status = 'active'" if for_sale else ""
    return await tx.fetchrow(
        f"SELECT {_SHOWN} FROM catalog_v_products p {_SHELF} WHERE p.tenant_id = $1 AND {condition}{status}",
        tx.tenant_id,
        wanted if product_id is None else product_id,
    )
