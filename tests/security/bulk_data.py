"""Multiply the rows of a shop in SQL, table by table, up to a hundred thousand products."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Boolean, Column, DateTime, Integer, LargeBinary, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from luxewin.migrations.tables import all_tables

PRODUCTS = 100_000
OTHERS = 10_000
_FEW: Mapping[str, int] = {
    "catalog_categories": 300,
    "catalog_product_types": 100,
    "catalog_collections": 500,
    "catalog_imports": 500,
    "catalog_sheet_columns": 20,
    "inventory_locations": 20,
    "shipping_methods": 20,
    "vendors_vendors": 500,
    "vendors_members": 500,
    "payments_webhook_endpoints": 20,
    "kit_positions": 0,
    "storefront_search": 0,
}
_MANY = (
    "catalog_products",
    "catalog_product_categories",
    "catalog_product_tags",
    "catalog_variants",
    "inventory_variants",
    "inventory_stock",
    "inventory_movements",
)
_REFERENCES = {
    "product_id": "catalog_products.id",
    "variant_id": "catalog_variants.id",
    "category_id": "catalog_categories.id",
    "location_id": "inventory_locations.id",
    "vendor_id": "vendors_vendors.id",
    "user_id": "identity_users.id",
    "session_id": "identity_sessions.id",
    "order_id": "orders_orders.id",
    "attempt_id": "payments_attempts.id",
    "cart_id": "cart_carts.id",
}
"""The columns that ids refer to, if there is no foreign key, as between modules."""


async def multiply(connection: Any, tenant_id: str) -> None:
    """Multiply the rows of a tenant, as the owner; the n-th copy of a row refers to the n-th copies of others.

    Foreign keys are not checked and triggers do not run: the copies are for the planner only, whose statistics stay as
    they are.
    """
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        for table in all_tables().sorted_tables:
            if table.info.get("tenant") and (rows := rows_of(table.name)):
                await connection.execute(_copying(table, rows), tenant_id)


def rows_of(table: str) -> int:
    """Return the number of copies for a table."""
    return _FEW.get(table, PRODUCTS if table in _MANY else OTHERS)


def _copying(table: Table, rows: int) -> str:
    columns = [column for column in table.columns if column.computed is None and column.identity is None]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = ", ".join(_value(column, frozenset(_unique(table))) for column in columns)
    ids = ", ".join(column.name for column in columns if isinstance(column.type, Uuid))
    oldest = ", ".join([f"num_nulls({ids})", *(column.name for column in table.primary_key.columns)])
    return (
        f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE SELECT {values}"
        f" FROM (SELECT * FROM {table.name} WHERE tenant_id = $1 ORDER BY {oldest} LIMIT 1) AS t,"
        f" generate_series(1, {rows}) AS i"
    )


def _value(column: Column[Any], unique: frozenset[str]) -> str:
    name = f't."{column.name}"'
    kind = column.type
    if column.name == "tenant_id":
        return name
    if column.name == "tag_key":
        return "'tag' || i % 100"
    if column.name == "address_bucket":
        return f"{name} + i"
    if column.name == "lineage":
        return f"ARRAY[{_value(column.table.columns['id'], unique)}]"
    if isinstance(kind, Uuid):
        origin = _origin(column)
        size = rows_of(origin.partition(".")[0]) or 1
        return f"CASE WHEN {name} IS NOT NULL THEN md5('{origin}/' || i % {size})::uuid END"
    if isinstance(kind, DateTime):
        return f"{name} - i * interval '1 second'"
    if isinstance(kind, (Boolean, ARRAY, JSONB)) or column.name not in unique:
        return name
    if isinstance(kind, LargeBinary):
        return f"CASE WHEN {name} IS NOT NULL THEN sha256((i || '{column}')::bytea) END"
    if isinstance(kind, Text):
        return f"{name} || i"
    assert isinstance(kind, Integer), f"{column} has an unsupported type: {kind}"
    return f"CASE WHEN {name} IS NOT NULL THEN i + 1000000 END"


def _origin(column: Column[Any]) -> str:
    """Return the column whose ids a column contains: the one that it refers to, or itself."""
    for key in column.foreign_keys:
        if key.column.name != "tenant_id":
            return str(key.column)
    return _REFERENCES.get(column.name, str(column))


def _unique(table: Table) -> Iterator[str]:
    """Yield the columns that must be unique; of a key that contains ids, the ids and numbers are enough."""
    keys = [table.primary_key.columns]
    keys += [one.columns for one in table.constraints if isinstance(one, UniqueConstraint)]
    keys += [one.columns for one in table.indexes if one.unique]
    for key in keys:
        own = [column for column in key if column.name != "tenant_id"]
        has_id = any(isinstance(column.type, Uuid) for column in own)
        yield from (column.name for column in own if not has_id or isinstance(column.type, Integer))
    yield from ({"name", "sort_name", "title", "path", "path_key", "name_key"} & set(table.columns.keys()))
