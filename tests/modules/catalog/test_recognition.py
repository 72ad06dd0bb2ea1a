"""A variant that is edited stays the variant that it was: its stock, reservations and history are kept."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from tests.modules.catalog.shop import Shop, dollars

COLOUR = [{"name": "Colour", "values": ["Red", "Café  Brûlé"]}]
RED: dict[str, Any] = {"sku": "T1", "options": {"Colour": "Red"}, "price": dollars(10), "stock": 5}
CAFE: dict[str, Any] = {"options": {"Colour": "Café Brûlé"}, "price": dollars(10), "stock": 3}


async def _mug(shop: Shop) -> dict[str, Any]:
    return await shop.product("Mug", options=COLOUR, variants=[RED, CAFE])


def _ids(product: dict[str, Any]) -> list[str]:
    return [variant["id"] for variant in product["variants"]]


def _stock(product: dict[str, Any]) -> list[int | None]:
    return [variant["stock"] for variant in product["variants"]]


@pytest.mark.parametrize("method", ["PUT", "PATCH"])
@pytest.mark.parametrize("spelling", ["Rouge", "RED", "  red "])
async def test_a_variant_is_recognised_by_its_sku_whatever_its_options_become(
    shop: Shop, method: str, spelling: str
) -> None:
    mug = await _mug(shop)
    red = {name: value for name, value in RED.items() if name != "stock"} | {"options": {"Colour": spelling}}
    body = {"name": "Mug", "price": dollars(10), "variants": [red, CAFE]}
    answer = await shop.staff.request(method, f"/products/{mug['id']}", json=body)
    assert answer.status_code == 200, answer.text
    assert (_ids(answer.json()), _stock(answer.json())) == (_ids(mug), [5, 3])
    assert answer.json()["variants"][0]["options"]["Colour"] == spelling.strip()


@pytest.mark.parametrize(
    "spelling", ["CAFÉ BRÛLÉ", "Café   Brûlé", " Cafe\u0301 Bru\u0302le\u0301", "caf\u00e9 br\u00fbl\u00e9\u200b"]
)
async def test_a_variant_without_a_sku_is_recognised_in_any_spelling_of_its_options(shop: Shop, spelling: str) -> None:
    mug = await _mug(shop)
    cafe = {"options": {"COLOUR": spelling}, "price": dollars(10)}
    answer = await shop.staff.put(f"/products/{mug['id']}", json={"name": "Mug", "variants": [cafe, RED]})
    assert answer.status_code == 200, answer.text
    assert (_ids(answer.json()), _stock(answer.json())) == (_ids(mug)[::-1], [3, 5])


async def test_a_variant_is_recognised_by_its_id_before_its_sku(shop: Shop) -> None:
    mug = await _mug(shop)
    first, second = _ids(mug)
    body = {"name": "Mug", "variants": [{**RED, "id": second, "stock": 3}, {**CAFE, "id": first, "stock": 5}]}
    answer = await shop.staff.put(f"/products/{mug['id']}", json=body)
    assert answer.status_code == 200, answer.text
    assert (_ids(answer.json()), _stock(answer.json())) == ([second, first], [3, 5])
    assert [each["sku"] for each in answer.json()["variants"]] == ["T1", None]


async def test_a_named_variant_keeps_what_a_partial_change_leaves_out(shop: Shop) -> None:
    mug = await _mug(shop)
    first, second = _ids(mug)
    body = {"variants": [{"id": first, "price": dollars(12)}, {"id": second}]}
    answer = await shop.staff.patch(f"/products/{mug['id']}", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["variants"] == [{**mug["variants"][0], "price": dollars(12)}, mug["variants"][1]]


async def test_the_id_of_a_foreign_variant_is_refused(shop: Shop) -> None:
    mug = await _mug(shop)
    for variants in ([{**RED, "id": str(new_id())}, CAFE], [{**RED, "id": _ids(mug)[0]}, {**CAFE, "id": _ids(mug)[0]}]):
        refused = await shop.staff.put(f"/products/{mug['id']}", json={"name": "Mug", "variants": variants})
        assert (refused.status_code, refused.json()["code"]) == (400, "catalog.product_invalid")


async def test_a_plain_product_gets_sizes_under_its_sku_and_keeps_its_stock(shop: Shop) -> None:
    pot = await shop.product("Pot", sku="P1", stock=4)
    sizes = [{"sku": "P1", "options": {"Size": "S"}}, {"sku": "P2", "options": {"Size": "L"}, "stock": 1}]
    body = {"name": "Pot", "price": dollars(10), "options": [{"name": "Size", "values": ["S", "L"]}], "variants": sizes}
    answer = await shop.staff.put(f"/products/{pot['id']}", json=body)
    assert answer.status_code == 200, answer.text
    assert (_ids(answer.json())[0], _stock(answer.json())) == (_ids(pot)[0], [4, 1])


@pytest.mark.parametrize("others", [[], [{"options": {"Colour": "Blue"}, "price": dollars(1)}]])
async def test_a_list_never_drops_a_variant_that_has_stock(shop: Shop, others: list[dict[str, Any]]) -> None:
    mug = await _mug(shop)
    before = await shop.traces()
    for method in ("PUT", "PATCH"):
        body = {"name": "Mug", "variants": [CAFE, *others]}
        refused = await shop.staff.request(method, f"/products/{mug['id']}", json=body)
        assert (refused.status_code, refused.json()["code"]) == (409, "catalog.stocked_variants_dropped")
        named = {"id": _ids(mug)[0], "sku": "T1", "options": {"Colour": "Red"}, "stock": 5}
        assert refused.json()["variants"] == [named]
        assert "DELETE /products/{product}/variants/{variant}" in refused.json()["detail"]
    assert await shop.traces() == before
    removed = await shop.staff.delete(f"/products/{mug['id']}/variants/{_ids(mug)[0]}")
    assert _ids(removed.json()) == _ids(mug)[1:]


async def test_a_list_never_drops_a_variant_that_an_order_has_reserved(shop: Shop) -> None:
    mug = await _mug(shop)
    await shop.hold(UUID(_ids(mug)[0]), 5)
    refused = await shop.staff.put(f"/products/{mug['id']}", json={"name": "Mug", "variants": [CAFE]})
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.stocked_variants_dropped")


async def test_two_spellings_of_one_value_are_one_variant(shop: Shop) -> None:
    variants = [{**CAFE, "options": {"Colour": each}} for each in ("Red", "RED")]
    refused = await shop.staff.post("/products", json={"name": "Mug", "variants": variants})
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.product_invalid")
    mug = await _mug(shop)
    for answer in (
        await shop.staff.post(f"/products/{mug['id']}/variants", json={"options": {"Colour": "rED"}}),
        await shop.staff.patch(
            f"/products/{mug['id']}/variants/{_ids(mug)[1]}", json={"options": {"colour": "  Red  "}}
        ),
    ):
        assert (answer.status_code, answer.json()["code"]) == (409, "catalog.variant_exists")


async def test_a_value_is_spelled_as_its_option_declares_it(shop: Shop) -> None:
    shirt = await shop.product(
        "Shirt",
        options=[{"name": "Size", "values": ["Small"]}, {"name": "Colour", "values": ["Red", "Blue"]}],
        variants=[
            {"options": {"size": "SMALL", "COLOUR": "red"}, "price": dollars(1)},
            {"options": {"Size": "small", "Colour": "Blue"}, "price": dollars(1)},
        ],
    )
    assert [each["options"] for each in shirt["variants"]] == [
        {"Size": "Small", "Colour": "Red"},
        {"Size": "Small", "Colour": "Blue"},
    ]


async def test_stored_values_that_differ_in_case_only_stay_two_variants(shop: Shop) -> None:
    mug = await _mug(shop)
    await _respell(shop, mug, "red")
    shown = (await shop.staff.patch(f"/products/{mug['id']}", json={"name": "Cup"})).json()
    assert [each["options"]["Colour"] for each in shown["variants"]] == ["Red", "red"]
    again = await shop.staff.put(f"/products/{mug['id']}", json=shown)
    assert (again.status_code, again.json()) == (200, shown)


async def test_tags_that_differ_in_case_are_one_tag_in_its_first_spelling(shop: Shop) -> None:
    mug = await shop.product("Mug", tags=["Oak", "OAK", "oak  wood", "Oak Wood"])
    assert mug["tags"] == ["Oak", "oak wood"]


async def _respell(shop: Shop, mug: dict[str, Any], colour: str) -> None:
    """Give the second variant a value as an earlier release could store it."""
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.execute(
            "UPDATE catalog_variants SET options = jsonb_build_object('Colour', $3::text), option_key = $4"
            " WHERE tenant_id = $1 AND id = $2",
            tx.tenant_id,
            UUID(_ids(mug)[1]),
            colour,
            f'["{colour}"]',
        )
        await tx.execute(
            "UPDATE catalog_products SET options = $3 WHERE tenant_id = $1 AND id = $2",
            tx.tenant_id,
            UUID(mug["id"]),
            [{"name": "Colour", "values": ["Red", colour]}],
        )
