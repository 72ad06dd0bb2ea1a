"""An order charges the total that the buyer has seen, or is refused."""

from typing import Any

import pytest

from tests.workflows.market import ADDRESS, PRICE, TOTAL, Market, pay_with


def dollars(minor: int) -> dict[str, Any]:
    return {"amount": minor, "currency": "USD"}


async def orders_of(market: Market) -> int:
    ((count,),) = await market.rows("SELECT count(*) FROM orders_orders WHERE tenant_id = $1")
    found: int = count
    return found


async def test_a_raised_price_is_not_charged_to_a_buyer_who_expects_the_old_total(market: Market) -> None:
    variant = await market.create_variant()
    await market.buyer.add_to_cart(variant)
    await market.shop.reprice(variant, PRICE + 500)
    refused = await market.buyer.check_out("tok_visa", expected_total=dollars(TOTAL), key="one")
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.total_changed")
    assert refused.json()["total"] == dollars(TOTAL + 500)
    assert refused.json()["totals"]["subtotal"] == dollars(PRICE + 500)
    assert await orders_of(market) == 0
    other_currency = {"amount": TOTAL + 500, "currency": "EUR"}
    assert (await market.buyer.check_out(expected_total=other_currency)).json()["code"] == "orders.total_changed"
    paid = await market.buyer.check_out("tok_visa", expected_total=refused.json()["total"], key="one")
    assert (paid.status_code, paid.json()["totals"]["total"]) == (201, dollars(TOTAL + 500))


@pytest.mark.parametrize("change", ["price", "shipping", "item"])
async def test_a_cart_that_costs_something_else_than_when_it_was_read_is_not_ordered(
    market: Market, change: str
) -> None:
    variant = await market.create_variant()
    await market.buyer.add_to_cart(variant)
    tag = (await market.buyer.request("GET", "/cart")).headers["etag"]
    match change:
        case "price":
            await market.shop.reprice(variant, PRICE - 1)
        case "shipping":
            await market.shop.ship("standard", 1)
        case _:
            await market.buyer.add_to_cart(variant)
    market.buyer.headers["if-match"] = tag
    refused = await market.buyer.check_out("tok_visa")
    assert (refused.status_code, refused.json()["code"]) == (412, "request.precondition_failed")
    assert await orders_of(market) == 0
    del market.buyer.headers["if-match"]
    market.buyer.headers["if-match"] = (await market.buyer.request("GET", "/cart")).headers["etag"]
    assert (await market.buyer.check_out("tok_visa")).status_code == 201


async def test_an_order_takes_from_the_cart_what_its_body_does_not_have(market: Market) -> None:
    guest = market.guest()
    await guest.add_to_cart(await market.create_variant())
    missing = await guest.post("/orders", {"shipping_address": ADDRESS})
    assert missing.json()["code"] == "orders.email_required"
    details = {
        "shipping_address": ADDRESS,
        "billing_address": {**ADDRESS, "name": "The Company"},
        "email": "guest@example.com",
        "note": "Ring twice",
    }
    known = await guest.request("PUT", "/cart", details)
    assert known.json()["totals"]["total"] == dollars(TOTAL)
    order = (await guest.post("/orders", {"note": "Ring once", "payment": pay_with("tok_visa")})).json()
    assert (order["email"], order["note"], order["status"]) == ("guest@example.com", "Ring once", "paid")
    assert (order["shipping_address"]["city"], order["billing_address"]["name"]) == ("London", "The Company")
    guest.headers["x-order-token"] = order["order_token"]
    assert await guest.read_order(order["id"]) == {**order, "order_token": None}


async def test_items_are_ordered_without_a_cart_under_the_same_rules(market: Market) -> None:
    variant, other = await market.create_variant(stock=5), await market.create_variant()
    await market.buyer.add_to_cart(other)
    product = {"product_id": str(await market.shop.product_of(variant)), "quantity": 1}
    body = {
        "items": [product, {"variant_id": str(variant), "quantity": 1}],
        "shipping_address": ADDRESS,
        "payment": pay_with("tok_visa"),
    }
    refused = await market.buyer.post("/orders", {**body, "expected_total": dollars(1)}, key="one")
    assert refused.json()["total"] == dollars(TOTAL + PRICE)
    asked = {**body, "expected_total": refused.json()["total"]}
    order = await market.buyer.post("/orders", asked, key="one")
    assert (order.status_code, [item["quantity"] for item in order.json()["items"]]) == (201, [2])
    assert (await market.buyer.post("/orders", asked, key="one")).json() == order.json()
    assert await market.stock.available(variant) == 3
    cart = (await market.buyer.request("GET", "/cart")).json()
    assert [item["variant"]["id"] for item in cart["items"]] == [str(other)], "the cart stays as it is"


async def test_items_that_cannot_be_ordered_are_refused(market: Market) -> None:
    variant = await market.create_variant(stock=1)
    two = {"items": [{"variant_id": str(variant), "quantity": 2}], "shipping_address": ADDRESS}
    for body, status, code in (
        (two, 409, "inventory.sold_out"),
        ({**two, "items": []}, 400, "request.invalid"),
        ({"items": [{"variant_id": str(variant), "quantity": 1}]}, 400, "orders.shipping_address_required"),
    ):
        refused = await market.buyer.post("/orders", body)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
    market.buyer.headers["if-match"] = '"1"'
    one = await market.buyer.post("/orders", {**two, "items": [{"variant_id": str(variant), "quantity": 1}]})
    assert one.status_code == 412, "no cart is ordered, so none can match"


async def test_an_order_of_nothing_that_is_shipped_needs_no_address(market: Market) -> None:
    variant = await market.create_variant()
    await market.shop.execute(
        "UPDATE catalog_variants SET requires_shipping = false WHERE tenant_id = $1 AND id = $2", variant
    )
    await market.buyer.add_to_cart(variant)
    order = await market.buyer.post("/orders", {"payment": pay_with("tok_visa")})
    assert (order.status_code, order.json()["status"]) == (201, "paid")
    assert (order.json()["shipping_method"], order.json()["shipping_address"]) == ("none", None)
    assert order.json()["totals"]["total"] == dollars(PRICE)
