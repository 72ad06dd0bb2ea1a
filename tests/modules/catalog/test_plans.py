"""No query or edit of the catalogue scans a large table, executed with the application's role."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.collections import MOST_PRODUCTS
from luxewin.modules.catalog.repository import categories, collections, product_types, products
from luxewin.modules.catalog.repository.sellables import choices, sellable_rows
from luxewin.modules.catalog.schemas.products import ProductPatch
from luxewin.modules.catalog.service import categories as category_service
from luxewin.modules.catalog.service import products as service
from luxewin.modules.catalog.service.ownership import must_be_current, own_product
from luxewin.modules.catalog_import.service.export_products import export_page
from tests.conftest import TestDatabase
from tests.modules.catalog.shop import Shop

PRODUCTS = 20_000
LARGE = {
    "catalog_products",
    "catalog_variants",
    "catalog_product_tags",
    "catalog_product_categories",
    "catalog_collection_products",
    "inventory_variants",
    "inventory_stock",
}
MOST_ROWS_IN_VAIN = 500
FILL = f"""
    INSERT INTO catalog_products (tenant_id, id, slug, name, sort_name, description, status, category_id,
        product_type_id, attributes, tags, images, options, currency, price_minor, extra, created_at, updated_at,
        version)
    SELECT $1, md5('p' || n || $1)::uuid, 'p-' || n, 'P ' || n, 'p ' || n, '', 'active', $2, $3, '{{}}', '{{a}}', '[]',
        '[]', 'USD', n, '{{}}', now(), now(), 1 FROM generate_series(1, {PRODUCTS}) AS n;
    INSERT INTO catalog_variants (tenant_id, id, product_id, position, options, option_key, sku, barcode, currency,
        price_minor, requires_shipping, taxable, tax_code, extra, created_at, updated_at)
    SELECT $1, md5('v' || n || $1)::uuid, md5('p' || n || $1)::uuid, 0, '{{}}', '[]', 'S-' || n, '', 'USD', n, true,
        true, '', '{{}}', now(), now() FROM generate_series(1, {PRODUCTS}) AS n;
    INSERT INTO catalog_product_categories SELECT $1, $2, md5('p' || n || $1)::uuid
        FROM generate_series(1, {PRODUCTS}) AS n;
    INSERT INTO catalog_product_tags SELECT $1, 'a', md5('p' || n || $1)::uuid FROM generate_series(1, {PRODUCTS}) AS n;
    INSERT INTO catalog_collections (tenant_id, id, slug, name, description, created_at, updated_at, version)
    SELECT $1, md5('c' || n || $1)::uuid, 'c-' || n, 'C', '', now(), now(), 1
        FROM generate_series(0, {PRODUCTS // MOST_PRODUCTS}) AS n;
    INSERT INTO catalog_collection_products
    SELECT $1, md5('c' || n / {MOST_PRODUCTS} || $1)::uuid, md5('p' || n || $1)::uuid, n
        FROM generate_series(1, {PRODUCTS}) AS n;
    INSERT INTO inventory_variants (tenant_id, variant_id, tracked, in_stock, version)
    SELECT $1, md5('v' || n || $1)::uuid, true, true, 1 FROM generate_series(1, {PRODUCTS}) AS n;
    INSERT INTO inventory_stock (tenant_id, variant_id, location_id, on_hand, reserved, backorder_limit)
    SELECT $1, md5('v' || n || $1)::uuid, (SELECT id FROM inventory_locations WHERE tenant_id = $1), 1, 0, 0
        FROM generate_series(1, {PRODUCTS}) AS n
"""


class LargeShop:
    """A shop of many products, all in one category, of one type, with one tag, and each in a collection."""

    def __init__(self, shop: Shop, *, category_id: UUID, type_id: UUID) -> None:
        self.shop = shop
        self.category_id = category_id
        self.type_id = type_id
        self.products: list[UUID] = []
        self.variants: list[UUID] = []

    @asynccontextmanager
    async def recorded(self) -> AsyncIterator[tuple[Transaction, "RecordingConnection"]]:
        """Open a transaction whose statements are recorded; it is rolled back."""
        async with self.shop.database.app.acquire() as connection:
            outer = connection.transaction()
            await outer.start()
            await connection.execute(f"SET LOCAL app.tenant_id = '{self.shop.tenant.id}'")
            recorded = RecordingConnection(connection)
            yield Transaction(recorded, tenant_id=self.shop.tenant.id, principal=SYSTEM), recorded
            await outer.rollback()


class RecordingConnection:
    """A connection that records its statements."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.statements: list[tuple[str, tuple[Any, ...]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    async def fetch(self, sql: str, *parameters: Any) -> Any:
        return await self._record("fetch", sql, parameters)

    async def fetchrow(self, sql: str, *parameters: Any) -> Any:
        return await self._record("fetchrow", sql, parameters)

    async def fetchval(self, sql: str, *parameters: Any) -> Any:
        return await self._record("fetchval", sql, parameters)

    async def large_scans(self) -> list[str]:
        """Return the recorded statements that scan a large table."""
        found = []
        for sql, parameters in self.statements:
            analyse = "" if "kit_demand" in sql else "ANALYZE, "
            plan = await self._connection.fetchval(f"EXPLAIN ({analyse}FORMAT JSON) {sql}", *parameters)
            parsed = orjson.loads(plan) if isinstance(plan, str) else plan
            found += [f"{scan}: {sql}" for node in _nodes(parsed[0]["Plan"]) for scan in _large_scans(node)]
        return found

    async def _record(self, way: str, sql: str, parameters: tuple[Any, ...]) -> Any:
        self.statements.append((sql, parameters))
        return await getattr(self._connection, way)(sql, *parameters)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for below in plan.get("Plans", []):
        yield from _nodes(below)


def _large_scans(node: dict[str, Any]) -> Iterator[str]:
    table = node.get("Relation Name")
    if table in LARGE and node["Node Type"] == "Seq Scan":
        yield f"walks through {table}"
    if table in LARGE and node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1) > MOST_ROWS_IN_VAIN:
        yield f"reads {table} in vain"


@pytest.fixture
async def large(shop: Shop, test_database: TestDatabase) -> LargeShop:
    category = (await shop.staff.post("/categories", json={"name": "All"})).json()
    kind = (await shop.staff.post("/product-types", json={"name": "Kind"})).json()
    filled = LargeShop(shop, category_id=UUID(category["id"]), type_id=UUID(kind["id"]))
    ids = (shop.tenant.id, filled.category_id, filled.type_id)
    owner = await asyncpg.connect(**test_database.owner)
    try:
        for statement in FILL.split(";"):
            literal = statement
            for number, value in enumerate(ids, start=1):
                literal = literal.replace(f"${number}", f"'{value}'::uuid")
            await owner.execute(literal)
        await owner.execute(f"ANALYZE {', '.join(sorted(LARGE))}")
    finally:
        await owner.close()
    rows = await shop.rows("SELECT id, product_id FROM catalog_variants LIMIT 200")
    filled.variants = [row["id"] for row in rows]
    filled.products = [row["product_id"] for row in rows]
    return filled


async def _edit(tx: Transaction, large: LargeShop) -> None:
    product = await own_product(tx, large.products[0])
    patch = ProductPatch(name="Another", tags=["b"], category="Others/More", sku="X-1", stock=7)
    stock = await service.lock_stock(tx, product)
    await must_be_current(tx, product)
    await service.change_product(tx, product, patch, stock=stock, currency="USD")


async def _delete(tx: Transaction, large: LargeShop) -> None:
    await service.delete_product(tx, await own_product(tx, large.products[0]))


QUESTIONS: dict[str, Callable[[Transaction, LargeShop], Awaitable[Any]]] = {
    "products by id": lambda tx, large: products.products_by_id(tx, large.products),
    "products by slug": lambda tx, _: products.products_by_slug(tx, [f"p-{number}" for number in range(200)]),
    "a page of the export": lambda tx, _: export_page(tx, after="p-15000"),
    "taken slugs": lambda tx, _: products.slugs_taken(tx, ["p-1", "nobody"]),
    "owners of SKUs": lambda tx, _: products.sku_owners(tx, [f"S-{number}" for number in range(200)]),
    "what orders copy": lambda tx, large: sellable_rows(tx, large.variants, None),
    "the only variant": lambda tx, large: sellable_rows(tx, [], large.products[0]),
    "the variants to choose from": lambda tx, large: choices(tx, large.products[0]),
    "whether a category is in use": lambda tx, large: categories.is_in_use(tx, large.category_id),
    "whether an empty category is in use": lambda tx, _: categories.is_in_use(tx, new_id()),
    "whether a type is in use": lambda tx, large: product_types.has_products(tx, large.type_id),
    "whether an empty type is in use": lambda tx, _: product_types.has_products(tx, new_id()),
    "collections of a product": lambda tx, large: collections.with_product(tx, large.products[0]),
    "products of a collection": lambda tx, large: collections.existing_products(tx, large.products),
    "a category by its name": lambda tx, _: category_service.category_named(tx, "all"),
    "an edit": _edit,
    "a deletion": _delete,
}


async def test_no_query_reads_the_complete_catalogue(large: LargeShop) -> None:
    large_scans = {}
    for name, question in QUESTIONS.items():
        async with large.recorded() as (tx, recorded):
            await question(tx, large)
            assert recorded.statements, name
            found = await recorded.large_scans()
        if found:
            large_scans[name] = found
    assert large_scans == {}


async def test_a_query_that_scans_a_large_table_would_be_found(large: LargeShop) -> None:
    async with large.recorded() as (tx, recorded):
        await tx.fetch("SELECT id FROM catalog_products WHERE tenant_id = $1 AND name ILIKE $2", tx.tenant_id, "p 19%")
        await tx.fetch("SELECT id FROM catalog_products WHERE lower(slug) = $1", "p-1")
        assert len(await recorded.large_scans()) == 2
