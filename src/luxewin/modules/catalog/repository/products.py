"""Reading and writing products with their variants, many at a time."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit import statistics
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog.domain.changes import Change, PositionedVariant
from luxewin.modules.catalog.domain.fields import PRODUCT_FIELDS, VARIANT_FIELDS, Kind
from luxewin.modules.catalog.domain.names import sort_key
from luxewin.modules.catalog.domain.products import (
    CategoryName,
    Content,
    Image,
    Option,
    Product,
    ProductStatus,
    Variant,
    VendorName,
)
from luxewin.modules.catalog.errors import CatalogueMoved

_TABLES = (
    *("catalog_products", "catalog_variants", "catalog_product_categories", "catalog_product_tags"),
    "catalog_product_properties",
    "catalog_categories",
)
_PRODUCTS = (
    "SELECT p.id, p.slug, p.status, p.category_id, p.vendor_id, p.product_type_id, p.attributes, p.images, p.options,"
    f" p.currency, p.extra, p.created_at, p.updated_at, p.version, {', '.join(f'p.{f.name}' for f in PRODUCT_FIELDS)},"
    " c.slug AS category_slug, c.name AS category_name, c.path AS category_path, c.lineage, v.name AS vendor_name,"
    " (SELECT jsonb_agg(to_jsonb(x) - '{tenant_id,product_id,position,created_at,updated_at,deleted_at}'::text[]"
    " ORDER BY x.position, x.id) FROM catalog_variants x"
    " WHERE x.tenant_id = p.tenant_id AND x.product_id = p.id AND x.deleted_at IS NULL) AS variants"
    " FROM catalog_products p"
    " LEFT JOIN catalog_categories c ON c.tenant_id = p.tenant_id AND c.id = p.category_id"
    " LEFT JOIN vendors_v_vendors v ON v.tenant_id = p.tenant_id AND v.id = p.vendor_id"
    " WHERE p.tenant_id = $1 AND p.deleted_at IS NULL"
)
_UNCHANGED_MEANWHILE = "o.version = n.version - 1 AND o.deleted_at IS NULL"
_TYPES: Mapping[Kind, str] = {
    Kind.LABEL: "text",
    Kind.PROSE: "text",
    Kind.AMOUNT: "bigint",
    Kind.GRAMS: "bigint",
    Kind.FLAG: "boolean",
    Kind.LABELS: "text[]",
}
"""The column type of each kind of field. A test compares them with the models, which no server process imports."""

PRODUCT_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "slug": "text",
    "sort_name": "text",
    "status": "text",
    "category_id": "uuid",
    "vendor_id": "uuid",
    "product_type_id": "uuid",
    "attributes": "jsonb",
    "images": "jsonb",
    "options": "jsonb",
    "price_minor": "bigint",
    "compare_at_minor": "bigint",
    "extra": "jsonb",
    "version": "bigint",
    **{field.name: _TYPES[field.kind] for field in PRODUCT_FIELDS},
}
VARIANT_COLUMNS: Mapping[str, str] = {
    "id": "uuid",
    "product_id": "uuid",
    "position": "integer",
    "options": "jsonb",
    "option_key": "text",
    "extra": "jsonb",
    **{field.name: _TYPES[field.kind] for field in VARIANT_FIELDS},
}


async def products_by_id(tx: Transaction, ids: Collection[UUID]) -> dict[UUID, Product]:
    """Return the products that have one of these ids."""
    rows = await tx.fetch(f"{_PRODUCTS} AND p.id = ANY($2::uuid[])", tx.tenant_id, list(ids))
    return {row["id"]: _product(row) for row in rows}


async def products_by_slug(tx: Transaction, slugs: Collection[str]) -> dict[str, Product]:
    """Return the products that have one of these slugs."""
    rows = await tx.fetch(f"{_PRODUCTS} AND p.slug = ANY($2::text[])", tx.tenant_id, list(slugs))
    return {row["slug"]: _product(row) for row in rows}


async def products_after_slug(tx: Transaction, *, after: str, limit: int) -> list[Product]:
    """Return products of any status in the order of their slugs, for iteration over all products."""
    rows = await tx.fetch(f"{_PRODUCTS} AND p.slug > $2 ORDER BY p.slug LIMIT $3", tx.tenant_id, after, limit)
    return [_product(row) for row in rows]


async def lock_version(tx: Transaction, product_id: UUID) -> int | None:
    """Return the version of a product, which nobody else can change until the transaction ends; None: it is deleted."""
    version: int | None = await tx.fetchval(
        "SELECT version FROM catalog_products WHERE tenant_id = $1 AND id = $2 AND deleted_at IS NULL"
        " FOR NO KEY UPDATE",
        tx.tenant_id,
        product_id,
    )
    return version


async def lock_by_slug(tx: Transaction, slugs: Collection[str], *, waits: bool = True) -> set[str]:
    """Lock the products that have one of these slugs until the transaction ends; return the slugs of those locked.

    Without `waits` products that another transaction has locked are left out.
    """
    return {
        row["slug"] for row in await tx.fetch(_lock("slug = ANY($2::text[])", waits=waits), tx.tenant_id, list(slugs))
    }


async def lock_by_id(tx: Transaction, ids: Collection[UUID], *, waits: bool = True) -> set[UUID]:
    """Lock the products that have one of these ids, like `lock_by_slug`; return the ids of those locked."""
    return {row["id"] for row in await tx.fetch(_lock("id = ANY($2::uuid[])", waits=waits), tx.tenant_id, list(ids))}


async def slugs_taken(tx: Transaction, slugs: Collection[str]) -> set[str]:
    """Return which of these slugs belong to a product."""
    rows = await tx.fetch(
        "SELECT slug FROM catalog_products WHERE tenant_id = $1 AND slug = ANY($2::text[]) AND deleted_at IS NULL",
        tx.tenant_id,
        list(slugs),
    )
    return {row["slug"] for row in rows}


async def sku_owners(tx: Transaction, skus: Collection[str]) -> dict[str, tuple[UUID, str]]:
    """Return the variant that has each of these SKUs, and its product's slug."""
    rows = await tx.fetch(
        "SELECT x.sku, x.id, p.slug FROM catalog_variants x"
        " JOIN catalog_products p ON p.tenant_id = x.tenant_id AND p.id = x.product_id"
        " WHERE x.tenant_id = $1 AND x.sku = ANY($2::text[]) AND x.deleted_at IS NULL",
        tx.tenant_id,
        list(skus),
    )
    return {row["sku"]: (row["id"], row["slug"]) for row in rows}


