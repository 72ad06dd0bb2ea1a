"""Products are read once for many lists while their version stays the same."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx2
import orjson
import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.pagination import Cursors
from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.repository import products
from luxewin.modules.storefront.schemas import ListingQuery, SearchQuery
from luxewin.modules.storefront.service import product_cache
from luxewin.modules.storefront.service.listing import list_products
from luxewin.modules.storefront.service.product_cache import ProductCache
from luxewin.modules.storefront.service.searching import search_products
from luxewin.modules.storefront.service.serialising import to_json, with_field
from luxewin.modules.storefront.service.versioned_cache import TTL_SECONDS
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Shop, Watched, add_product, known_versions, open_shop

CURSORS = Cursors(b"a key of one test that nobody else has")
NAMES = ["Oslo Chair", "Bergen Chair", "Rug"]


class Lists:
    """Lists of a shop through a product cache; records which products were read from the database."""

    def __init__(self, database: Database, shop: Shop) -> None:
        self.versions: Watched = known_versions()
        self.seconds = 0.0
        self.cache = ProductCache(self.versions, clock=lambda: self.seconds)
        self.read: list[set[UUID]] = []
        self._database = database
        self._shop = shop

    async def listed(self, **parameters: Any) -> list[dict[str, Any]]:
        listing = ListingQuery.model_validate(parameters).listing()
        return await self._data(lambda tx: list_products(tx, listing, cursors=CURSORS, read=self.cache.read))

    async def found(self, **parameters: Any) -> list[dict[str, Any]]:
        search = SearchQuery.model_validate(parameters).search()
        return await self._data(lambda tx: search_products(tx, search, cursors=CURSORS, read=self.cache.read))

    async def _data(self, use_case: Any) -> list[dict[str, Any]]:
        page = await self._database.run(self._shop.tenant, ANONYMOUS, use_case)
        data: list[dict[str, Any]] = orjson.loads(to_json(page))["data"]
        return data


@pytest.fixture
async def made(staff: httpx2.AsyncClient, database: Database, shop: Shop) -> dict[str, UUID]:
    ids = {name: UUID((await add_product(staff, name))["id"]) for name in NAMES}
    await settle(database, shop.tenant)
    return ids


@pytest.fixture
def lists(database: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Lists:
    lists, by_ids = Lists(database, shop), products.by_ids

    async def recorded(tx: Transaction, ids: Sequence[UUID]) -> Any:
        lists.read.append(set(ids))
        return await by_ids(tx, ids)

    monkeypatch.setattr(products, "by_ids", recorded)
    return lists


async def test_lists_and_searches_read_only_products_that_are_not_cached(lists: Lists, made: dict[str, UUID]) -> None:
    first = await lists.listed(limit=2)
    assert [product["name"] for product in first] == ["Rug", "Bergen Chair"]
    assert [product["name"] for product in await lists.listed(sort="name")] == sorted(NAMES)
    assert [product["highlights"]["name"] for product in await lists.found(q="rug")] == ["<mark>Rug</mark>"]
    assert lists.read == [{made["Rug"], made["Bergen Chair"]}, {made["Oslo Chair"]}]


async def test_a_change_invalidates_every_product_of_the_shop(
    lists: Lists, made: dict[str, UUID], staff: httpx2.AsyncClient, shop: Shop
) -> None:
    await lists.listed()
    changed = await staff.patch(f"/products/{made['Rug']}", json={"name": "Carpet"})
    assert changed.status_code == 200, changed.text
    lists.versions.bump(shop.tenant.id)
    assert "Carpet" in [product["name"] for product in await lists.listed()]
    assert lists.read == [set(made.values())] * 2


async def test_a_product_expires_so_that_stock_levels_are_a_second_old_at_most(
    lists: Lists, made: dict[str, UUID]
) -> None:
    await lists.listed()
    lists.seconds = TTL_SECONDS
    await lists.listed()
    assert lists.read == [set(made.values())] * 2


async def test_while_versions_are_unknown_nothing_is_cached(lists: Lists, made: dict[str, UUID]) -> None:
    lists.versions.unsubscribed()
    for _ in range(2):
        await lists.listed()
    assert lists.read == [set(made.values())] * 2


async def test_products_read_during_a_change_are_not_cached(
    lists: Lists, made: dict[str, UUID], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_products = product_cache.read_products

    async def read_before_a_change(tx: Transaction, ids: Sequence[UUID]) -> Any:
        read = await read_products(tx, ids)
        lists.versions.bump(shop.tenant.id)
        return read

    monkeypatch.setattr(product_cache, "read_products", read_before_a_change)
    for _ in range(2):
        assert len(await lists.listed()) == len(NAMES)
    assert lists.read == [set(made.values())] * 2


async def test_products_not_for_sale_are_not_counted_on_a_page(
    lists: Lists, made: dict[str, UUID], staff: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Lamp", status="draft")
    assert [UUID(product["id"]) for product in await lists.listed(limit=1)] == [made["Rug"]]


async def test_a_product_withdrawn_before_it_is_read_is_left_out(
    lists: Lists, made: dict[str, UUID], staff: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_ids = products.by_ids

    async def read_after_withdrawal(tx: Transaction, ids: Sequence[UUID]) -> Any:
        assert (await staff.patch(f"/products/{made['Rug']}", json={"status": "draft"})).status_code == 200
        return await by_ids(tx, ids)

    monkeypatch.setattr(products, "by_ids", read_after_withdrawal)
    assert [product["name"] for product in await lists.listed()] == ["Bergen Chair", "Oslo Chair"]


async def test_a_product_of_another_shop_is_not_read(lists: Lists, made: dict[str, UUID], database: Database) -> None:
    assert len(await lists.listed()) == len(NAMES)
    other = await open_shop(database)
    async with database.begin(other.tenant, ANONYMOUS) as tx:
        assert await lists.cache.read(tx, list(made.values())) == {}


@pytest.mark.parametrize("value", [None, {"name": '<mark>"Rug"</mark>', "description": None}, [1, 2]])
def test_a_field_is_added_to_serialised_json(value: Any) -> None:
    product = {"id": "a", "nested": {"b": "}"}}
    assert orjson.loads(to_json(with_field(to_json(product), "more", value))) == {**product, "more": value}
