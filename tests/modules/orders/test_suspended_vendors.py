"""Goods of a suspended vendor cannot be bought, carts say why, and its open orders go on."""

from uuid import UUID

from tests.modules.orders.sellers import Seller, seller
from tests.workflows.market import ADDRESS, Market, pay_with


async def set_status(market: Market, vendor_id: UUID, status: str) -> None:
    changed = await market.staff.request("PATCH", f"/vendors/{vendor_id}", {"status": status})
    assert changed.status_code == 200, changed.text


async def problems(market: Market) -> list[str]:
    cart = (await market.buyer.request("GET", "/cart")).json()
    return [problem["message"] for problem in cart["problems"] if problem["item_id"]]


async def test_goods_of_a_suspended_vendor_cannot_be_bought_until_it_is_active_again(market: Market) -> None:
    acme: Seller = await seller(market, "Acme")
    await market.buyer.add_to_cart(acme.variant_id)
    assert await problems(market) == []
    await set_status(market, acme.vendor_id, "suspended")
    (message,) = await problems(market)
    assert "seller" in message
    refused = await market.buyer.check_out("tok_visa")
    assert (refused.status_code, refused.json()["code"]) == (409, "orders.item_unavailable")
    item = {"variant_id": str(acme.variant_id), "quantity": 1}
    assert (await market.guest().post("/cart/items", item)).status_code == 404
    direct = {"items": [item], "shipping_address": ADDRESS, "payment": pay_with("tok_visa")}
    assert (await market.buyer.post("/orders", direct)).status_code == 409
    await set_status(market, acme.vendor_id, "active")
    assert await problems(market) == []
    assert (await market.buyer.check_out("tok_visa")).status_code == 201


async def test_open_orders_of_a_suspended_vendor_go_on(market: Market) -> None:
    acme = await seller(market, "Acme")
    pending = await market.buyer.place_order(acme.variant_id)
    paid = await market.buyer.place_order(acme.variant_id, "tok_visa")
    await set_status(market, acme.vendor_id, "suspended")
    payment = await market.buyer.post(f"/orders/{pending['id']}/payments", pay_with("tok_visa"))
    assert payment.status_code == 201, payment.text
    listed = (await acme.member.request("GET", f"/vendors/{acme.vendor_id}/orders")).json()["data"]
    assert [order["id"] for order in listed] == [paid["id"], pending["id"]]
    body = {"reason": "damaged", "restock": True}
    assert (await market.staff.post(f"/orders/{paid['id']}/refunds", body)).status_code == 201


async def test_an_item_that_was_archived_has_another_reason_than_one_of_a_suspended_vendor(market: Market) -> None:
    acme = await seller(market, "Acme")
    await market.buyer.add_to_cart(acme.variant_id)
    await market.as_owner("UPDATE catalog_products SET status = 'archived' WHERE vendor_id = $1", acme.vendor_id)
    await set_status(market, acme.vendor_id, "suspended")
    assert await problems(market) == ["This item is no longer for sale; remove it"]