def write_products(tx: Transaction, changes: Sequence[Change], *, currency: str) -> list[Write]:
    """Return the writes of product rows; they fail if another transaction has changed one of them."""
    new = [_product_record(change) for change in changes if change.before is None]
    known = [_product_record(change) for change in changes if change.before is not None]
    return [
        *_insert(tx, "catalog_products", PRODUCT_COLUMNS, new, currency=currency),
        *_update(tx, "catalog_products", PRODUCT_COLUMNS, known, condition=_UNCHANGED_MEANWHILE),
    ]


def write_variants(tx: Transaction, changes: Sequence[Change], *, currency: str) -> list[Write]:
    """Return the writes of variant rows; a removed one is marked as deleted, because orders refer to it."""
    added = [_variant_record(change, positioned) for change in changes for positioned in change.added]
    altered = [_variant_record(change, positioned) for change in changes for positioned in change.altered]
    revived = [_variant_record(change, positioned) for change in changes for positioned in change.revived]
    removed = [variant_id for change in changes for variant_id in change.removed_ids]
    same_product = "o.product_id = n.product_id"
    return [
        *_insert(tx, "catalog_variants", VARIANT_COLUMNS, added, currency=currency),
        *_update(
            tx, "catalog_variants", VARIANT_COLUMNS, altered, condition=f"{same_product} AND o.deleted_at IS NULL"
        ),
        *_update(
            tx, "catalog_variants", VARIANT_COLUMNS, revived, condition=f"{same_product} AND o.deleted_at IS NOT NULL"
        ),
        *_remove_variants(tx, removed),
    ]


