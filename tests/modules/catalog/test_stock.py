"""Stock is one number: what is available, in requests and in responses alike."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from tests.modules.catalog.shop import Shop, dollars


def _variant_id(product: dict[str, Any]) -> UUID:
    return UUID(product["variants"][0]["id"])


async def test_stock_that_is_written_is_the_stock_that_is_shown(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=10)
    path, variant_id = f"/products/{pot['id']}", _variant_id(pot)
    await shop.hold(variant_id, 3)
    assert (await shop.staff.patch(path, json={"name": "A pot"})).json()["stock"] == 7
    assert (await shop.staff.patch(path, json={"stock": 8})).json()["stock"] == 8
    [row] = await shop.rows("SELECT on_hand, reserved FROM inventory_stock")
    assert tuple(row) == (11, 3)
    shown = await shop.staff.patch(f"{path}/variants/{variant_id}", json={"stock": 0})
    assert (shown.json()["stock"], shown.json()["in_stock"]) == (0, False)


async def test_a_product_that_is_written_back_keeps_its_units_on_hand(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=10)
    await shop.hold(_variant_id(pot), 3)
    shown = (await shop.staff.patch(f"/products/{pot['id']}", json={"name": "A pot"})).json()
    before = await shop.traces()
    again = await shop.staff.put(f"/products/{pot['id']}", json=shown)
    assert (again.status_code, again.json()) == (200, shown)
    assert await shop.traces() == before


async def test_a_variant_on_backorder_shows_its_stock_without_the_limit(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=3)
    path, variant_id = f"/products/{pot['id']}", _variant_id(pot)
    await shop.allow_backorders(variant_id, 1_000_000)
    await shop.hold(variant_id, 5)
    shown = (await shop.staff.patch(path, json={"name": "A pot"})).json()
    assert (shown["stock"], shown["in_stock"]) == (-2, True)
    again = await shop.staff.put(path, json=shown)
    assert (again.status_code, again.json()) == (200, shown)
    assert (await shop.staff.patch(path, json={"stock": 4})).json()["stock"] == 4
    refused = await shop.staff.patch(path, json={"stock": -6})
    assert (refused.status_code, refused.json()["code"]) == (409, "inventory.not_on_hand")


async def test_a_sale_at_the_same_time_is_before_or_after_the_new_stock_and_never_lost(shop: Shop) -> None:
    pot = await shop.product("Pot", stock=50)
    variant_id = _variant_id(pot)

    async def sell_many() -> None:
        for _ in range(8):
            await shop.sell(variant_id, 1)

    _, *answers = await asyncio.gather(
        sell_many(), *(shop.staff.patch(f"/products/{pot['id']}", json={"stock": 30}) for _ in range(4))
    )
    [row] = await shop.rows("SELECT on_hand, reserved FROM inventory_stock")
    assert [answer.status_code for answer in answers if answer] == [200] * 4
    assert row["reserved"] == 0
    assert 22 <= row["on_hand"] <= 30
    [moved] = await shop.rows("SELECT sum(delta) AS units FROM inventory_movements")
    assert moved["units"] == row["on_hand"]


@pytest.mark.parametrize("total", [9, None])
async def test_the_stock_of_a_product_with_variants_is_their_sum(shop: Shop, total: int | None) -> None:
    variants = [{"options": {"Size": each}, "price": dollars(1), "stock": 4} for each in "SM"]
    shirt = await shop.product("Shirt", variants=variants, stock=8)
    assert shirt["stock"] == 8
    body = {"name": "Shirt", "variants": variants, "stock": total}
    refused = await shop.staff.put(f"/products/{shirt['id']}", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/stock")


@pytest.mark.parametrize("name", ["price", "compare_at_price"])
async def test_a_price_beside_variants_that_all_have_one_is_not_dropped_silently(shop: Shop, name: str) -> None:
    own = {"options": {"Size": "S"}, "price": dollars(10), "compare_at_price": dollars(120)}
    made = await shop.product("Shirt", variants=[own])
    body = {"name": "Shirt", "variants": [own], name: dollars(99)}
    refused = await shop.staff.put(f"/products/{made['id']}", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, f"/{name}")
    without = {key: value for key, value in own.items() if key != name}
    shirt = await shop.product("Coat", variants=[without], **{name: dollars(99)})
    assert shirt["variants"][0][name] == dollars(99)


async def test_the_short_form_of_a_product_keeps_what_it_leaves_out(shop: Shop) -> None:
    pot = await shop.product("Pot", sku="P1", weight_grams=900, stock=2, compare_at_price=dollars(12))
    body = {name: pot[name] for name in ("name", "price", "stock")}
    again = await shop.staff.put(f"/products/{pot['id']}", json=body)
    assert again.json() == pot
