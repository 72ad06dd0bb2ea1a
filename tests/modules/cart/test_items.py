"""Adding, changing and removing items of a cart."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.ids import new_id
from tests.modules.cart.shop import Shop, quantities


async def test_a_cart_shows_its_items_at_current_prices(shop: Shop) -> None:
    (variant,) = await shop.product(price_minor=64_900, stock=10)
    shopper = shop.visitor()
    added = await shopper.add(variant, 2)
    cart = added.json()
    item = cart["items"][0]
    nothing = {"amount": 0, "currency": "USD"}
    assert added.status_code == 201
    assert added.headers["etag"].startswith('"1-')
    assert item == {
        "id": item["id"],
        "kind": "goods",
        "variant": {
            "id": str(variant),
            "sku": f"CHAIR-{variant}",
            "options": {"Colour": "Grey 0"},
            "product": {
                "id": str(await shop.product_of(variant)),
                "slug": item["variant"]["product"]["slug"],
                "name": "Oslo Lounge Chair",
                "image_url": None,
            },
            "in_stock": True,
            "stock": 10,
        },
        "raffle": None,
        "quantity": 2,
        "unit_price": {"amount": 64_900, "currency": "USD"},
        "total": {"amount": 129_800, "currency": "USD"},
    }
    assert cart == {
        "id": cart["id"],
        "items": [item],
        "coupons": [],
        "totals": {
            "subtotal": item["total"],
            "discount": nothing,
            "shipping": nothing,
            "tax": nothing,
            "total": item["total"],
        },
        "problems": [],
        "shipping_address": None,
        "billing_address": None,
        "shipping_method": None,
        "email": None,
        "note": None,
        "currency": "USD",
        "version": 1,
    }
    assert await shopper.cart() == cart
    await shop.reprice(variant, 50_000)
    assert (await shopper.cart())["totals"]["total"]["amount"] == 100_000


async def test_a_caller_without_a_cart_gets_an_empty_one_and_nothing_is_written(shop: Shop) -> None:
    for shopper in (shop.visitor(), shop.customer()):
        cart = await shopper.cart()
        assert (cart["id"], cart["items"], cart["version"], cart["totals"]["total"]["amount"]) == (None, [], 0, 0)
    assert await shop.rows("SELECT id FROM cart_carts WHERE tenant_id = $1") == []


async def test_the_same_variant_added_twice_adds_up_in_one_item(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    await shopper.add(variant, 2)
    cart = (await shopper.add(variant, 3)).json()
    assert ([item["quantity"] for item in cart["items"]], cart["version"]) == ([5], 2)
    assert await shopper.cart() == cart


async def test_items_stay_in_the_order_in_which_they_were_added(shop: Shop) -> None:
    variants = await shop.product(variants=4)
    shopper = shop.visitor()
    for variant in (*variants, variants[0]):
        await shopper.add(variant)
    assert list(await shopper.quantities()) == variants


async def test_a_product_with_one_variant_is_added_by_its_own_id(shop: Shop) -> None:
    (variant,) = await shop.product()
    body = {"product_id": str(await shop.product_of(variant)), "quantity": 1}
    added = await shop.visitor().ask("POST", "/cart/items", body)
    assert quantities(added.json()) == {variant: 1}


async def test_a_product_with_several_variants_is_ambiguous_and_lists_them(shop: Shop) -> None:
    variants = await shop.product(price_minor=100, variants=3)
    body = {"product_id": str(await shop.product_of(variants[0])), "quantity": 1}
    refused = await shop.visitor().ask("POST", "/cart/items", body)
    assert (refused.status_code, refused.json()["code"]) == (409, "catalog.variant_ambiguous")
    assert refused.json()["variants"] == [
        {
            "id": str(variant),
            "sku": f"CHAIR-{variant}",
            "options": {"Colour": f"Grey {position}"},
            "price": {"amount": 100, "currency": "USD"},
        }
        for position, variant in enumerate(variants)
    ]


async def test_an_offer_that_is_not_for_sale_cannot_be_added(shop: Shop, other_shop: Shop) -> None:
    (withdrawn,), (theirs,) = await shop.product(), await other_shop.product()
    await shop.withdraw(withdrawn)
    answers = [await shop.visitor().add(variant) for variant in (withdrawn, theirs, new_id())]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert len({answer.content for answer in answers}) == 1


async def test_a_quantity_is_changed_and_an_item_removed(shop: Shop) -> None:
    one, two = await shop.product(variants=2)
    shopper = shop.visitor()
    await shopper.add(one)
    item_id = (await shopper.add(two)).json()["items"][0]["id"]
    changed = await shopper.change(item_id, 4)
    assert (changed.status_code, quantities(changed.json())) == (200, {one: 4, two: 1})
    removed = await shopper.remove(item_id)
    assert (removed.status_code, quantities(removed.json()), removed.json()["version"]) == (200, {two: 1}, 4)
    assert await shopper.cart() == removed.json()


async def test_an_emptied_cart_still_exists(shop: Shop) -> None:
    (variant,) = await shop.product()
    shopper = shop.visitor()
    cart = (await shopper.add(variant)).json()
    assert (await shopper.ask("DELETE", "/cart")).status_code == 204
    assert (await shopper.ask("DELETE", "/cart")).status_code == 204
    after = await shopper.cart()
    assert (after["id"], after["items"], after["version"]) == (cart["id"], [], 2)


async def test_emptying_a_cart_that_does_not_exist_changes_nothing(shop: Shop) -> None:
    for shopper in (shop.visitor(), shop.customer()):
        assert (await shopper.ask("DELETE", "/cart")).status_code == 204


async def test_more_than_is_available_is_refused_with_the_available_quantity(shop: Shop) -> None:
    (variant,) = await shop.product(stock=3)
    shopper = shop.visitor()
    cart = (await shopper.add(variant, 2)).json()
    for refused in (await shopper.add(variant, 2), await shopper.change(cart["items"][0]["id"], 4)):
        problem = refused.json()
        assert (refused.status_code, problem["code"], problem["available"]) == (409, "inventory.sold_out", 3)
    assert await shopper.cart() == cart


async def test_a_variant_without_tracked_stock_is_never_sold_out(shop: Shop) -> None:
    (variant,) = await shop.product(stock=None)
    item = (await shop.visitor().add(variant, 10_000)).json()["items"][0]
    assert (item["variant"]["in_stock"], item["variant"]["stock"]) == (True, None)


async def test_a_quantity_can_be_reduced_even_after_the_variant_has_sold_out(shop: Shop) -> None:
    (variant,) = await shop.product(stock=5)
    shopper = shop.visitor()
    item = (await shopper.add(variant, 5)).json()["items"][0]
    await shop.stockroom.adjust(variant, on_hand=0)
    changed = (await shopper.change(item["id"], 4)).json()["items"][0]
    assert (changed["quantity"], changed["variant"]["in_stock"], changed["variant"]["stock"]) == (4, False, 0)


async def test_an_item_no_longer_in_the_catalogue_has_no_price_until_it_is_removed(shop: Shop) -> None:
    sold, withdrawn = *(await shop.product(price_minor=100)), *(await shop.product(price_minor=700))
    shopper = shop.visitor()
    await shopper.add(withdrawn)
    await shopper.add(sold)
    await shop.withdraw(withdrawn)
    cart = await shopper.cart()
    item = cart["items"][0]
    assert (item["unit_price"], item["total"], item["variant"]["product"]) == (None, None, None)
    assert (item["variant"]["in_stock"], cart["totals"]["total"]["amount"]) == (False, 100)
    (problem,) = cart["problems"]
    assert (problem["code"], problem["item_id"]) == ("orders.item_unavailable", item["id"])
    assert (await shopper.change(item["id"], 2)).json()["code"] == "cart.unknown_variant"
    assert quantities((await shopper.remove(item["id"])).json()) == {sold: 1}


async def test_a_cart_has_a_limited_number_of_items(shop: Shop) -> None:
    variants = [*await shop.product(variants=101)]
    shopper = shop.visitor()
    for variant in variants[:100]:
        assert (await shopper.add(variant)).status_code == 201
    refused = await shopper.add(variants[100])
    assert (refused.status_code, refused.json()["code"]) == (409, "cart.too_many_items")
    assert (await shopper.add(variants[0])).status_code == 201


async def test_an_item_has_a_limited_quantity(shop: Shop) -> None:
    (variant,) = await shop.product(stock=None)
    shopper = shop.visitor()
    await shopper.add(variant, 10_000)
    refused = await shopper.add(variant, 1)
    assert (refused.status_code, refused.json()["code"]) == (409, "cart.too_many_pieces")


async def test_a_total_larger_than_the_largest_amount_is_refused(shop: Shop) -> None:
    largest = 2**53 - 1
    one, two = await shop.product(price_minor=largest, stock=None, variants=2)
    shopper = shop.visitor()
    await shopper.add(one)
    for refused in (await shopper.add(one), await shopper.add(two)):
        assert (refused.status_code, refused.json()["code"]) == (409, "cart.total_too_large")
    assert (await shopper.cart())["totals"]["total"]["amount"] == largest


@pytest.mark.parametrize("price_minor", [2**53 - 1, 2**52])
async def test_a_cart_whose_total_became_too_large_shows_it_and_can_be_mended(shop: Shop, price_minor: int) -> None:
    one, two = await shop.product(price_minor=100, stock=None, variants=2)
    shopper = shop.visitor()
    await shopper.add(one, 2)
    added = (await shopper.add(two, 2)).json()
    for variant in (one, two):
        await shop.reprice(variant, price_minor)
    cart = await shopper.cart()
    assert (cart["totals"]["subtotal"], cart["totals"]["total"]) == (None, None)
    assert {problem["code"] for problem in cart["problems"]} == {"orders.total_too_large"}
    first, second = (item["id"] for item in added["items"])
    more = await shopper.change(first, 3)
    assert (more.status_code, more.json()["code"]) == (409, "cart.total_too_large")
    fewer = await shopper.change(first, 1)
    assert (fewer.status_code, fewer.json()["totals"]["total"]) == (200, None)
    assert (await shopper.ask("PUT", "/cart", {"note": "Ring twice"})).json()["note"] == "Ring twice"
    mended = await shopper.remove(second)
    assert mended.json()["totals"]["total"]["amount"] == price_minor
    assert mended.json()["problems"] == []


@pytest.mark.parametrize("quantity", [0, -1, 10_001, 2**31, 2**63, 1.5, "1", True, None, [1], {}])
async def test_an_invalid_quantity_is_refused(shop: Shop, quantity: Any) -> None:
    (variant,) = await shop.product(stock=None)
    shopper = shop.visitor()
    added = await shopper.ask("POST", "/cart/items", {"variant_id": str(variant), "quantity": quantity})
    item_id = (await shopper.add(variant)).json()["items"][0]["id"]
    changed = await shopper.ask("PUT", f"/cart/items/{item_id}", {"quantity": quantity})
    assert (added.status_code, changed.status_code) == (400, 400)


@pytest.mark.parametrize(
    "body",
    [
        {"quantity": 1},
        {"variant_id": str(UUID(int=1)), "product_id": str(UUID(int=2)), "quantity": 1},
        {"variant_id": str(UUID(int=1)), "quantity": 1, "unit_price": {"amount": 1, "currency": "USD"}},
        {"variant_id": "../../etc/passwd", "quantity": 1},
    ],
)
async def test_an_invalid_addition_is_refused(shop: Shop, body: Any) -> None:
    assert (await shop.visitor().ask("POST", "/cart/items", body)).status_code == 400


async def test_an_item_that_is_not_in_the_cart_is_unknown(shop: Shop) -> None:
    (variant,) = await shop.product()
    theirs = (await shop.visitor().add(variant)).json()["items"][0]["id"]
    shopper, newcomer = shop.visitor(), shop.visitor()
    await shopper.add(variant)
    for caller in (shopper, newcomer, shop.customer()):
        answers = [await caller.change(item_id, 2) for item_id in (theirs, str(new_id()))]
        answers += [await caller.remove(item_id) for item_id in (theirs, str(new_id()))]
        assert [answer.status_code for answer in answers] == [404] * 4
        assert len({answer.content for answer in answers}) == 1
