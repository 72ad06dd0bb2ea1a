"""Writing the search table: one row for each product, which an older version never replaces."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write

_BATCH_SIZE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a product: its displayed title, and its folded words by weight."""

    title: str
    title_words: str
    labels: str
    category: str
    body: str


def put(tenant_id: UUID, products: Mapping[UUID, tuple[int, Words]]) -> Write:
    """Return the write that indexes products by their words, with their versions.

    The title is indexed as it is and by its stems; the tenant's own lexeme keeps tenants apart within the index.
    """
    ordered = sorted(products)
    words = [products[product_id][1] for product_id in ordered]
    return write(
        "INSERT INTO storefront_search AS s (tenant_id, product_id, product_version, title, title_words, document)"
        " SELECT $1, n.id, n.version, n.title, n.title_words, setweight(to_tsvector('english', n.title_words), 'A')"
        " || setweight(to_tsvector('simple', n.title_words), 'A') || setweight(to_tsvector('english', n.labels), 'B')"
        " || setweight(to_tsvector('english', n.category), 'C') || setweight(to_tsvector('english', n.body), 'D')"
        f" || {_MARK} FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])"
        " AS n(id, version, title, title_words, labels, category, body) ORDER BY n.id" + _UNLESS_OLDER,
        tenant_id,
        ordered,
        [products[product_id][0] for product_id in ordered],
        [each.title for each in words],
        [each.title_words for each in words],
        [each.labels for each in words],
        [each.category for each in words],
        [each.body for each in words],
    )


def remove(tenant_id: UUID, versions: Mapping[UUID, int]) -> Write:
    """Return the write that removes products from the index; empty rows remain, so no older event restores them."""
    ordered = sorted(versions)
    return write(
        "INSERT INTO storefront_search AS s (tenant_id, product_id, product_version, title, title_words, document)"
        " SELECT $1, n.id, n.version, '', '', '' FROM unnest($2::uuid[], $3::bigint[]) AS n(id, version)"
        " ORDER BY n.id" + _UNLESS_OLDER,
        tenant_id,
        ordered,
        [versions[product_id] for product_id in ordered],
    )


def put_category(tenant_id: UUID, product_ids: Sequence[UUID], category: str) -> Write:
    """Return the write that replaces the category's words of indexed products; only these words have weight C."""
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
    """Return the products in a category and in those below it, in batches, with their category's path."""
    rows = await tx.fetch(
        "SELECT p.category_path, array_agg(p.id) AS ids FROM catalog_v_product_categories m"
        " JOIN catalog_v_products p ON p.tenant_id = m.tenant_id AND p.id = m.product_id"
        " WHERE m.tenant_id = $1 AND m.category_id = $2 GROUP BY p.category_path",
        tx.tenant_id,
        category_id,
    )
    return (
        (row["category_path"], row["ids"][start : start + _BATCH_SIZE])
        for row in rows
        for start in range(0, len(row["ids"]), _BATCH_SIZE)
    )


def put_labels(tenant_id: UUID, labels: Mapping[UUID, str]) -> Write:
    """Return the write that replaces the labels of indexed products; only these words have weight B."""
    ordered = sorted(labels)
    return write(
        "UPDATE storefront_search s SET document = ts_filter(s.document, '{a,c,d}')"
        f" || setweight(to_tsvector('english', i.labels), 'B') || {_MARK}"
        " FROM (SELECT i.id, i.labels FROM unnest($2::uuid[], $3::text[]) AS i(id, labels) ORDER BY i.id) AS i"
        " WHERE s.tenant_id = $1 AND s.product_id = i.id AND s.title_words <> ''",
        tenant_id,
        ordered,
        [labels[product_id] for product_id in ordered],
    )


async def of_vendor(tx: Transaction, vendor_id: UUID, *, after: UUID | None) -> list[tuple[UUID, str]]:
    """Return a batch of a vendor's products with ids above `after`: the id, and the labels separated by spaces."""
    rows = await tx.fetch(
        "SELECT p.id, concat_ws(' ', array_to_string(p.tags, ' '),"
        " (SELECT string_agg(o.value #>> '{}', ' ') FROM jsonb_path_query(p.options, '$[*].values[*]') AS o(value)),"
        " (SELECT string_agg(v.sku, ' ' ORDER BY v.position) FROM catalog_v_variants v"
        " WHERE v.tenant_id = p.tenant_id AND v.product_id = p.id), p.vendor_name) AS labels FROM catalog_v_products p"
        " WHERE p.tenant_id = $1 AND p.vendor_id = $2 AND ($3::uuid IS NULL OR p.id > $3)"
        f" ORDER BY p.id LIMIT {_BATCH_SIZE}",
        tx.tenant_id,
        vendor_id,
        after,
    )
    return [(row["id"], row["labels"]) for row in rows]


_MARK = "array_to_tsvector(ARRAY['@' || $1::uuid::text])"
_UNLESS_OLDER = (
    " ON CONFLICT (tenant_id, product_id) DO UPDATE SET product_version = excluded.product_version,"
    " title = excluded.title, title_words = excluded.title_words, document = excluded.document"
    " WHERE s.product_version < excluded.product_version"
)
