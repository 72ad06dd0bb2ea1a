"""Collections: manually chosen products."""

from typing import Any

import pytest

from luxewin.kit.ids import new_id
from tests.modules.catalog.shop import Shop


async def _collection(shop: Shop, name: str, *products: dict[str, Any]) -> dict[str, Any]:
    body = {"name": name, "product_ids": [product["id"] for product in products]}
    answer = await shop.staff.post("/collections", json=body)
    assert answer.status_code == 201, answer.text
    collection: dict[str, Any] = answer.json()
    return collection


async def test_products_of_a_collection_have_the_given_order(shop: Shop) -> None:
    pot, cup, jug = [await shop.product(name) for name in ("Pot", "Cup", "Jug")]
    tea = await _collection(shop, "Tea time", jug, pot)
    assert tea["product_ids"] == [jug["id"], pot["id"]]
    path = f"/collections/{tea['id']}"
    changed = await shop.staff.patch(path, json={"product_ids": [cup["id"], jug["id"]]})
    assert changed.json()["product_ids"] == [cup["id"], jug["id"]]
    assert (await shop.customer.get("/collections/tea-time")).json() == changed.json()


async def test_a_collection_is_patched_and_replaced(shop: Shop) -> None:
    pot = await shop.product("Pot")
    tea = await _collection(shop, "Tea time", pot)
    path = f"/collections/{tea['id']}"
    renamed = (await shop.staff.patch(path, json={"name": "Tea"})).json()
    assert (renamed["name"], renamed["slug"], renamed["product_ids"]) == ("Tea", "tea-time", [pot["id"]])
    replaced = (await shop.staff.put(path, json={"name": "Tea", "slug": "tea"})).json()
    assert (replaced["slug"], replaced["product_ids"], replaced["version"]) == ("tea", [], 3)


async def test_a_change_that_changes_nothing_leaves_no_trace(shop: Shop) -> None:
    tea = await _collection(shop, "Tea time", await shop.product("Pot"))
    before = await shop.traces()
    same = await shop.staff.patch(f"/collections/{tea['id']}", json={"name": "Tea time"})
    assert same.json() == tea
    assert await shop.traces() == before


@pytest.mark.parametrize("kind", ["unknown", "twice", "deleted", "another tenant's"])
async def test_a_collection_holds_products_that_are_there_each_once(shop: Shop, other_shop: Shop, kind: str) -> None:
    pot = await shop.product("Pot")
    ids = {
        "unknown": [str(new_id())],
        "twice": [pot["id"], pot["id"]],
        "deleted": [pot["id"]],
        "another tenant's": [(await other_shop.product())["id"]],
    }
    if kind == "deleted":
        await shop.staff.delete(f"/products/{pot['id']}")
    refused = await shop.staff.post("/collections", json={"name": "Tea", "product_ids": ids[kind]})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.collection_invalid")


async def test_a_deleted_product_leaves_its_collections_with_an_event_each(shop: Shop) -> None:
    pot, cup = await shop.product("Pot"), await shop.product("Cup")
    tea = await _collection(shop, "Tea time", pot, cup)
    await shop.staff.delete(f"/products/{pot['id']}")
    collection = (await shop.staff.get(f"/collections/{tea['id']}")).json()
    assert (collection["product_ids"], collection["version"]) == ([cup["id"]], 2)
    assert ("catalog.collection_changed", 2) in await shop.events()


async def test_a_deleted_collection_leaves_its_products(shop: Shop) -> None:
    pot = await shop.product("Pot")
    tea = await _collection(shop, "Tea time", pot)
    assert (await shop.staff.delete(f"/collections/{tea['id']}")).status_code == 204
    assert (await shop.staff.get("/collections/tea-time")).status_code == 404
    assert (await shop.staff.patch(f"/products/{pot['id']}", json={"name": "Tea Pot"})).status_code == 200


async def test_an_edit_of_an_older_version_is_refused(shop: Shop) -> None:
    tea = await _collection(shop, "Tea time")
    path = f"/collections/{tea['id']}"
    await shop.staff.patch(path, json={"name": "Tea"})
    refused = await shop.staff.patch(path, json={"name": "Coffee"}, headers={"If-Match": '"1"'})
    assert (refused.status_code, refused.json()["code"]) == (412, "request.precondition_failed")


async def test_the_list_shows_every_collection_once_page_by_page(shop: Shop) -> None:
    made = [(await _collection(shop, f"Collection {number}"))["id"] for number in range(5)]
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await shop.customer.get("/collections", params=query)).json()
        seen += [collection["id"] for collection in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_a_slug_belongs_to_one_collection(shop: Shop) -> None:
    await _collection(shop, "Tea")
    assert (await _collection(shop, "Tea"))["slug"] == "tea-2"
    refused = await shop.staff.post("/collections", json={"name": "Tea", "slug": "tea"})
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.slug_taken")
