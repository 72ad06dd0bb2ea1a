"""Matching: which products a query means, its slips forgiven."""

from typing import NamedTuple

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.words import corrected, terms_of
from luxewin.modules.storefront.repository import search
from luxewin.modules.storefront.repository.search import Hits


class Meaning(NamedTuple):
    """What a query found; `corrected` is how it was understood where it found nothing as it was written."""

    hits: Hits
    corrected: str | None


async def meant(tx: Transaction, query: str) -> Meaning:
    """Find the products that match every word of a query, or else the words that it was probably meant to hold."""
    terms = terms_of(query)
    if not terms:
        return Meaning(Hits((), (), (), ()), None)
    hits = await search.find(tx, terms)
    better = corrected(terms, hits.near)
    if hits.products or better == terms:
        return Meaning(hits, None)
    return Meaning(await search.find(tx, better), " ".join(better))
