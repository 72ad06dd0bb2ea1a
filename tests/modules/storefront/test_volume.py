"""No read of the storefront scans a large table, with the application's role and under every plan setting."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import pytest

from luxewin.kit import pools
from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.pagination import Cursors
from luxewin.kit.pools import PoolLimits
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import ProductUnknown
from luxewin.modules.storefront.schemas import ListingQuery, SearchQuery
from luxewin.modules.storefront.service.listing import list_products, show_any_product, show_product
from luxewin.modules.storefront.service.searching import search_products
from luxewin.modules.storefront.service.serialising import to_json
from tests.conftest import TestDatabase, make_database
from tests.modules.storefront.crowd import CROWDED, fill, rows_scanned
from tests.servers import TestServer

CURSORS = Cursors(b"a key of one test that nobody else has")
TIMES = 8
"""Each statement is planned once for all values; several rounds test that the first values do not matter."""

LARGE = {
    "catalog_products",
    "catalog_product_categories",
    "catalog_product_tags",
    "catalog_variants",
    "inventory_variants",
    "inventory_stock",
    "storefront_search",
}


@pytest.fixture(scope="module")
async def crowded(server: TestServer) -> TestDatabase:
    made = await make_database(server, "crowded")
    await fill(made)
    return made


@asynccontextmanager
async def opened(test_database: TestDatabase) -> AsyncIterator[Database]:
    """One connection of the application, whose statistics are reported at the end.

    Its plans may scan tables, so that a statement that no index helps shows; else it walks through all of an index.
    """
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(pools.PLANNING, "enable_seqscan", "on")
        database = await Database.open(test_database.role("app"), test_database.role("system"), PoolLimits(size=1))
    try:
        yield database
        async with database.app.acquire() as connection:
            await connection.execute("SELECT pg_stat_force_next_flush()")
    finally:
        await database.close()


async def listed(database: Database, **parameters: Any) -> dict[str, Any]:
    listing = ListingQuery.model_validate(parameters).listing()
    page = await database.run(CROWDED, ANONYMOUS, lambda tx: list_products(tx, listing, cursors=CURSORS))
    return dict(orjson.loads(to_json(page)))


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "price", "-price", "name", "-name"])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"category": "category-1"},
        {"category": "category-7"},
        {"category": "category-7", "tag": ["tag 1"]},
        {"tag": ["Tag 1"]},
        {"tag": ["Tag 1007"]},
        {"tag": ["Tag 1", "Tag 1007"]},
        {"vendor": "vendor-7"},
        {"min_price": "1000", "max_price": "2000"},
        {"in_stock": "true"},
        {"in_stock": "false"},
        {"in_stock": "false", "min_price": "1000", "max_price": "80000"},
        {"category": "category-1", "in_stock": "true", "max_price": "50000"},
        {"q": "wonderful"},
        {"q": "product 770", "tag": ["Tag 1"]},
    ],
    ids=str,
)
async def test_no_list_scans_a_large_table(sort: str, filters: dict[str, Any], crowded: TestDatabase) -> None:
    before = await rows_scanned(crowded)
    assert before.keys() >= LARGE
    async with opened(crowded) as database:
        for _ in range(TIMES):
            page = await listed(database, sort=sort, **filters)
            assert page["data"]
            if page["next_cursor"] is not None:
                await listed(database, sort=sort, cursor=page["next_cursor"], **filters)
    assert await rows_scanned(crowded) == before


@pytest.mark.parametrize("bounds", [(0, 10**9), (1000, 1100), (5000, 5000), (1, 2)], ids=str)
@pytest.mark.parametrize("sort", ["-created_at", "created_at", "price", "-price", "name"])
async def test_however_few_have_such_a_price_all_of_them_are_listed_once(
    sort: str, bounds: tuple[int, int], crowded: TestDatabase
) -> None:
    least, most = bounds
    question: dict[str, Any] = {"sort": sort, "min_price": str(least), "max_price": str(most), "limit": 100}
    ids: list[str] = []
    async with opened(crowded) as database:
        every = await database.run(
            CROWDED,
            ANONYMOUS,
            lambda tx: tx.fetch(
                "SELECT id::text FROM catalog_v_products WHERE status = 'active' AND price_minor BETWEEN $1 AND $2",
                least,
                most,
            ),
        )
        while len(ids) < 1500:
            page = await listed(database, **question)
            ids += [product["id"] for product in page["data"]]
            if page["next_cursor"] is None:
                assert sorted(ids) == sorted(row["id"] for row in every)
                return
            question["cursor"] = page["next_cursor"]
    assert len(set(ids)) == len(ids) < len(every)


@pytest.mark.parametrize("sort", ["-created_at", "price", "name"])
@pytest.mark.parametrize("are_many", [False, True], ids=["few sold out", "many sold out"])
async def test_all_that_is_sold_out_is_listed_once(sort: str, are_many: bool, crowded: TestDatabase) -> None:
    question: dict[str, Any] = {"sort": sort, "in_stock": "false", "limit": 100}
    ids: list[str] = []
    async with sold_out(crowded, every=20 if are_many else 300) as sold, opened(crowded) as database:
        while True:
            page = await listed(database, **question)
            ids += [product["id"] for product in page["data"]]
            if page["next_cursor"] is None:
                break
            question["cursor"] = page["next_cursor"]
    assert len(set(ids)) == len(ids)
    assert set(ids) == sold


@asynccontextmanager
async def sold_out(test_database: TestDatabase, *, every: int) -> AsyncIterator[set[str]]:
    """Sell out these products too; return all products on sale without available variants."""
    chosen = "s.variant_id = v.id AND v.product_id = p.id AND right(p.slug, -8)::int % $1 = 7"
    tables = "inventory_stock s, catalog_variants v, catalog_products p"
    connection = await asyncpg.connect(**test_database.owner)
    try:
        await connection.execute(f"SET app.tenant_id = '{CROWDED.id}'")
        before = await connection.fetch(f"SELECT s.variant_id, s.on_hand FROM {tables} WHERE {chosen}", every)
        await connection.execute(
            f"UPDATE inventory_stock t SET on_hand = 0 FROM {tables} WHERE t.variant_id = s.variant_id AND {chosen}",
            every,
        )
        rows = await connection.fetch(
            "SELECT p.id::text FROM catalog_products p WHERE p.status = 'active' AND NOT EXISTS"
            " (SELECT FROM catalog_variants v JOIN inventory_stock s ON s.variant_id = v.id"
            " WHERE v.product_id = p.id AND s.available > 0)"
        )
        yield {row["id"] for row in rows}
        await connection.executemany(
            "UPDATE inventory_stock SET on_hand = $2 WHERE variant_id = $1",
            [(row["variant_id"], row["on_hand"]) for row in before],
        )
    finally:
        await connection.close()


@pytest.mark.parametrize("query", ["wonderful", "product 77", "prod", "prodct 77", "pr", "zzzz", "wonderful product"])
async def test_no_search_scans_a_large_table(query: str, crowded: TestDatabase) -> None:
    before = await rows_scanned(crowded)
    search = SearchQuery.model_validate({"q": query, "include": ["facets"], "tag": ["Tag 1"]}).search()
    async with opened(crowded) as database:
        for _ in range(TIMES):
            await database.run(CROWDED, ANONYMOUS, lambda tx: search_products(tx, search, cursors=CURSORS))
    assert await rows_scanned(crowded) == before


@pytest.mark.parametrize("wanted", ["product-77", "15a3ab24-b3a3-9c2f-a5c1-4dd3d1e1a1a1", "nothing"])
async def test_no_product_is_looked_for_in_the_whole_table(wanted: str, crowded: TestDatabase) -> None:
    before = await rows_scanned(crowded)

    async def look(tx: Transaction) -> None:
        for show in (show_product, show_any_product):
            try:
                await show(tx, wanted)
            except ProductUnknown:
                continue

    async with opened(crowded) as database:
        for _ in range(TIMES):
            await database.run(CROWDED, ANONYMOUS, look)
    assert await rows_scanned(crowded) == before


async def test_a_scan_would_be_noticed(crowded: TestDatabase) -> None:
    before = await rows_scanned(crowded)
    async with opened(crowded) as database:
        query = "SELECT count(*) FROM catalog_v_products WHERE description LIKE '%sofa%'"
        await database.run(CROWDED, ANONYMOUS, lambda tx: tx.fetch(query))
    after = await rows_scanned(crowded)
    assert after["catalog_products"] > before["catalog_products"]
