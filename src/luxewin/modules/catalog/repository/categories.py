"""Reading and writing the tree of categories."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.ids import id_of
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog.domain.categories import Category, path_key
from luxewin.modules.catalog.domain.names import fold
from luxewin.modules.catalog.errors import CatalogueMoved, CategoryInUse

_COLUMNS = "id, parent_id, slug, name, path, lineage, position, created_at, updated_at, version"
_MOST_CATEGORIES = 5_000


async def every(tx: Transaction) -> list[Category]:
    """Return the whole tree, parents before their children, siblings in their order."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1"
        " ORDER BY cardinality(lineage), position, path_key LIMIT $2",
        tx.tenant_id,
        _MOST_CATEGORIES,
    )
    return [_category(row) for row in rows]


async def with_id(tx: Transaction, category_id: UUID) -> Category | None:
    """Return a category."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND id = $2", tx.tenant_id, category_id
    )
    return _category(row) if row else None


async def with_id_or_slug(tx: Transaction, wanted: str) -> Category | None:
    """Return the category with this id, else with this slug: a slug may look like an id."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND id = $2"
        f" UNION ALL SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND slug = $3",
        tx.tenant_id,
        id_of(wanted),
        wanted,
    )
    best = min(rows, key=lambda row: str(row["id"]) != wanted, default=None)
    return _category(best) if best else None


async def with_path_keys(tx: Transaction, keys: Collection[str]) -> dict[str, Category]:
    """Return the categories at these paths, and lock them against changes until this transaction ends."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND path_key = ANY($2::text[])"
        " ORDER BY id FOR SHARE",
        tx.tenant_id,
        list(keys),
    )
    return {path_key(row["path"]): _category(row) for row in rows}


async def with_name(tx: Transaction, name: str) -> list[Category]:
    """Return the categories of this name, at any path, and lock them against changes."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND name_key = $2 ORDER BY id FOR SHARE",
        tx.tenant_id,
        fold(name),
    )
    return [_category(row) for row in rows]


async def at_path_or_named(tx: Transaction, *, path_keys: Collection[str], name: str) -> list[Category]:
    """Return the category at one of these paths, or else all of this name; nothing is locked."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND path_key = ANY($2::text[])"
        f" UNION SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND name_key = $3",
        tx.tenant_id,
        list(path_keys),
        fold(name),
    )
    categories = [_category(row) for row in rows]
    return [category for category in categories if path_key(category.path) in path_keys] or categories


async def lock_categories(tx: Transaction, category_ids: Collection[UUID]) -> dict[UUID, Category]:
    """Return these categories, and lock them against changes until this transaction ends."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND id = ANY($2::uuid[])"
        " ORDER BY id FOR SHARE",
        tx.tenant_id,
        list(category_ids),
    )
    return {row["id"]: _category(row) for row in rows}


async def lock_below(tx: Transaction, category_id: UUID) -> list[Category]:
    """Lock a category and all its descendants, and return them; no product can be added to them meanwhile."""
    rows = await tx.fetch(
        "WITH RECURSIVE below AS ("
        " SELECT c.id FROM catalog_categories c WHERE c.tenant_id = $1 AND c.id = $2"
        " UNION ALL SELECT c.id FROM catalog_categories c JOIN below b ON c.tenant_id = $1 AND c.parent_id = b.id)"
        f" SELECT {_COLUMNS} FROM catalog_categories WHERE tenant_id = $1 AND id IN (SELECT id FROM below)"
        " ORDER BY id FOR UPDATE",
        tx.tenant_id,
        category_id,
    )
    return [_category(row) for row in rows]


async def slugs_taken(tx: Transaction, slugs: Collection[str]) -> set[str]:
    """Return which of these slugs belong to a category."""
    rows = await tx.fetch(
        "SELECT slug FROM catalog_categories WHERE tenant_id = $1 AND slug = ANY($2::text[])", tx.tenant_id, list(slugs)
    )
    return {row["slug"] for row in rows}


