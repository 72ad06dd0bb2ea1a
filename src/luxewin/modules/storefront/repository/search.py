"""Asking the one function that may look past the tenant's policy, and completing titles."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction

MOST_HITS = 1000
_MOST_SUGGESTIONS = 5
_LAST_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Hits:
    """The best products that match, best first; `stems` is what their words begin with.

    Where nothing matches, `near` are words of titles that resemble what was asked for.
    """

    products: Sequence[UUID]
    ranks: Sequence[int]
    stems: Sequence[str]
    near: Sequence[str]


async def find(tx: Transaction, terms: Sequence[str]) -> Hits:
    """Return the products that match every term."""
    row = await tx.fetchrow("SELECT * FROM storefront_search($1::text[], $2)", list(terms), MOST_HITS)
    assert row is not None
    return Hits(row["products"] or (), row["ranks"] or (), row["stems"] or (), row["near"] or ())


async def titles_beginning(tx: Transaction, folded: str) -> list[str]:
    """Return a few titles whose folded words begin like this."""
    rows = await tx.fetch(
        "SELECT DISTINCT ON (s.title_words) s.title FROM storefront_search s WHERE s.tenant_id = $1"
        " AND s.title_words >= $2 AND s.title_words < $3 ORDER BY s.title_words LIMIT $4",
        tx.tenant_id,
        folded,
        folded + _LAST_CHARACTER,
        _MOST_SUGGESTIONS,
    )
    return [row["title"] for row in rows]
