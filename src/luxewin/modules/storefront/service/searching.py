"""Searching products, with highlights, corrections, suggestions and facets."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from luxewin.kit.http.sparse_fields import only_fields
from luxewin.kit.pagination import Cursors
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import tag_key
from luxewin.modules.storefront.domain.highlights import highlight, snippet
from luxewin.modules.storefront.domain.listing import HIGHLIGHTS, Filters, Search
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.repository import facets, search
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.service.listing import page_of
from luxewin.modules.storefront.service.matching import match_query
from luxewin.modules.storefront.service.product_cache import ReadProducts, SerialisedProduct, read_products
from luxewin.modules.storefront.service.resolve_filters import resolve_filters
from luxewin.modules.storefront.service.serialising import with_field


async def search_products(
    tx: Transaction, wanted: Search, *, cursors: Cursors, read: ReadProducts = read_products
) -> dict[str, Any]:
    """Return a page of search results, best first, with highlighted matches; products are read with `read`.

    Raises:
        InvalidCursor: the cursor was made for another search.
    """
    query = wanted.listing.query or ""
    hits, corrected = await match_query(tx, query)
    page, next_cursor = await page_of(tx, wanted.listing, hits, route="search", cursors=cursors, read=read)
    return {
        "data": [_hit(product, hits, wanted.listing.fields) for product in page],
        "next_cursor": next_cursor,
        "corrected": corrected,
        "suggestions": await _suggestions(tx, query),
        "facets": await _facets(tx, wanted.listing.filters, hits) if wanted.with_facets else None,
    }


def _hit(product: SerialisedProduct, hits: Hits, fields: Sequence[str]) -> orjson.Fragment:
    json = only_fields(product.json, fields)
    if fields and HIGHLIGHTS not in fields:
        return orjson.Fragment(json)
    return with_field(json, HIGHLIGHTS, _highlights(product, hits))


async def _suggestions(tx: Transaction, query: str) -> list[str]:
    prefix = " ".join(words_of(query))
    return await search.titles_with_prefix(tx, prefix) if prefix else []


def _highlights(product: SerialisedProduct, hits: Hits) -> dict[str, str | None]:
    return {"name": highlight(product.name, hits.stems), "description": snippet(product.description, hits.stems)}


def _spelling(key: str, tags: Sequence[str]) -> str:
    """Return the tag with this key as a product spells it."""
    return next((tag for tag in tags if tag_key(tag) == key), key)


def _price_range(counted: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Any] | None:
    """Return the lowest and the highest price, or None if no product was found."""
    ends = [row["value"] for kind in ("lowest", "highest") for row in counted.get(kind, ())]
    if not ends or None in ends:
        return None
    lowest, highest = map(int, ends)
    return {"min_price": lowest, "max_price": highest}


async def _facets(tx: Transaction, filters: Filters, hits: Hits) -> dict[str, Any]:
    resolved = await resolve_filters(tx, filters)
    counted: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if hits.products:
        for row in await facets.count(tx, filters, resolved, hits):
            value, label = row["value"], row["label"]
            if row["kind"] == "tag":
                value = label = _spelling(value, orjson.loads(label))
            counted[row["kind"]].append({"value": value, "label": label, "products": row["products"]})
    return {
        "products": counted["all"][0]["products"] if counted["all"] else 0,
        "categories": counted["category"],
        "tags": counted["tag"],
        "vendors": counted["vendor"],
        "prices": _price_range(counted),
    }
