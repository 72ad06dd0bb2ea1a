"""Products are read once for many lists, for as long as they are known to be the same."""

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
from luxewin.modules.storefront.service import shown
from luxewin.modules.storefront.service.listing import list_products
from luxewin.modules.storefront.service.memory import KEPT_SECONDS
from luxewin.modules.storefront.service.searching import search_products
from luxewin.modules.storefront.service.shaping import with_field, written
from luxewin.modules.storefront.service.shown import KeptProducts
from tests.modules.storefront.front import Shop, Watched, add_product, hearing, open_shop
from tests.modules.storefront.told import settle

CURSORS = Cursors(b"a key of one test that nobody else has")
NAMES = ["Oslo Chair", "Bergen Chair", "Rug"]


class Shelf:
    """Lists of a shop, made of kept products; it notes which products were read for them."""

    def __init__(self, database: Database, shop: Shop) -> None:
        self.versions: Watched = hearing()
        self.seconds = 0.0
        self.kept = KeptProducts(self.versions, clock=lambda: self.seconds)
        self.read: list[set[UUID]] = []
        self._database = database
        self._shop = shop

    async def listed(self, **question: Any) -> list[dict[str, Any]]:
        listing = ListingQuery.model_validate(question).listing()
        return await self._data(lambda tx: list_products(tx, listing, cursors=CURSORS, read=self.kept.read))

    async def found(self, **question: Any) -> list[dict[str, Any]]:
        search = SearchQuery.model_validate(question).search()
        return await self._data(lambda tx: search_products(tx, search, cursors=CURSORS, read=self.kept.read))

    async def _data(self, use_case: Any) -> list[dict[str, Any]]:
        page = await self._database.run(self._shop.tenant, ANONYMOUS, use_case)
        data: list[dict[str, Any]] = orjson.loads(written(page))["data"]
        return data


@pytest.fixture
async def made(staff: httpx2.AsyncClient, database: Database, shop: Shop) -> dict[str, UUID]:
    ids = {name: UUID((await add_product(staff, name))["id"]) for name in NAMES}
    await settle(database, shop.tenant)
    return ids


@pytest.fixture
def shelf(database: Database, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    shelf, whole = Shelf(database, shop), products.whole

    async def noted(tx: Transaction, ids: Sequence[UUID]) -> Any:
        shelf.read.append(set(ids))
        return await whole(tx, ids)

    monkeypatch.setattr(products, "whole", noted)
    return shelf


async def test_lists_and_searches_read_only_the_products_that_no_other_has_read(
    shelf: Shelf, made: dict[str, UUID]
) -> None:
    first = await shelf.listed(limit=2)
    assert [product["name"] for product in first] == ["Rug", "Bergen Chair"]
    assert [product["name"] for product in await shelf.listed(sort="name")] == sorted(NAMES)
    assert [product["highlights"]["name"] for product in await shelf.found(q="rug")] == ["<mark>Rug</mark>"]
    assert shelf.read == [{made["Rug"], made["Bergen Chair"]}, {made["Oslo Chair"]}]


async def test_a_change_lets_every_product_of_the_shop_be_read_again(
    shelf: Shelf, made: dict[str, UUID], staff: httpx2.AsyncClient, shop: Shop
) -> None:
    await shelf.listed()
    changed = await staff.patch(f"/products/{made['Rug']}", json={"name": "Carpet"})
    assert changed.status_code == 200, changed.text
    shelf.versions.bump(shop.tenant.id)
    assert "Carpet" in [product["name"] for product in await shelf.listed()]
    assert shelf.read == [set(made.values())] * 2


async def test_a_product_is_read_again_after_its_time_so_that_stock_is_true_to_the_second(
    shelf: Shelf, made: dict[str, UUID]
) -> None:
    await shelf.listed()
    shelf.seconds = KEPT_SECONDS
    await shelf.listed()
    assert shelf.read == [set(made.values())] * 2


async def test_while_no_change_can_be_heard_of_nothing_is_kept(shelf: Shelf, made: dict[str, UUID]) -> None:
    shelf.versions.go_deaf()
    for _ in range(2):
        await shelf.listed()
    assert shelf.read == [set(made.values())] * 2


async def test_what_was_read_while_a_change_came_is_not_kept(
    shelf: Shelf, made: dict[str, UUID], shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_products = shown.read_products

    async def overtaken(tx: Transaction, ids: Sequence[UUID]) -> Any:
        read = await read_products(tx, ids)
        shelf.versions.bump(shop.tenant.id)
        return read

    monkeypatch.setattr(shown, "read_products", overtaken)
    for _ in range(2):
        assert len(await shelf.listed()) == len(NAMES)
    assert shelf.read == [set(made.values())] * 2


async def test_what_is_not_for_sale_takes_no_place_on_a_page(
    shelf: Shelf, made: dict[str, UUID], staff: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Lamp", status="draft")
    assert [UUID(product["id"]) for product in await shelf.listed(limit=1)] == [made["Rug"]]


async def test_a_product_that_is_taken_off_before_it_is_read_is_left_out(
    shelf: Shelf, made: dict[str, UUID], staff: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = products.whole

    async def too_late(tx: Transaction, ids: Sequence[UUID]) -> Any:
        assert (await staff.patch(f"/products/{made['Rug']}", json={"status": "draft"})).status_code == 200
        return await whole(tx, ids)

    monkeypatch.setattr(products, "whole", too_late)
    assert [product["name"] for product in await shelf.listed()] == ["Bergen Chair", "Oslo Chair"]


async def test_a_product_of_another_shop_is_read_for_nobody(
    shelf: Shelf, made: dict[str, UUID], database: Database
) -> None:
    assert len(await shelf.listed()) == len(NAMES)
    other = await open_shop(database)
    async with database.begin(other.tenant, ANONYMOUS) as tx:
        assert await shelf.kept.read(tx, list(made.values())) == {}


@pytest.mark.parametrize("value", [None, {"name": '<mark>"Rug"</mark>', "description": None}, [1, 2]])
def test_a_field_is_added_to_what_is_written_already(value: Any) -> None:
    whole = {"id": "a", "nested": {"b": "}"}}
    assert orjson.loads(written(with_field(written(whole), "more", value))) == {**whole, "more": value}
