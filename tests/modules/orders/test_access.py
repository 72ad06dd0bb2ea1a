"""Access to an order: its buyer, staff and everybody with its token may read and change it."""

from typing import Any

import orjson
import pytest

from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role
from luxewin.modules.orders.public import OrderTokens
from tests.workflows.market import Market, Person, pay_with

GUEST = {"email": "guest@example.com"}


async def ordered_by(guest: Person, market: Market, token: str | None = None, **more: Any) -> dict[str, Any]:
    await guest.add_to_cart(await market.create_variant())
    answer = await guest.check_out(token, **GUEST, **more)
    body: dict[str, Any] = answer.json()
    return body


async def test_an_order_is_not_found_by_other_people(market: Market) -> None:
    order = await market.buyer.place_order(await market.create_variant(), "tok_3ds")
    confirm = order["payments"][0]["next_action"]["url"]
    for person in (market.person(Role.CUSTOMER), market.person(Role.VENDOR), market.guest()):
        for method, path, body in (
            ("GET", f"/orders/{order['id']}", None),
            ("POST", f"/orders/{order['id']}/payments", pay_with("tok_visa")),
            ("POST", f"/orders/{order['id']}/cancel", {}),
            ("POST", confirm, {"approve": True}),
        ):
            hidden = await person.request(method, path, body)
            missing = await person.request(method, path.replace(order["id"], str(new_id())), body)
            assert (hidden.status_code, hidden.json()) == (404, missing.json()), (method, path)
    assert (await market.staff.read_order(order["id"])) == (await market.buyer.read_order(order["id"]))


async def test_a_list_contains_the_callers_orders_and_all_orders_for_staff(market: Market) -> None:
    mine = await market.buyer.place_order(await market.create_variant())
    theirs = await market.person(Role.CUSTOMER).place_order(await market.create_variant())
    listed = (await market.buyer.request("GET", "/orders")).json()["data"]
    assert [order["id"] for order in listed] == [mine["id"]]
    everything = (await market.staff.request("GET", "/orders")).json()["data"]
    assert [order["id"] for order in everything] == [theirs["id"], mine["id"]]


async def test_a_guest_opens_their_order_with_its_token_and_no_other(market: Market) -> None:
    guest = market.guest()
    order, other = await ordered_by(guest, market), await ordered_by(market.guest(), market)
    path = f"/orders/{order['id']}"
    for token in (None, "", "é" * 64, "0" * 64, other["order_token"], order["order_token"].upper()):
        headers = [] if token is None else [(b"x-order-token", token.encode())]
        assert (await guest.client.get(path.removeprefix("/"), headers=headers)).status_code == 404
    opened = await guest.client.get(path.removeprefix("/"), headers={"x-order-token": order["order_token"]})
    assert (opened.status_code, opened.json()["order_token"]) == (200, None)


async def test_a_guest_pays_and_cancels_with_the_orders_token(market: Market) -> None:
    guest = market.guest()
    order = await ordered_by(guest, market)
    guest.headers["x-order-token"] = order["order_token"]
    paid = await guest.post(f"/orders/{order['id']}/payments", pay_with("tok_visa"))
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")
    cancelled = await guest.post(f"/orders/{order['id']}/cancel", {})
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")


async def test_a_guest_whose_payment_was_declined_gets_the_token_to_pay_in_another_way(market: Market) -> None:
    guest = market.guest()
    declined = await ordered_by(guest, market, "tok_declined", key="one")
    assert declined["code"] == "payments.declined"
    guest.headers["x-order-token"] = declined["order_token"]
    paid = await guest.post(f"/orders/{declined['order_id']}/payments", pay_with("tok_visa"))
    assert (paid.status_code, paid.json()["status"]) == (201, "paid")


@pytest.mark.parametrize("token", [None, "tok_visa", "tok_unknown", "tok_declined"])
async def test_a_guests_token_is_in_every_response_and_in_no_stored_one(market: Market, token: str | None) -> None:
    guest = market.guest()
    await guest.add_to_cart(await market.create_variant())
    first, again = [await guest.check_out(token, key="one", **GUEST) for _ in range(2)]
    assert (first.status_code, first.json()) == (again.status_code, again.json())
    ((stored,),) = await market.rows(
        "SELECT answer_body FROM kit_idempotency_keys WHERE tenant_id = $1 AND route = 'POST /api/v1/orders'"
    )
    assert first.json()["order_token"].encode() not in stored
    assert orjson.loads(stored).get("order_token") is None
    ((orders,),) = await market.rows("SELECT count(*) FROM orders_orders WHERE tenant_id = $1")
    assert orders == 1
    await market.settle_down()


async def test_an_account_needs_no_token_and_gets_none(market: Market) -> None:
    assert (await market.buyer.place_order(await market.create_variant()))["order_token"] is None


async def test_a_guest_must_give_an_email(market: Market) -> None:
    guest = market.guest()
    await guest.add_to_cart(await market.create_variant())
    refused = await guest.check_out()
    assert (refused.status_code, refused.json()["code"]) == (400, "orders.email_required")


def test_a_token_opens_one_order_under_one_key() -> None:
    order_id, tokens = new_id(), OrderTokens(b"one key")
    assert tokens.opens(tokens.of(order_id), order_id)
    assert not tokens.opens(tokens.of(order_id), new_id())
    assert not tokens.opens(OrderTokens(b"another").of(order_id), order_id)
    assert not tokens.opens(None, order_id)
    assert not tokens.opens("", order_id)
