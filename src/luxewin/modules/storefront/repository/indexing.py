"""Feeding the search table: one row a product, never older than what it already knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write

_MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a product is found by: its title as shown, and folded words in the order of their weight."""

    title: str
    title_words: str
    labels: str
    category: str
    body: str


def put(tenant_id: UUID, product_id: UUID, version: int, words: Words) -> Write:
    """Return the write that lets a product be found by its words.

    The title is indexed as it is and by its stems; the tenant's own lexeme keeps tenants apart within the index.
    """
    return write(
        "INSERT INTO storefront_search AS s (tenant_id, product_id, product_version, title, title_words, document)"
        " VALUES ($1, $2, $3, $4, $5, setweight(to_tsvector('english', $5), 'A')"
        " || setweight(to_tsvector('simple', $5), 'A') || setweight(to_tsvector('english', $6::text), 'B')"
        " || setweight(to_tsvector('english', $7::text), 'C') || setweight(to_tsvector('english', $8::text), 'D')"
        f" || {_MARK})" + _UNLESS_OLDER,
        tenant_id,
        product_id,
        version,
        words.title,
        words.title_words,
        words.labels,
        words.category,
        words.body,
    )


def put_out(tenant_id: UUID, product_id: UUID, version: int) -> Write:
    """Return the write after which a product is not found; the row stays, so that no older fact brings it back."""
    return write(
        "INSERT INTO storefront_search AS s (tenant_id, product_id, product_version, title, title_words, document)"
        " VALUES ($1, $2, $3, '', '', '')" + _UNLESS_OLDER,
        tenant_id,
        product_id,
        version,
    )


def put_category(tenant_id: UUID, product_ids: Sequence[UUID], category: str) -> Write:
    """Return the write that replaces the words of the category, which alone have weight C, in what can be found."""
    return write(
        "UPDATE storefront_search s SET document = ts_filter(s.document, '{a,b,d}')"
        f" || setweight(to_tsvector('english', $3::text), 'C') || {_MARK}"
        " FROM (SELECT i.id FROM unnest($2::uuid[]) AS i(id) ORDER BY i.id) AS i"
        " WHERE s.tenant_id = $1 AND s.product_id = i.id AND s.title_words <> ''",
        tenant_id,
        product_ids,
        category,
    )


async def in_category(tx: Transaction, category_id: UUID) -> Iterator[tuple[str, Sequence[UUID]]]:
    """Return the products in a category and in those below it, some hundred at a time, with their category's path."""
    rows = await tx.fetch(
        "SELECT p.category_path, array_agg(p.id) AS ids FROM catalog_v_product_categories m"
        " JOIN catalog_v_products p ON p.tenant_id = m.tenant_id AND p.id = m.product_id"
        " WHERE m.tenant_id = $1 AND m.category_id = $2 GROUP BY p.category_path",
        tx.tenant_id,
        category_id,
    )
    return (
        (row["category_path"], row["ids"][start : start + _MOST_AT_ONCE])
        for row in rows
        for start in range(0, len(row["ids"]), _MOST_AT_ONCE)
    )


_MARK = "array_to_tsvector(ARRAY['@' || $1::uuid::text])"
_UNLESS_OLDER = (
    " ON CONFLICT (tenant_id, product_id) DO UPDATE SET product_version = excluded.product_version,"
    " title = excluded.title, title_words = excluded.title_words, document = excluded.document"
    " WHERE s.product_version < excluded.product_version"
)
