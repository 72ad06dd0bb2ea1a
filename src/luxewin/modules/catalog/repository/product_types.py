"""Reading and writing product types."""

from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.catalog.domain.attributes import Attribute, AttributeKind
from luxewin.modules.catalog.domain.names import fold
from luxewin.modules.catalog.domain.product_types import ProductType
from luxewin.modules.catalog.errors import CatalogueMoved, NameTaken

_COLUMNS = "id, name, attributes, created_at, updated_at, version"
_MOST_TYPES = 1_000


async def every(tx: Transaction) -> list[ProductType]:
    """Return all product types by name."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM catalog_product_types WHERE tenant_id = $1 ORDER BY name_key LIMIT $2",
        tx.tenant_id,
        _MOST_TYPES,
    )
    return [_product_type(row) for row in rows]


async def with_id(tx: Transaction, type_id: UUID) -> ProductType | None:
    """Return a product type."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM catalog_product_types WHERE tenant_id = $1 AND id = $2", tx.tenant_id, type_id
    )
    return _product_type(row) if row else None


async def lock_shared(tx: Transaction, type_id: UUID) -> ProductType | None:
    """Return a product type, and lock it against changes until this transaction ends."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM catalog_product_types WHERE tenant_id = $1 AND id = $2 FOR SHARE",
        tx.tenant_id,
        type_id,
    )
    return _product_type(row) if row else None


async def has_products(tx: Transaction, type_id: UUID) -> bool:
    """Lock a product type, and return whether any product has it, including deleted products."""
    await tx.fetchval(
        "SELECT 1 FROM catalog_product_types WHERE tenant_id = $1 AND id = $2 FOR UPDATE", tx.tenant_id, type_id
    )
    return bool(
        await tx.fetchval(
            # With ORDER BY the planner looks up the first row in an index instead of scanning the table.
            "SELECT (SELECT id FROM catalog_products WHERE tenant_id = $1 AND product_type_id = $2"
            " ORDER BY id LIMIT 1) IS NOT NULL",
            tx.tenant_id,
            type_id,
        )
    )


async def is_named(tx: Transaction, name: str, *, other_than: UUID) -> bool:
    """Return whether another type has this name."""
    return bool(
        await tx.fetchval(
            "SELECT EXISTS (SELECT FROM catalog_product_types WHERE tenant_id = $1 AND name_key = $2 AND id <> $3)",
            tx.tenant_id,
            fold(name),
            other_than,
        )
    )


def add(tx: Transaction, product_type: ProductType) -> Write:
    """Return the write that adds a product type."""
    return write(
        "INSERT INTO catalog_product_types (tenant_id, id, name, name_key, attributes, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, kit_now(), kit_now(), $6) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        product_type.id,
        product_type.name,
        fold(product_type.name),
        _attributes(product_type),
        product_type.version,
        rows=1,
        otherwise=NameTaken,
    )


def change(tx: Transaction, before: ProductType, after: ProductType) -> Write:
    """Return the write that changes a product type; it fails if another transaction has changed it."""
    return write(
        "UPDATE catalog_product_types SET name = $4, name_key = $5, attributes = $6, version = version + 1,"
        " updated_at = kit_now() WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        before.id,
        before.version,
        after.name,
        fold(after.name),
        _attributes(after),
        rows=1,
        otherwise=CatalogueMoved,
    )


def delete(tx: Transaction, product_type: ProductType) -> Write:
    """Return the write that deletes a product type; `has_products` must have been checked under its lock."""
    return write(
        "DELETE FROM catalog_product_types WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        product_type.id,
        product_type.version,
        rows=1,
        otherwise=CatalogueMoved,
    )


def _attributes(product_type: ProductType) -> list[dict[str, Any]]:
    return [
        {"name": attribute.name, "kind": attribute.kind.value, "required": attribute.required}
        for attribute in product_type.attributes
    ]


def _product_type(row: Any) -> ProductType:
    attributes = tuple(
        Attribute(name=each["name"], kind=AttributeKind(each["kind"]), required=each["required"])
        for each in row["attributes"]
    )
    return ProductType(**{**row, "attributes": attributes})
