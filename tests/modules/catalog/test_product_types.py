"""Product types and the attributes that they declare."""

from typing import Any

import pytest

from tests.modules.catalog.shop import Shop, dollars

CHAIR: dict[str, Any] = {
    "name": "Chair",
    "attributes": [
        {"name": "Material", "kind": "text", "required": True},
        {"name": "Seat height (cm)", "kind": "decimal"},
        {"name": "Legs", "kind": "integer"},
        {"name": "Folds", "kind": "boolean"},
    ],
}
OSLO: dict[str, Any] = {"Material": "oak", "Seat height (cm)": "42.5", "Legs": 4, "Folds": False}


async def _type(shop: Shop, **change: Any) -> dict[str, Any]:
    answer = await shop.staff.post("/product-types", json={**CHAIR, **change})
    assert answer.status_code == 201, answer.text
    product_type: dict[str, Any] = answer.json()
    return product_type


async def test_a_product_answers_what_its_type_asks(shop: Shop) -> None:
    chair = await _type(shop)
    product = await shop.product(product_type_id=chair["id"], attributes=OSLO)
    assert product["attributes"] == OSLO
    replaced = await shop.staff.put(f"/products/{product['id']}", json={"name": "Oslo", "price": dollars(1)})
    assert replaced.json()["attributes"] == OSLO
    changed = await shop.staff.patch(f"/products/{product['id']}", json={"attributes": {"Material": "ash"}})
    assert changed.json()["attributes"] == {"Material": "ash"}


@pytest.mark.parametrize(
    "change",
    [
        {"Material": None},
        {"Material": 3},
        {"Material": "x" * 1001},
        {"Legs": "4"},
        {"Legs": True},
        {"Legs": 2**60},
        {"Seat height (cm)": 42},
        {"Seat height (cm)": "42,5"},
        {"Seat height (cm)": "NaN"},
        {"Folds": 0},
        {"Colour": "red"},
    ],
)
async def test_an_answer_of_another_kind_is_refused(shop: Shop, change: dict[str, Any]) -> None:
    chair = await _type(shop)
    body = {"name": "C", "price": dollars(1), "product_type_id": chair["id"], "attributes": {**OSLO, **change}}
    refused = await shop.staff.post("/products", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.attribute_invalid")


async def test_attributes_can_be_added_but_not_removed_while_products_use_them(shop: Shop) -> None:
    chair = await _type(shop)
    product = await shop.product(product_type_id=chair["id"], attributes=OSLO)
    path = f"/product-types/{chair['id']}"
    more = [*CHAIR["attributes"], {"name": "Colour", "kind": "text"}]
    assert (await shop.staff.put(path, json={"name": "Chair", "attributes": more})).status_code == 200
    for attributes in (
        CHAIR["attributes"][:2],
        [*more, {"name": "Arms", "kind": "boolean", "required": True}],
        [{"name": "Material", "kind": "integer", "required": True}, *more[1:]],
    ):
        refused = await shop.staff.put(path, json={"name": "Chair", "attributes": attributes})
        assert (refused.status_code, refused.json()["code"]) == (409, "catalog.product_type_in_use")
    assert (await shop.staff.delete(path)).status_code == 409
    await shop.staff.delete(f"/products/{product['id']}")
    assert (await shop.staff.put(path, json={"name": "Chair", "attributes": []})).status_code == 200
    assert (await shop.staff.delete(path)).status_code == 204


async def test_two_types_never_have_the_same_name(shop: Shop) -> None:
    await _type(shop)
    table = await _type(shop, name="Table")
    for refused in (
        await shop.staff.post("/product-types", json={"name": "CHAIR"}),
        await shop.staff.put(f"/product-types/{table['id']}", json={"name": "chair"}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "catalog.name_taken")


async def test_an_attribute_is_declared_once(shop: Shop) -> None:
    twice = [{"name": "Legs", "kind": "integer"}, {"name": "Legs", "kind": "text"}]
    assert (await shop.staff.post("/product-types", json={"name": "C", "attributes": twice})).status_code == 400


async def test_vendors_read_types_and_staff_keep_them(shop: Shop) -> None:
    chair = await _type(shop)
    _, nordlys = await shop.vendor("Nordlys")
    assert (await nordlys.get("/product-types")).json()["data"] == [chair]
    assert (await nordlys.get(f"/product-types/{chair['id']}")).json() == chair
    assert (await nordlys.delete(f"/product-types/{chair['id']}")).status_code == 403
    assert (await shop.customer.get("/product-types")).status_code == 403
