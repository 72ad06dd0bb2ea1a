"""Changing single variants and their stock."""

import asyncio
from typing import Any

import pytest

from luxewin.kit.ids import new_id
from tests.modules.catalog.shop import Shop, dollars

OPTIONS = [{"name": "Size", "values": ["S", "M"]}]
SMALL: dict[str, Any] = {"sku": "S-1", "options": {"Size": "S"}, "price": dollars(10), "stock": 3}
MEDIUM: dict[str, Any] = {"sku": "M-1", "options": {"Size": "M"}, "price": dollars(12)}


async def _shirt(shop: Shop) -> dict[str, Any]:
    return await shop.product("Shirt", options=OPTIONS, variants=[SMALL, MEDIUM])


async def test_a_variant_is_added_behind_the_others(shop: Shop) -> None:
    shirt = await _shirt(shop)
    body = {"sku": "XL-1", "options": {"Size": "XL"}, "stock": 2}
    answer = await shop.staff.post(f"/products/{shirt['id']}/variants", json=body)
    assert answer.status_code == 201, answer.text
    product = answer.json()
    assert product["options"] == [{"name": "Size", "values": ["S", "M", "XL"]}]
    added = product["variants"][-1]
    assert (added["sku"], added["price"], added["stock"]) == ("XL-1", dollars(10), 2)
    assert product["variants"][:2] == shirt["variants"]
    assert product["version"] == 2


@pytest.mark.parametrize("options", [OPTIONS, []], ids=["with options", "plain"])
async def test_a_variant_that_a_list_adds_without_a_price_has_the_price_that_the_product_shows(
    shop: Shop, options: list[dict[str, Any]]
) -> None:
    product = await _shirt(shop) if options else await shop.product("Shirt", price=dollars(10), stock=3)
    kept = [{"id": each["id"], "options": each["options"] or {"Size": "S"}} for each in product["variants"]]
    body = {"variants": [*kept, {"options": {"Size": "XL"}}]}
    answer = await shop.staff.patch(f"/products/{product['id']}", json=body)
    assert answer.status_code == 200, answer.text
    prices = [each["price"] for each in product["variants"]]
    assert [each["price"] for each in answer.json()["variants"]] == [*prices, dollars(10)]
    assert answer.json()["variants"][0]["stock"] == 3


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_prices_that_are_sent_back_as_they_were_read_change_no_variant(shop: Shop, method: str) -> None:
    was = dollars(20)
    variants = [SMALL | {"compare_at_price": dollars(15)}, MEDIUM | {"compare_at_price": was}]
    shirt = await shop.product("Shirt", options=OPTIONS, variants=variants)
    named = [{"id": each["id"], "sku": each["sku"], "options": each["options"]} for each in shirt["variants"]]
    body = {name: shirt[name] for name in ("name", "price", "compare_at_price")} | {"variants": named}
    kept = (await shop.staff.request(method, f"/products/{shirt['id']}", json=body)).json()
    assert kept["variants"] == shirt["variants"]
    dearer = {**body, "price": dollars(11), "compare_at_price": dollars(16)}
    changed = (await shop.staff.request(method, f"/products/{shirt['id']}", json=dearer)).json()
    prices = [(each["price"], each["compare_at_price"]) for each in changed["variants"]]
    assert prices == [(dollars(11), dollars(16))] * 2


@pytest.mark.parametrize("options", [[], [{"name": "Colour", "values": ["Red"]}]])
async def test_options_are_not_changed_without_the_variants_that_have_them(
    shop: Shop, options: list[dict[str, Any]]
) -> None:
    shirt = await _shirt(shop)
    refused = await shop.staff.patch(f"/products/{shirt['id']}", json={"options": options})
    assert (refused.status_code, refused.json()["detail"].split(":")[0]) == (400, "`options` needs `variants`")
    plain = await shop.product("Plain", price=dollars(10))
    assert (await shop.staff.patch(f"/products/{plain['id']}", json={"options": []})).status_code == 200


