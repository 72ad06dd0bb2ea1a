"""The products of a suspended vendor are not for sale, and come back unchanged; a vendor's new name is found."""

from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import ANONYMOUS, SYSTEM
from luxewin.kit.database import Database
from luxewin.modules.catalog import public as catalog
from luxewin.modules.identity.public import Role
from luxewin.modules.storefront.service import indexing
from luxewin.pages import status_queries
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Front, Shop


@pytest.fixture
async def product(database: Database, shop: Shop, staff: httpx2.AsyncClient) -> dict[str, Any]:
    """A product of the vendor Nordlys, in a collection and in the search index."""
    vendor = (await staff.post("/vendors", json={"name": "Nordlys"})).json()
    body = {"name": "Lamp", "price": {"amount": 4900, "currency": "USD"}, "vendor_id": vendor["id"], "tags": ["oak"]}
    added = await staff.post("/products", json=body)
    assert added.status_code == 201, added.text
    made: dict[str, Any] = added.json()
    assert (await staff.post("/collections", json={"name": "All", "product_ids": [made["id"]]})).status_code == 201
    words: dict[str, Any] = {"options": [], "skus": [], "vendor_name": "Nordlys", "category_path": None}
    async with database.begin(shop.tenant, SYSTEM) as tx:
        await indexing.update_index(tx, {UUID(made["id"]): (1, made | words)}, {})
    return made


async def suspend(staff: httpx2.AsyncClient, product: dict[str, Any]) -> None:
    """Suspend the vendor of the product."""
    answer = await staff.patch(f"/vendors/{product['vendor']['id']}", json={"status": "suspended"})
    assert answer.status_code == 200, answer.text


async def shown(client: httpx2.AsyncClient, product: dict[str, Any]) -> dict[str, int]:
    """Return how often each public read shows the product."""
    lists = ("/products", "/products?tag=oak", "/products?vendor=nordlys", "/products?collection=all")
    found = {path: len((await client.get(path)).json()["data"]) for path in lists}
    found["ids"] = len((await client.get(f"/products?ids={product['id']}")).json()["data"])
    found["collection"] = len((await client.get("/collections/all")).json()["product_ids"])
    search = (await client.get("/search?q=lam&include=facets")).json()
    found |= {"search": len(search["data"]), "completions": len(search["suggestions"])}
    found |= {"facets": search["facets"]["products"], "vendors": len(search["facets"]["vendors"])}
    found["id"] = int((await client.get(f"/products/{product['id']}")).status_code == 200)
    found["slug"] = int((await client.get(f"/products/{product['slug']}")).status_code == 200)
    return found


async def can_be_bought(database: Database, shop: Shop, product: dict[str, Any]) -> bool:
    variant_id = UUID(product["variants"][0]["id"])
    async with database.begin(shop.tenant, SYSTEM) as tx:
        return variant_id in await catalog.sellable(tx, [variant_id])


async def test_products_of_a_suspended_vendor_are_hidden_until_it_is_active_again(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    everywhere = await shown(visitor, product)
    assert set(everywhere.values()) == {1}
    before = (await staff.get(f"/products/{product['id']}")).json()
    for status, expected in (("suspended", dict.fromkeys(everywhere, 0)), ("active", everywhere)):
        changed = await staff.patch(f"/vendors/{product['vendor']['id']}", json={"status": status})
        assert changed.status_code == 200, changed.text
        assert await shown(visitor, product) == expected
        assert await can_be_bought(database, shop, product) is (status == "active")
        assert (await staff.get(f"/products/{product['id']}")).json() == before, "staff see it as it is"
        assert len((await staff.get("/products?status=any")).json()["data"]) == 1


async def test_other_vendors_do_not_see_the_products_of_a_suspended_one(
    front: Front, shop: Shop, staff: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    await suspend(staff, product)
    path = f"/products/{product['id']}"
    async with front.client(shop, Role.VENDOR) as other:
        assert (await other.get(path)).status_code == 404
        member = {"user_id": str(shop.user_id(Role.VENDOR))}
        assert (await staff.post(f"/vendors/{product['vendor']['id']}/members", json=member)).status_code == 201
        assert (await other.get(path)).status_code == 200, "its members do"


async def test_no_shared_cache_stores_the_product_of_a_suspended_vendor(
    staff: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    path = f"/products/{product['id']}"
    assert "public" in (await staff.get(path)).headers["cache-control"]
    await suspend(staff, product)
    assert "public" not in (await staff.get(path)).headers["cache-control"]


async def test_the_start_page_does_not_show_the_products_of_a_suspended_vendor(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    async def on_the_page() -> tuple[int, int]:
        async with database.begin(shop.tenant, ANONYMOUS) as tx:
            newest = await status_queries.newest_products(tx, limit=10)
            return len(newest), (await status_queries.product_and_cart_counts(tx))["products"]

    assert await on_the_page() == (1, 1)
    await suspend(staff, product)
    assert await on_the_page() == (0, 0)


async def test_a_product_is_found_by_the_new_name_of_its_vendor(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    await staff.patch(f"/vendors/{product['vendor']['id']}", json={"name": "Sydlys"})
    await settle(database, shop.tenant)
    for word, number in (("sydlys", 1), ("nordlys", 0), ("oak", 1), ("lamp", 1)):
        assert len((await visitor.get(f"/search?q={word}")).json()["data"]) == number, word
