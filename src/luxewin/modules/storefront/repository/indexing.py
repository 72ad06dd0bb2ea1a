"""Writing the search table: one row for each product, which an older version never replaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write

BATCH_SIZE = 500
"""The largest number of products that are indexed again in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of a product: its displayed title, and its folded words by weight."""

    title: str
    title_words: str
    labels: str
    category: str
    body: str


@dataclass(frozen=True, slots=True)
class LabelledProduct:
    """A product with its labels, separated by spaces."""

    id: UUID
    created_at: datetime
    labels: str


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


async def in_category(tx: Transaction, category_id: UUID, *, after: UUID | None) -> list[tuple[UUID, str]]:
    """Return a batch of the products in a category and in those below it, each with the path of its category.

    The ids of the batch are above `after`, lowest first.
    """
    rows = await tx.fetch(
        "SELECT m.product_id, p.category_path FROM (SELECT m.product_id FROM catalog_v_product_categories m"
        " WHERE m.tenant_id = $1 AND m.category_id = $2 AND m.product_id > $3"
        f" ORDER BY m.product_id LIMIT {BATCH_SIZE}) AS m LEFT JOIN LATERAL (SELECT o.category_path"
        " FROM catalog_v_products o WHERE o.tenant_id = $1 AND o.id = m.product_id OFFSET 0) AS p ON true"
        " ORDER BY m.product_id",
        tx.tenant_id,
        category_id,
        after or UUID(int=0),
    )
    return [(row["product_id"], row["category_path"] or "") for row in rows]


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


async def of_vendor(tx: Transaction, vendor_id: UUID, *, after: tuple[datetime, UUID] | None) -> list[LabelledProduct]:
    """Return a batch of a vendor's products, newest first: those older than the time and the id `after`."""
    older = "" if after is None else " AND (o.created_at, o.id) < ($3, $4)"
    rows = await tx.fetch(
        "SELECT p.id, p.created_at, concat_ws(' ', array_to_string(p.tags, ' '),"
        " (SELECT string_agg(o.value #>> '{}', ' ') FROM jsonb_path_query(p.options, '$[*].values[*]') AS o(value)),"
        " (SELECT string_agg(v.sku, ' ' ORDER BY v.position) FROM catalog_v_variants v"
        " WHERE v.tenant_id = $1 AND v.product_id = p.id), p.vendor_name) AS labels"
        f" FROM (SELECT * FROM catalog_v_products o WHERE o.tenant_id = $1 AND o.vendor_id = $2{older}"
        f" ORDER BY o.created_at DESC, o.id DESC LIMIT {BATCH_SIZE}) AS p ORDER BY p.created_at DESC, p.id DESC",
        tx.tenant_id,
        vendor_id,
        *(after or ()),
    )
    return [LabelledProduct(**row) for row in rows]


async def current_names(tx: Transaction, product_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return `vendor_name` and `category_path` of products that exist."""
    rows = await tx.fetch(
        "SELECT p.* FROM unnest($2::uuid[]) AS k(id) CROSS JOIN LATERAL (SELECT o.id, o.vendor_name, o.category_path"
        " FROM catalog_v_products o WHERE o.tenant_id = $1 AND o.id = k.id OFFSET 0) AS p",
        tx.tenant_id,
        product_ids,
    )
    return {row["id"]: {name: row[name] for name in ("vendor_name", "category_path")} for row in rows}


_MARK = "array_to_tsvector(ARRAY['@' || $1::uuid::text])"
_UNLESS_OLDER = (
    " ON CONFLICT (tenant_id, product_id) DO UPDATE SET product_version = excluded.product_version,"
    " title = excluded.title, title_words = excluded.title_words, document = excluded.document"
    " WHERE s.product_version < excluded.product_version"
)
