"""The rows that list products by category, tag and property; and the notification of caches."""

from collections.abc import Sequence
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog.domain.changes import Change

CATALOG_CHANNEL = "luxewin_catalog"
"""Notified with the tenant's id in the commit of every edit, so that caches are invalidated at once."""


def write_placement(tx: Transaction, changes: Sequence[Change]) -> list[Write]:
    """Return the writes that update the rows of categories, tags and properties."""
    return [
        *_categories(
            tx,
            left=[(category, change.product_id) for change in changes for category in sorted(change.left_categories)],
            entered=[
                (category, change.product_id) for change in changes for category in sorted(change.entered_categories)
            ],
        ),
        *_keys(
            tx,
            "catalog_product_tags",
            "tag_key",
            lost=[(tag, change.product_id) for change in changes for tag in sorted(change.lost_tags)],
            gained=[(tag, change.product_id) for change in changes for tag in sorted(change.gained_tags)],
        ),
        *_keys(
            tx,
            "catalog_product_properties",
            "property_key",
            lost=[(key, change.product_id) for change in changes for key in sorted(change.lost_properties)],
            gained=[(key, change.product_id) for change in changes for key in sorted(change.gained_properties)],
        ),
    ]


def forget(tx: Transaction, product_ids: Sequence[UUID]) -> list[Write]:
    """Return the writes that delete the rows of categories, tags and properties of products."""
    condition = "WHERE tenant_id = $1 AND product_id = ANY($2::uuid[])"
    return [
        write(f"DELETE FROM {table} {condition}", tx.tenant_id, product_ids)
        for table in ("catalog_product_categories", "catalog_product_tags", "catalog_product_properties")
    ]


async def notify_caches(tx: Transaction) -> None:
    """Notify the caches of the tenant's catalogue when this transaction commits."""
    await tx.fetchval("SELECT pg_notify($1, $2)", CATALOG_CHANNEL, str(tx.tenant_id))


def _categories(
    tx: Transaction, *, left: Sequence[tuple[UUID, UUID]], entered: Sequence[tuple[UUID, UUID]]
) -> list[Write]:
    deletion = (
        "DELETE FROM catalog_product_categories pc USING unnest($2::uuid[], $3::uuid[]) AS d(category_id, product_id)"
        " WHERE pc.tenant_id = $1 AND pc.category_id = d.category_id AND pc.product_id = d.product_id"
    )
    insertion = (
        "INSERT INTO catalog_product_categories (tenant_id, category_id, product_id)"
        " SELECT $1, n.category_id, n.product_id FROM unnest($2::uuid[], $3::uuid[]) AS n(category_id, product_id)"
        " ON CONFLICT DO NOTHING"
    )
    return _pairs(tx, deletion, left) + _pairs(tx, insertion, entered)


def _keys(
    tx: Transaction, table: str, key: str, *, lost: Sequence[tuple[str, UUID]], gained: Sequence[tuple[str, UUID]]
) -> list[Write]:
    deletion = (
        f"DELETE FROM {table} k USING unnest($2::text[], $3::uuid[]) AS d(key, product_id)"
        f" WHERE k.tenant_id = $1 AND k.{key} = d.key AND k.product_id = d.product_id"
    )
    insertion = (
        f"INSERT INTO {table} (tenant_id, {key}, product_id)"
        " SELECT $1, n.key, n.product_id FROM unnest($2::text[], $3::uuid[]) AS n(key, product_id)"
        " ON CONFLICT DO NOTHING"
    )
    return _pairs(tx, deletion, lost) + _pairs(tx, insertion, gained)


def _pairs(tx: Transaction, sql: str, pairs: Sequence[tuple[object, UUID]]) -> list[Write]:
    if not pairs:
        return []
    firsts, seconds = zip(*pairs, strict=True)
    return [write(sql, tx.tenant_id, list(firsts), list(seconds))]