def free_skus(tx: Transaction, variant_ids: Sequence[UUID]) -> Write:
    """Return the write that removes the SKUs of variants, so that the next statement can assign them to others."""
    return write(
        "UPDATE catalog_variants SET sku = NULL WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant_id,
        sorted(variant_ids),
    )


def free_option_keys(tx: Transaction, variant_ids: Sequence[UUID]) -> Write:
    """Return the write that releases the option values of variants, so that the next statement can assign them."""
    return write(
        "UPDATE catalog_variants SET option_key = id::text WHERE tenant_id = $1 AND id = ANY($2::uuid[])",
        tx.tenant_id,
        sorted(variant_ids),
    )


def delete(tx: Transaction, products: Sequence[Product]) -> list[Write]:
    """Return the writes that mark products as deleted; rows remain for old orders, slugs and SKUs become free."""
    ordered = sorted(products, key=lambda product: product.id)
    removed = write(
        "UPDATE catalog_products o SET status = 'archived', category_id = NULL, product_type_id = NULL,"
        " deleted_at = kit_now(), updated_at = kit_now(), version = o.version + 1"
        " FROM unnest($2::uuid[], $3::bigint[]) AS n(id, version)"
        " WHERE o.tenant_id = $1 AND o.id = n.id AND o.version = n.version AND o.deleted_at IS NULL",
        tx.tenant_id,
        [product.id for product in ordered],
        [product.version for product in ordered],
        rows=len(ordered),
        otherwise=CatalogueMoved,
    )
    return [removed, *_remove_variants(tx, [id_ for product in ordered for id_ in product.variant_ids])]


async def are_variants_deleted(tx: Transaction, variant_ids: Collection[UUID]) -> dict[UUID, bool]:
    """Return for each existing variant whether it is deleted."""
    rows = await tx.fetch(
        "SELECT id, deleted_at IS NOT NULL AS is_gone FROM catalog_variants WHERE tenant_id = $1"
        " AND id = ANY($2::uuid[])",
        tx.tenant_id,
        list(variant_ids),
    )
    return {row["id"]: row["is_gone"] for row in rows}


async def take_statistics(tx: Transaction) -> None:
    """Update the planner's statistics (ANALYZE) of the tables of products."""
    await statistics.update_statistics(tx, _TABLES)


def _lock(condition: str, *, waits: bool) -> str:
    # Ordered by id, which is the lock order.
    return (
        f"SELECT id, slug FROM catalog_products WHERE tenant_id = $1 AND {condition} AND deleted_at IS NULL"
        f" ORDER BY id FOR NO KEY UPDATE{'' if waits else ' SKIP LOCKED'}"
    )


def _insert(
    tx: Transaction, table: str, columns: Mapping[str, str], records: list[dict[str, Any]], *, currency: str
) -> list[Write]:
    if not records:
        return []
    statement = (
        f"INSERT INTO {table} (tenant_id, currency, created_at, updated_at, {', '.join(columns)})"
        f" SELECT $1, $3, kit_now(), kit_now(), n.* FROM {_recordset(columns)} AS n ON CONFLICT DO NOTHING"
    )
    return [write(statement, tx.tenant_id, records, currency, rows=len(records), otherwise=CatalogueMoved)]


def _update(
    tx: Transaction, table: str, columns: Mapping[str, str], records: list[dict[str, Any]], *, condition: str
) -> list[Write]:
    if not records:
        return []
    assignments = ", ".join(f"{name} = n.{name}" for name in columns if name != "id")
    statement = (
        f"UPDATE {table} o SET {assignments}, updated_at = kit_now(), deleted_at = NULL FROM {_recordset(columns)} AS n"
        f" WHERE o.tenant_id = $1 AND o.id = n.id AND {condition}"
    )
    return [write(statement, tx.tenant_id, records, rows=len(records), otherwise=CatalogueMoved)]


