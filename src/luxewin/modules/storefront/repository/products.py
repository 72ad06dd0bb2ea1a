"""Products for shoppers: the ids of a page are selected first, then read with variants and stock levels."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit.ids import id_of
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import IS_FOR_SALE
from luxewin.modules.catalog.public.values import VARIANT_FIELDS, Field, Kind
from luxewin.modules.storefront.domain.listing import ListedStatus, Listing, Sort
from luxewin.modules.storefront.repository.filtering import (
    ResolvedFilters,
    candidates,
    conditions,
    has_status,
    may_select_few,
    ordered_members,
    with_sizes,
)
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.repository.statement import Parameters

_COLUMNS = (
    "p.id, p.slug, p.name, p.description, p.status, p.category_id::text, p.category_slug, p.category_name,"
    " p.category_path, p.vendor_id::text, p.vendor_name, p.product_type_id::text, p.attributes::text, p.tags,"
    " p.images::text, p.options::text, p.currency, p.price_minor, p.compare_at_minor, p.created_at, p.updated_at,"
    " p.version, p.seo_title, p.seo_description, p.vendor_status, s.variants, s.in_stock, s.stock"
)


def _json_member(field: Field) -> str:
    column = f"v.{field.name}"
    if field.kind is Kind.AMOUNT:
        amount = f"json_build_object('amount', {column}, 'currency', v.currency)"
        column = amount if field.is_required else f"CASE WHEN {column} IS NOT NULL THEN {amount} END"
    return f"'{field.api_name}', {column}"


_FIELDS = ", ".join(_json_member(field) for field in VARIANT_FIELDS if field.is_public)
_VARIANTS = (
    "LEFT JOIN LATERAL (SELECT json_agg(json_build_object('id', v.id, 'options', v.options,"
    " 'stock', a.stock, 'in_stock', coalesce(a.in_stock, true),"
    f" {_FIELDS}) ORDER BY v.position, v.id) AS variants,"
    " bool_or(coalesce(a.in_stock, true)) AS in_stock,"
    " CASE WHEN bool_and(a.stock IS NOT NULL) THEN sum(a.stock)::bigint END AS stock"
    " FROM catalog_v_variants v LEFT JOIN inventory_v_availability a ON a.tenant_id = $1 AND a.variant_id = v.id"
    " WHERE v.tenant_id = $1 AND v.product_id = p.id) AS s ON true"
)
_FETCH_SIZES = (DEFAULT_LIMIT + 1, 2 * DEFAULT_LIMIT + 1, LARGEST_LIMIT + 1)
_SORT_KEYS = {
    Sort.NEWEST: ("p.created_at", "timestamptz", "DESC"),
    Sort.OLDEST: ("p.created_at", "timestamptz", "ASC"),
    Sort.CHEAPEST: ("p.price_minor", "bigint", "ASC"),
    Sort.DEAREST: ("p.price_minor", "bigint", "DESC"),
    Sort.NAME: ("p.sort_name", "text", "ASC"),
    Sort.NAME_BACKWARDS: ("p.sort_name", "text", "DESC"),
    Sort.RELEVANCE: ("m.rank", "bigint", "DESC"),
    Sort.POSITION: ("m.position", "bigint", "ASC"),
}
"""The column of each sort order, followed by the product's id; those of the product have an index."""

_BY_PRICE = {Sort.CHEAPEST, Sort.DEAREST}
_SHORT_SCAN = 1000


async def page(
    tx: Transaction, listing: Listing, resolved: ResolvedFilters, *, hits: Hits | None, after: Sequence[Any] | None
) -> list[asyncpg.Record]:
    """Return `id` and `position` of a page's products, and of some more if there is a next page.

    `hits` are the products that a query found; `after` is position and id of the last product of the previous page.
    """
    if (
        hits is None
        and listing.status is ListedStatus.ACTIVE
        and may_select_few(listing.filters, by_price=listing.sort in _BY_PRICE)
    ):
        # A short scan usually fills the page; sizes are counted only if it does not.
        rows = await _select_page(tx, listing, resolved, hits=None, after=after, scanned=_SHORT_SCAN)
        if len(rows) > listing.limit:
            return rows
        resolved = await with_sizes(tx, listing.filters, resolved)
    return await _select_page(tx, listing, resolved, hits=hits, after=after, scanned=None)


