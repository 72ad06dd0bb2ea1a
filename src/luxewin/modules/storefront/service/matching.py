"""Matching search queries, with spelling correction."""

from typing import NamedTuple

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.words import correct_terms, terms_of
from luxewin.modules.storefront.repository import search
from luxewin.modules.storefront.repository.search import Hits


class QueryMatch(NamedTuple):
    """The result of a query; `corrected` is the corrected query, if nothing matched the original."""

    hits: Hits
    corrected: str | None


async def match_query(tx: Transaction, query: str) -> QueryMatch:
    """Return the products that match every word of a query, or of the corrected query if there are none."""
    terms = terms_of(query)
    if not terms:
        return QueryMatch(Hits((), (), (), ()), None)
    hits = await search.find(tx, terms)
    better = correct_terms(terms, hits.similar_words)
    if hits.products or better == terms:
        return QueryMatch(hits, None)
    return QueryMatch(await search.find(tx, better), " ".join(better))