def _recordset(columns: Mapping[str, str]) -> str:
    # Ordered by id, which is the lock order.
    typed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
    return f"(SELECT * FROM jsonb_to_recordset($2::jsonb) AS r({typed}) ORDER BY r.id)"


def _remove_variants(tx: Transaction, variant_ids: Sequence[UUID]) -> list[Write]:
    if not variant_ids:
        return []
    statement = (
        "UPDATE catalog_variants SET deleted_at = kit_now(), updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND deleted_at IS NULL"
    )
    return [write(statement, tx.tenant_id, sorted(variant_ids), rows=len(variant_ids), otherwise=CatalogueMoved)]


def _product_record(change: Change) -> dict[str, Any]:
    content = change.content
    cheapest = content.cheapest
    return {
        "id": change.product_id,
        "slug": content.slug,
        "sort_name": sort_key(content.name),
        "status": content.status,
        "category_id": content.category_id,
        "vendor_id": content.vendor_id,
        "product_type_id": content.product_type_id,
        "attributes": dict(content.attributes),
        "images": [
            {"url": image.url, "alt": image.alt, "width": image.width, "height": image.height, "sizes": image.sizes}
            for image in content.images
        ],
        "options": [{"name": option.name, "values": option.values} for option in content.options],
        "price_minor": cheapest.price_minor,
        "compare_at_minor": cheapest.compare_at_minor,
        "extra": content.extra,
        "version": change.version,
        **{field.name: getattr(content, field.name) for field in PRODUCT_FIELDS},
    }


def _variant_record(change: Change, positioned: PositionedVariant) -> dict[str, Any]:
    variant = positioned.variant
    names = [option.name for option in change.content.options]
    return {
        "id": positioned.id,
        "product_id": change.product_id,
        "position": positioned.position,
        "options": dict(zip(names, variant.values, strict=True)),
        "option_key": variant.key,
        "extra": variant.extra,
        **{field.name: getattr(variant, field.name) for field in VARIANT_FIELDS},
    }


def _product(row: Any) -> Product:
    options = tuple(Option(option["name"], tuple(option["values"])) for option in row["options"])
    variants = row["variants"] or []
    category = None
    if row["category_id"]:
        category = CategoryName(
            id=row["category_id"], slug=row["category_slug"], name=row["category_name"], path=row["category_path"]
        )
    return Product(
        id=row["id"],
        content=Content(
            slug=row["slug"],
            status=ProductStatus(row["status"]),
            category_id=row["category_id"],
            vendor_id=row["vendor_id"],
            product_type_id=row["product_type_id"],
            attributes=row["attributes"],
            images=tuple(Image(**image) for image in row["images"]),
            options=options,
            variants=tuple(_variant(variant, options) for variant in variants),
            extra=row["extra"],
            **{field.name: _to_value(row[field.name]) for field in PRODUCT_FIELDS},
        ),
        variant_ids=tuple(UUID(variant["id"]) for variant in variants),
        currency=row["currency"],
        category=category,
        vendor=VendorName(id=row["vendor_id"], name=row["vendor_name"]) if row["vendor_id"] else None,
        lineage=tuple(row["lineage"] or ()),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["version"],
    )


def _variant(row: Mapping[str, Any], options: Sequence[Option]) -> Variant:
    return Variant(
        values=tuple(row["options"][option.name] for option in options),
        extra=row["extra"],
        **{field.name: _to_value(row[field.name]) for field in VARIANT_FIELDS},
    )


def _to_value(value: Any) -> Any:
    # The driver returns arrays as lists.
    return tuple(value) if isinstance(value, list) else value
