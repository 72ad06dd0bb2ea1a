"""The public API of the catalogue for carts, orders and search."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import ProductUnknown, Sellable, VariantAmbiguous
from tests.modules.catalog.shop import Shop, dollars

SHIRT: dict[str, Any] = {
    "image_url": "/shirt.png",
    "options": [{"name": "Size", "values": ["S", "M"]}],
    "variants": [
        {"sku": "S", "options": {"Size": "S"}, "price": dollars(5), "weight_grams": 200},
        {
            "options": {"Size": "M"},
            "price": dollars(6),
            "image_url": "/medium.png",
            "requires_shipping": False,
            "taxable": False,
        },
    ],
}


async def _sellable(shop: Shop, *variant_ids: str | UUID) -> dict[UUID, Sellable]:
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        return await catalog.sellable(tx, [UUID(str(variant_id)) for variant_id in variant_ids])


async def _default(shop: Shop, product_id: str | UUID) -> UUID:
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        goods = await catalog.sellable(tx, [], or_of_product=UUID(str(product_id)))
        return await catalog.only_variant(tx, goods, UUID(str(product_id)))


async def test_a_sellable_variant_has_all_that_an_order_copies(shop: Shop) -> None:
    shirt = await shop.product("Shirt", **SHIRT)
    small, medium = (UUID(variant["id"]) for variant in shirt["variants"])
    assert await _sellable(shop, small, medium, new_id()) == {
        small: Sellable(
            variant_id=small,
            product_id=UUID(shirt["id"]),
            product_slug="shirt",
            name="Shirt",
            sku="S",
            options={"Size": "S"},
            unit_price=Money(500, "USD"),
            vendor_id=None,
            requires_shipping=True,
            taxable=True,
            weight_grams=200,
            image_url="/shirt.png",
            available=None,
        ),
        medium: Sellable(
            variant_id=medium,
            product_id=UUID(shirt["id"]),
            product_slug="shirt",
            name="Shirt",
            sku=None,
            options={"Size": "M"},
            unit_price=Money(600, "USD"),
            vendor_id=None,
            requires_shipping=False,
            taxable=False,
            weight_grams=None,
            image_url="/medium.png",
            available=None,
        ),
    }


@pytest.mark.parametrize("end", ["draft", "archived", "deleted", "removed", "another tenant's"])
async def test_products_that_are_not_for_sale_cannot_be_bought(shop: Shop, other_shop: Shop, end: str) -> None:
    shirt = await shop.product("Shirt", **SHIRT)
    small = shirt["variants"][0]["id"]
    assert len(await _sellable(shop, small)) == 1
    path = f"/products/{shirt['id']}"
    if end == "deleted":
        await shop.staff.delete(path)
    elif end == "removed":
        await shop.staff.delete(f"{path}/variants/{small}")
    elif end != "another tenant's":
        await shop.staff.patch(path, json={"status": end})
    asking_shop = other_shop if end == "another tenant's" else shop
    assert await _sellable(asking_shop, small) == {}
    if end != "removed":
        with pytest.raises(ProductUnknown):
            await _default(asking_shop, shirt["id"])


async def test_a_product_is_resolved_to_its_only_variant(shop: Shop) -> None:
    pot, shirt = await shop.product("Pot"), await shop.product("Shirt", **SHIRT)
    assert await _default(shop, pot["id"]) == UUID(pot["variants"][0]["id"])
    with pytest.raises(VariantAmbiguous):
        await _default(shop, shirt["id"])
    with pytest.raises(ProductUnknown):
        await _default(shop, new_id())


async def test_an_event_has_all_that_a_search_index_needs(shop: Shop) -> None:
    vendor_id, nordlys = await shop.vendor("Nordlys")
    await shop.staff.post("/categories", json={"name": "Shirts"})
    body = {**SHIRT, "name": "Shirt", "description": "<p>Soft&nbsp;<b>linen</b></p>", "category": "Shirts"}
    shirt = (await nordlys.post("/products", json={**body, "tags": ["linen"]})).json()
    async with shop.database.system() as connection:
        payload = await connection.fetchval(
            "SELECT payload FROM kit_outbox WHERE aggregate_id = $1 AND type = 'catalog.product_created'",
            UUID(shirt["id"]),
        )
    assert (payload if isinstance(payload, dict) else orjson.loads(payload)) == {
        "slug": "shirt",
        "name": "Shirt",
        "description": "Soft linen",
        "status": "active",
        "tags": ["linen"],
        "category_id": shirt["category"]["id"],
        "category_path": "Shirts",
        "vendor_id": str(vendor_id),
        "vendor_name": "Nordlys",
        "skus": ["S"],
        "options": ["S", "M"],
        "variant_ids": [variant["id"] for variant in shirt["variants"]],
        "price_minor": 500,
        "currency": "USD",
        "image_url": "/shirt.png",
    }