async def _select_page(
    tx: Transaction,
    listing: Listing,
    resolved: ResolvedFilters,
    *,
    hits: Hits | None,
    after: Sequence[Any] | None,
    scanned: int | None,
) -> list[asyncpg.Record]:
    """Select a page; `scanned` limits the number of checked products if the index of the list is scanned."""
    parameters = Parameters(tx.tenant_id)
    column, kind, direction = _SORT_KEYS[listing.sort]
    condition = conditions(
        listing.filters, resolved, parameters, status=listing.status, by_price=listing.sort in _BY_PRICE
    )
    after_position = ""
    if after is not None:
        position, product_id = (parameters.bind(value) for value in after)
        beyond = "<" if direction == "DESC" else ">"
        after_position = f" AND ({column}, p.id) {beyond} ({position}::text::{kind}, {product_id}::text::uuid)"
    order = f"{{}} {direction}, p.id {direction}"
    # Hits are sorted best first, so that the scan ends with the page.
    ordering = "m.ordinal" if listing.sort is Sort.RELEVANCE else order.format(column)
    selection = f"WHERE {condition}{after_position} ORDER BY {ordering} LIMIT {_fetch_size(listing.limit)}"
    members = _candidates(listing, resolved, hits, parameters)
    products = "catalog_v_products p" if members is None else f"{members} {PRODUCT_OF_CANDIDATE}"
    if members is None and scanned is not None:
        products = (
            f"(SELECT * FROM catalog_v_products p WHERE p.tenant_id = $1 AND {has_status(listing.status)}"
            f"{after_position} ORDER BY {order.format(column)} LIMIT {scanned}) AS p"
        )
    return await tx.fetch(f"SELECT p.id, {column} AS position FROM {products} {selection}", *parameters.values)


def _fetch_size(limit: int) -> int:
    """Return how many rows to fetch for a page and at least one more.

    The number is a literal of the statement: the planner does not know the value of a parameter, and would plan every
    execution again. It is one of a few sizes, because every statement stays prepared.
    """
    return next(size for size in _FETCH_SIZES if size > limit)


def _candidates(listing: Listing, resolved: ResolvedFilters, hits: Hits | None, parameters: Parameters) -> str | None:
    if hits is not None:
        products, ranks = parameters.bind(hits.products), parameters.bind(hits.ranks)
        return f"unnest({products}::uuid[], {ranks}::bigint[]) WITH ORDINALITY AS m(product_id, rank, ordinal)"
    if listing.sort is Sort.POSITION:
        return f"({ordered_members(resolved, parameters)} OFFSET 0) AS m"
    query = candidates(listing.filters, resolved, parameters)
    return None if query is None else f"({query} OFFSET 0) AS m"


PRODUCT_OF_CANDIDATE = (
    "CROSS JOIN LATERAL (SELECT o.tenant_id, o.id, o.status, o.vendor_status, o.category_slug, o.category_name,"
    " o.vendor_id, o.vendor_name, o.tags, o.price_minor, o.sort_name, o.created_at FROM catalog_v_products o"
    " WHERE o.tenant_id = $1 AND o.id = m.product_id OFFSET 0) AS p"
)
"""Joins each candidate `m` by key to its product `p`; the planner must not scan the catalogue for them."""


async def by_ids(tx: Transaction, ids: Sequence[UUID], *, for_sale: bool = True) -> list[asyncpg.Record]:
    """Return the products with these ids, in any order; by default only those that are for sale."""
    status = f" AND {IS_FOR_SALE.format('o')}" if for_sale else ""
    return await tx.fetch(
        f"SELECT {_COLUMNS} FROM unnest($2::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT * FROM catalog_v_products o"
        f" WHERE o.tenant_id = $1 AND o.id = k.id{status} OFFSET 0) AS p {_VARIANTS}",
        tx.tenant_id,
        ids,
    )


async def by_id_or_slug(tx: Transaction, wanted: str, *, for_sale: bool) -> asyncpg.Record | None:
    """Return the product with this id, else the one with this slug, or None."""
    product_id = id_of(wanted)
    status = f" AND {IS_FOR_SALE.format('p')}" if for_sale else ""
    if product_id is None:
        return await tx.fetchrow(
            f"SELECT {_COLUMNS} FROM catalog_v_products p {_VARIANTS} WHERE p.tenant_id = $1 AND p.slug = $2{status}",
            tx.tenant_id,
            wanted,
        )
    return await tx.fetchrow(f"{_BY_ID_ELSE_BY_SLUG}{status}", tx.tenant_id, product_id, wanted)


_BY_ID_ELSE_BY_SLUG = (
    f"SELECT {_COLUMNS} FROM (SELECT coalesce("
    "(SELECT o.id FROM catalog_v_products o WHERE o.tenant_id = $1 AND o.id = $2),"
    " (SELECT o.id FROM catalog_v_products o WHERE o.tenant_id = $1 AND o.slug = $3)) AS id OFFSET 0) AS k"
    " CROSS JOIN LATERAL (SELECT * FROM catalog_v_products o WHERE o.tenant_id = $1 AND o.id = k.id OFFSET 0) AS p"
    f" {_VARIANTS} WHERE true"
)
"""A slug may look like an id; it is looked up only if no product has the id. Each step uses an index."""
