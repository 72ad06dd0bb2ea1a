"""A vendor sees its own lines of paid orders, and nothing else of them."""

import pytest

from luxewin.modules.identity.public import Role
from tests.modules.orders.sellers import Seller, seller
from tests.workflows.market import ADDRESS, Market

CONTACT = {"phone": "+44 20 7946 0958", "email": "ada@example.com"}


@pytest.fixture
async def acme(market: Market) -> Seller:
    return await seller(market, "Acme")


@pytest.fixture
async def nordlys(market: Market) -> Seller:
    return await seller(market, "Nordlys")


async def test_a_vendor_sees_its_own_lines_and_where_they_are_sent(
    market: Market, acme: Seller, nordlys: Seller
) -> None:
    for variant_id, quantity in ((acme.variant_id, 2), (nordlys.variant_id, 1), (await market.create_variant(), 1)):
        await market.buyer.add_to_cart(variant_id, quantity)
    order = (await market.buyer.check_out("tok_visa", shipping_address=ADDRESS | CONTACT)).json()
    line = next(item for item in order["items"] if item["vendor_id"] == str(acme.vendor_id))
    path = f"/vendors/{acme.vendor_id}/orders"
    (seen,) = (await acme.member.request("GET", path)).json()["data"]
    assert seen["items"] == [line]
    assert seen["totals"]["subtotal"] == line["total"]
    assert {*seen["shipping_address"].items()} >= {("phone", CONTACT["phone"]), ("name", ADDRESS["name"])}
    hidden = {"payments", "refunds", "email", "history", "note", "billing_address", "order_token"}
    assert hidden.isdisjoint(seen)
    assert seen["shipping_address"]["email"] is None
    for person in (acme.member, market.staff):
        assert (await person.request("GET", f"{path}/{order['id']}")).json() == seen


async def test_only_members_and_staff_see_a_vendors_orders(market: Market, acme: Seller, nordlys: Seller) -> None:
    order = await market.buyer.place_order(acme.variant_id, "tok_visa")
    for person, status in ((nordlys.member, 404), (market.person(Role.VENDOR), 404), (market.buyer, 403)):
        for path in (f"/vendors/{acme.vendor_id}/orders", f"/vendors/{acme.vendor_id}/orders/{order['id']}"):
            assert (await person.request("GET", path)).status_code == status
    others = f"/vendors/{nordlys.vendor_id}/orders/{order['id']}"
    assert (await nordlys.member.request("GET", others)).status_code == 404, "an order without its goods"


async def test_orders_that_were_never_paid_are_not_shown_and_pages_hold_each_order_once(
    market: Market, acme: Seller
) -> None:
    pending = await market.buyer.place_order(acme.variant_id)
    paid = [(await market.buyer.place_order(acme.variant_id, "tok_visa"))["id"] for _ in range(3)]
    path = f"/vendors/{acme.vendor_id}/orders"
    assert (await acme.member.request("GET", f"{path}/{pending['id']}")).status_code == 404
    first = (await acme.member.request("GET", f"{path}?limit=2")).json()
    second = (await acme.member.request("GET", f"{path}?limit=2&cursor={first['next_cursor']}")).json()
    assert [order["id"] for order in (*first["data"], *second["data"])] == paid[::-1]
    assert second["next_cursor"] is None
    assert (await acme.member.request("GET", f"{path}?status=cancelled")).json()["data"] == []
