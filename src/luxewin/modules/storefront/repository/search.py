"""Full-text search through the one function that bypasses the tenant policy, and completion of titles."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction

MAX_HITS = 1000
_MAX_SUGGESTIONS = 5
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hits:
    """The matching products, best first, and the stems of their matching words.

    If nothing matches, `similar_words` are words of titles that are similar to words of the query.
    """

    products: Sequence[UUID]
    ranks: Sequence[int]
    stems: Sequence[str]
    similar_words: Sequence[str]


async def find(tx: Transaction, terms: Sequence[str]) -> Hits:
    """Return the products that match every term."""
    row = await tx.fetchrow("SELECT * FROM storefront_search($1::text[], $2)", list(terms), MAX_HITS)
    assert row is not None
    return Hits(row["products"] or (), row["ranks"] or (), row["stems"] or (), row["near"] or ())


async def titles_with_prefix(tx: Transaction, folded: str) -> list[str]:
    """Return a few titles of products for sale whose folded words begin with this text.

    The index contains the products for sale, and those of suspended vendors.
    """
    rows = await tx.fetch(
        "SELECT DISTINCT ON (s.title_words) s.title FROM storefront_search s WHERE s.tenant_id = $1"
        " AND s.title_words >= $2 AND s.title_words < $3 AND NOT EXISTS (SELECT FROM catalog_v_products p"
        " WHERE p.tenant_id = $1 AND p.id = s.product_id AND p.vendor_status = 'suspended' OFFSET 0)"
        " ORDER BY s.title_words LIMIT $4",
        tx.tenant_id,
        folded,
        folded + _LAST_CHARACTER,
        _MAX_SUGGESTIONS,
    )
    return [row["title"] for row in rows]
