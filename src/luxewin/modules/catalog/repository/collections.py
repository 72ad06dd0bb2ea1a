"""Reading and writing collections."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.ids import id_of
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog.domain.collections import Collection
from luxewin.modules.catalog.errors import CatalogueMoved, SlugTaken

_COLLECTIONS = (
    "SELECT c.id, c.slug, c.name, c.description, c.created_at, c.updated_at, c.version,"
    " ARRAY(SELECT cp.product_id FROM catalog_collection_products cp"
    " WHERE cp.tenant_id = c.tenant_id AND cp.collection_id = c.id ORDER BY cp.position) AS product_ids"
    " FROM catalog_collections c WHERE c.tenant_id = $1"
)


_OF_SUSPENDED_VENDOR = (
    "EXISTS (SELECT FROM vendors_v_vendors d WHERE d.tenant_id = p.tenant_id AND d.id = p.vendor_id"
    " AND d.status = 'suspended')"
)
_FOR_SALE = (
    " AND EXISTS (SELECT FROM catalog_products p WHERE p.tenant_id = cp.tenant_id AND p.id = cp.product_id"
    f" AND p.status = 'active' AND NOT {_OF_SUSPENDED_VENDOR} OFFSET 0)"
)
_PUBLIC_COLLECTIONS = _COLLECTIONS.replace(" ORDER BY cp.position", f"{_FOR_SALE} ORDER BY cp.position")


async def with_id(tx: Transaction, collection_id: UUID) -> Collection | None:
    """Return a collection."""
    row = await tx.fetchrow(f"{_COLLECTIONS} AND c.id = $2", tx.tenant_id, collection_id)
    return _collection(row) if row else None


async def with_id_or_slug(tx: Transaction, wanted: str) -> Collection | None:
    """Return the collection with this id, else with this slug: a slug may look like an id."""
    rows = await tx.fetch(
        f"{_COLLECTIONS} AND c.id = $2 UNION ALL {_COLLECTIONS} AND c.slug = $3", tx.tenant_id, id_of(wanted), wanted
    )
    best = min(rows, key=lambda row: str(row["id"]) != wanted, default=None)
    return _collection(best) if best else None


async def with_slug(tx: Transaction, slug: str) -> Collection | None:
    """Return a collection by its slug."""
    row = await tx.fetchrow(f"{_COLLECTIONS} AND c.slug = $2", tx.tenant_id, slug)
    return _collection(row) if row else None


async def with_product(tx: Transaction, product_id: UUID) -> list[Collection]:
    """Return the collections that hold a product."""
    rows = await tx.fetch(
        f"{_COLLECTIONS} AND c.id IN (SELECT cp.collection_id FROM catalog_collection_products cp"
        " WHERE cp.tenant_id = $1 AND cp.product_id = $2) ORDER BY c.id",
        tx.tenant_id,
        product_id,
    )
    return [_collection(row) for row in rows]


async def page(
    tx: Transaction, *, for_sale: bool, before: tuple[datetime, UUID] | None, limit: int
) -> list[Collection]:
    """Return a page of collections, the newest first; `for_sale` leaves out products that are not for sale."""
    collections = _PUBLIC_COLLECTIONS if for_sale else _COLLECTIONS
    condition, parameters = "", [tx.tenant_id, limit]
    if before is not None:
        condition = " AND (c.created_at, c.id) < ($3::timestamptz, $4::uuid)"
        parameters.extend(before)
    rows = await tx.fetch(f"{collections}{condition} ORDER BY c.created_at DESC, c.id DESC LIMIT $2", *parameters)
    return [_collection(row) for row in rows]


async def for_sale(tx: Transaction, product_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these products are for sale."""
    rows = await tx.fetch(
        "SELECT p.id FROM catalog_products p WHERE p.tenant_id = $1 AND p.id = ANY($2::uuid[])"
        f" AND p.status = 'active' AND NOT {_OF_SUSPENDED_VENDOR}",
        tx.tenant_id,
        list(product_ids),
    )
    return {row["id"] for row in rows}


async def existing_products(tx: Transaction, product_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these products exist, and lock them against deletion until this transaction ends."""
    rows = await tx.fetch(
        "SELECT id FROM catalog_products WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND deleted_at IS NULL"
        " ORDER BY id FOR SHARE",
        tx.tenant_id,
        list(product_ids),
    )
    return {row["id"] for row in rows}


def add(tx: Transaction, collection: Collection) -> list[Write]:
    """Return the writes that add a collection with its products."""
    added = write(
        "INSERT INTO catalog_collections (tenant_id, id, slug, name, description, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, kit_now(), kit_now(), $6) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        collection.id,
        collection.slug,
        collection.name,
        collection.description,
        collection.version,
        rows=1,
        otherwise=SlugTaken,
    )
    return [added, *_put(tx, collection, collection.product_ids)]


def change(tx: Transaction, before: Collection, after: Collection) -> list[Write]:
    """Return the writes that change a collection; they fail if another transaction has changed it."""
    updated = write(
        "UPDATE catalog_collections SET slug = $4, name = $5, description = $6, version = version + 1,"
        " updated_at = kit_now() WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        before.id,
        before.version,
        after.slug,
        after.name,
        after.description,
        rows=1,
        otherwise=CatalogueMoved,
    )
    removed = write(
        "DELETE FROM catalog_collection_products WHERE tenant_id = $1 AND collection_id = $2"
        " AND NOT product_id = ANY($3::uuid[])",
        tx.tenant_id,
        before.id,
        list(after.product_ids),
    )
    return [updated, removed, *_put(tx, after, after.product_ids)]


def delete(tx: Transaction, collection: Collection) -> list[Write]:
    """Return the writes that delete a collection, but not its products."""
    return [
        write(
            "DELETE FROM catalog_collection_products WHERE tenant_id = $1 AND collection_id = $2",
            tx.tenant_id,
            collection.id,
        ),
        write(
            "DELETE FROM catalog_collections WHERE tenant_id = $1 AND id = $2 AND version = $3",
            tx.tenant_id,
            collection.id,
            collection.version,
            rows=1,
            otherwise=CatalogueMoved,
        ),
    ]


def _put(tx: Transaction, collection: Collection, product_ids: Sequence[UUID]) -> list[Write]:
    if not product_ids:
        return []
    return [
        write(
            "INSERT INTO catalog_collection_products (tenant_id, collection_id, product_id, position)"
            " SELECT $1, $2, n.product_id, n.position FROM unnest($3::uuid[]) WITH ORDINALITY"
            " AS n(product_id, position)"
            " ON CONFLICT (tenant_id, collection_id, product_id) DO UPDATE SET position = excluded.position",
            tx.tenant_id,
            collection.id,
            list(product_ids),
        )
    ]


def _collection(row: Any) -> Collection:
    return Collection(**{**row, "product_ids": tuple(row["product_ids"])})
