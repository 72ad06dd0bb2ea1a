"""Searching: what was meant, what was found, why, and what else to ask for."""

from collections import defaultdict
from typing import Any

from luxewin.kit.pagination import Cursors
from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.highlights import highlighted, snippet
from luxewin.modules.storefront.domain.listing import Filters, Search
from luxewin.modules.storefront.domain.words import words_of
from luxewin.modules.storefront.repository import facets, filtering, search
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.service.listing import page_of
from luxewin.modules.storefront.service.matching import meant
from luxewin.modules.storefront.service.shaping import with_field
from luxewin.modules.storefront.service.shown import Reader, Shown, read_products


async def search_products(
    tx: Transaction, wanted: Search, *, cursors: Cursors, read: Reader = read_products
) -> dict[str, Any]:
    """Return a page of what a query finds, best first, with the reasons highlighted; products are as `read` knows them.

    Raises:
        InvalidCursor: the cursor was made for another search.
    """
    query = wanted.listing.query or ""
    hits, corrected = await meant(tx, query)
    page, next_cursor = await page_of(tx, wanted.listing, hits, route="search", cursors=cursors, read=read)
    return {
        "data": [with_field(shown.json, "highlights", _highlights(shown, hits)) for shown in page],
        "next_cursor": next_cursor,
        "corrected": corrected,
        "suggestions": await _suggestions(tx, query),
        "facets": await _facets(tx, wanted.listing.filters, hits) if wanted.with_facets else None,
    }


async def _suggestions(tx: Transaction, query: str) -> list[str]:
    beginning = " ".join(words_of(query))
    return await search.titles_beginning(tx, beginning) if beginning else []


def _highlights(shown: Shown, hits: Hits) -> dict[str, str | None]:
    return {"name": highlighted(shown.name, hits.stems), "description": snippet(shown.description, hits.stems)}


async def _facets(tx: Transaction, filters: Filters, hits: Hits) -> dict[str, Any]:
    found = await filtering.look_up(tx, filters)
    counted: dict[str, list[dict[str, Any]]] = defaultdict(list)
    if found is not None and hits.products:
        for row in await facets.count(tx, filters, found, hits):
            counted[row["kind"]].append({"value": row["value"], "label": row["label"], "products": row["products"]})
    return {
        "products": counted["all"][0]["products"] if counted["all"] else 0,
        "categories": counted["category"],
        "tags": counted["tag"],
        "vendors": counted["vendor"],
    }