async def is_in_use(tx: Transaction, category_id: UUID) -> bool:
    """Return whether a category holds products or other categories."""
    return bool(
        await tx.fetchval(
            # With ORDER BY the planner looks up the first row in an index instead of scanning the table.
            "SELECT (SELECT product_id FROM catalog_product_categories WHERE tenant_id = $1 AND category_id = $2"
            " ORDER BY product_id LIMIT 1) IS NOT NULL"
            " OR EXISTS (SELECT FROM catalog_categories WHERE tenant_id = $1 AND parent_id = $2)",
            tx.tenant_id,
            category_id,
        )
    )


def add(tx: Transaction, categories: Sequence[Category]) -> Write:
    """Return the write that adds categories; it fails if another transaction has taken one of their paths or slugs."""
    records = [{**_record(category), "parent_id": category.parent_id} for category in categories]
    return write(
        "INSERT INTO catalog_categories (tenant_id, created_at, updated_at, version, id, parent_id, slug, name,"
        " name_key, path, path_key, lineage, position)"
        " SELECT $1, kit_now(), kit_now(), 1, n.* FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, parent_id uuid,"
        " slug text, name text, name_key text, path text, path_key text, lineage uuid[], position int)"
        " ON CONFLICT DO NOTHING",
        tx.tenant_id,
        records,
        rows=len(categories),
        otherwise=CatalogueMoved,
    )


def change(tx: Transaction, before: Sequence[Category], after: Sequence[Category]) -> list[Write]:
    """Return the writes that rename or move categories; `after` is in the order of `before`, the top one first.

    The rows that list products under a category and its ancestors are updated too.
    """
    versions = {category.id: category.version for category in before}
    records = [
        {**_record(category), "parent_id": category.parent_id, "before_version": versions[category.id]}
        for category in sorted(after, key=lambda category: category.id)
    ]
    top_before, top_after = before[0], after[0]
    left = sorted(set(top_before.lineage) - set(top_after.lineage))
    entered = sorted(set(top_after.lineage) - set(top_before.lineage))
    updated = write(
        "UPDATE catalog_categories c SET parent_id = n.parent_id, slug = n.slug, name = n.name,"
        " name_key = n.name_key, path = n.path, path_key = n.path_key, lineage = n.lineage, position = n.position,"
        " version = c.version + 1, updated_at = kit_now()"
        " FROM jsonb_to_recordset($2::jsonb) AS n(id uuid, parent_id uuid, slug text, name text, name_key text,"
        " path text, path_key text, lineage uuid[], position int, before_version bigint)"
        " WHERE c.tenant_id = $1 AND c.id = n.id AND c.version = n.before_version",
        tx.tenant_id,
        records,
        rows=len(records),
        otherwise=CatalogueMoved,
    )
    moves = [
        write(
            "DELETE FROM catalog_product_categories a USING catalog_product_categories b"
            " WHERE a.tenant_id = $1 AND a.category_id = ANY($3::uuid[]) AND a.product_id = b.product_id"
            " AND b.tenant_id = $1 AND b.category_id = $2",
            tx.tenant_id,
            top_before.id,
            left,
        ),
        write(
            "INSERT INTO catalog_product_categories (tenant_id, category_id, product_id)"
            " SELECT $1, n.category_id, b.product_id FROM catalog_product_categories b"
            " CROSS JOIN unnest($3::uuid[]) AS n(category_id) WHERE b.tenant_id = $1 AND b.category_id = $2"
            " ON CONFLICT DO NOTHING",
            tx.tenant_id,
            top_before.id,
            entered,
        ),
    ]
    return [updated, *(moves if left or entered else [])]


def delete(tx: Transaction, category: Category) -> Write:
    """Return the write that deletes an empty category; `is_in_use` must have been checked under its lock."""
    return write(
        "DELETE FROM catalog_categories c WHERE c.tenant_id = $1 AND c.id = $2 AND c.version = $3",
        tx.tenant_id,
        category.id,
        category.version,
        rows=1,
        otherwise=CategoryInUse,
    )


def _record(category: Category) -> dict[str, Any]:
    return {
        "id": category.id,
        "slug": category.slug,
        "name": category.name,
        "name_key": fold(category.name),
        "path": category.path,
        "path_key": path_key(category.path),
        "lineage": category.lineage,
        "position": category.position,
    }


def _category(row: Any) -> Category:
    return Category(**{**row, "lineage": tuple(row["lineage"])})