async def test_two_variants_of_a_product_never_have_the_same_options(shop: Shop) -> None:
    shirt = await _shirt(shop)
    path = f"/products/{shirt['id']}/variants"
    small, medium = (variant["id"] for variant in shirt["variants"])
    for refused in (
        await shop.staff.post(path, json={"options": {"Size": "M"}}),
        await shop.staff.patch(f"{path}/{small}", json={"options": {"Size": "M"}}),
        await shop.staff.put(f"{path}/{medium}", json={"options": {"Size": "S"}}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "catalog.variant_exists")


async def test_the_same_variant_added_by_many_at_once_is_added_once(shop: Shop) -> None:
    shirt = await _shirt(shop)
    body = {"options": {"Size": "XL"}}
    answers = await asyncio.gather(*(shop.staff.post(f"/products/{shirt['id']}/variants", json=body) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]


async def test_a_patch_of_a_variant_changes_only_the_fields_in_the_body(shop: Shop) -> None:
    shirt = await _shirt(shop)
    small, medium = shirt["variants"]
    path = f"/products/{shirt['id']}/variants/{small['id']}"
    product = (await shop.staff.patch(path, json={"price": dollars(30), "options": {"Size": "XS"}})).json()
    assert product["variants"] == [{**small, "price": dollars(30), "options": {"Size": "XS"}}, medium]
    assert product["options"] == [{"name": "Size", "values": ["M", "XS"]}]
    assert product["price"] == dollars(12)


async def test_a_replaced_variant_keeps_only_price_and_stock_if_the_body_does_not_name_them(shop: Shop) -> None:
    shirt = await _shirt(shop)
    small, medium = shirt["variants"]
    path = f"/products/{shirt['id']}/variants/{small['id']}"
    product = (await shop.staff.put(path, json={"options": {"Size": "S"}})).json()
    assert product["variants"] == [{**small, "sku": None}, medium]


async def test_a_removed_variant_leaves_its_sku_and_options_free(shop: Shop) -> None:
    shirt = await _shirt(shop)
    path = f"/products/{shirt['id']}/variants"
    small = shirt["variants"][0]["id"]
    removed = await shop.staff.delete(f"{path}/{small}")
    assert [variant["sku"] for variant in removed.json()["variants"]] == ["M-1"]
    again = await shop.staff.post(path, json=SMALL)
    assert again.status_code == 201
    assert again.json()["variants"][-1]["id"] != small


async def test_a_product_keeps_its_last_variant(shop: Shop) -> None:
    pot = await shop.product("Pot")
    refused = await shop.staff.delete(f"/products/{pot['id']}/variants/{pot['variants'][0]['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.last_variant")


async def test_a_variant_is_found_under_its_own_product_only(shop: Shop) -> None:
    shirt, pot = await _shirt(shop), await shop.product("Pot")
    for variant in (pot["variants"][0]["id"], str(new_id())):
        refused = await shop.staff.patch(f"/products/{shirt['id']}/variants/{variant}", json={"stock": 1})
        assert (refused.status_code, refused.json()["code"]) == (404, "request.not_found")


@pytest.mark.parametrize("change", [{"price": dollars(1)}, {"stock": 1}, {"sku": "A"}, {"compare_at_price": None}])
async def test_a_product_of_several_variants_needs_the_id_of_a_variant(shop: Shop, change: dict[str, Any]) -> None:
    shirt = await _shirt(shop)
    refused = await shop.staff.patch(f"/products/{shirt['id']}", json=change)
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.variant_ambiguous")
    assert "/products/{product}/variants/{variant}" in refused.json()["detail"]


@pytest.mark.parametrize("change", [{"price": None}, {"options": None}])
async def test_required_fields_cannot_be_set_to_null(shop: Shop, change: dict[str, Any]) -> None:
    shirt = await _shirt(shop)
    path = f"/products/{shirt['id']}/variants/{shirt['variants'][0]['id']}"
    assert (await shop.staff.patch(path, json=change)).status_code == 400


async def test_counting_stock_does_not_change_the_product(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=3)
    product = (await shop.staff.patch(f"/products/{pot['id']}", json={"stock": 8})).json()
    assert (product["stock"], product["version"]) == (8, 1)
    movements = await shop.rows("SELECT kind, delta FROM inventory_movements ORDER BY at, id")
    assert [tuple(row) for row in movements] == [("received", 3), ("adjusted", 5)]
    assert [kind for kind, _ in await shop.events()] == ["catalog.product_created"]


async def test_counting_the_same_number_again_moves_nothing(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=3)
    before = await shop.traces()
    await shop.staff.patch(f"/products/{pot['id']}", json={"stock": 3})
    assert await shop.traces() == before


async def test_stock_that_is_counted_stays_counted(shop: Shop) -> None:
    pot = await shop.product("Pot")
    begun = await shop.staff.patch(f"/products/{pot['id']}", json={"stock": 4})
    assert begun.json()["stock"] == 4
    refused = await shop.staff.patch(f"/products/{pot['id']}", json={"stock": None})
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.stock_counted")


async def test_the_placeholder_option_of_product_files_means_no_options(shop: Shop) -> None:
    plain = await shop.product(
        "Pot",
        options=[{"name": "Title", "values": ["Default Title"]}],
        variants=[{"options": {"Title": "Default Title"}, "price": dollars(3), "stock": 2}],
    )
    assert (plain["options"], plain["variants"][0]["options"], plain["stock"]) == ([], {}, 2)
