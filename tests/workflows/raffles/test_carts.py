"""Tickets in carts beside goods: shown with their current availability, and merged as far as the rules allow."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.modules.cart import public as cart
from luxewin.modules.identity.public import Role
from tests.workflows.market import PRICE, Market, Person
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    add_to_cart,
    buy_tickets,
    draft_raffle,
    expect,
    expect_error,
    publish_raffle,
    set_clock,
)


async def read_cart(person: Person) -> dict[str, Any]:
    """Read a person's cart."""
    return expect(await person.request("GET", "/cart"), 200)


async def test_a_cart_shows_tickets_beside_goods_with_their_odds(market: Market) -> None:
    raffle = await publish_raffle(market)
    await market.buyer.add_to_cart(await market.create_variant(), 2)
    found = expect(await add_to_cart(market.buyer, raffle, 3), 201)
    goods, tickets = found["items"]
    assert (goods["kind"], goods["raffle"], goods["quantity"]) == ("goods", None, 2)
    assert (tickets["kind"], tickets["variant"], tickets["quantity"]) == ("ticket", None, 3)
    assert tickets["unit_price"] == {"amount": TICKET_PRICE, "currency": "USD"}
    assert tickets["raffle"] == {
        "id": raffle["id"],
        "title": raffle["title"],
        "status": "open",
        "on_sale": True,
        "closes_at": raffle["closes_at"],
        "tickets_left": 10,
        "per_person_limit": 4,
        "odds": {"now": {"prizes": 2, "tickets": 1}, "at_worst": {"prizes": 2, "tickets": 10}},
        "skill_question": None,
    }
    assert found["totals"]["subtotal"]["amount"] == 2 * PRICE + 3 * TICKET_PRICE
    assert await read_cart(market.buyer) == found


async def test_tickets_in_a_cart_are_added_changed_and_removed_like_goods(market: Market) -> None:
    raffle = await publish_raffle(market)
    await add_to_cart(market.buyer, raffle, 1)
    (item,) = expect(await add_to_cart(market.buyer, raffle, 2), 201)["items"]
    assert item["quantity"] == 3
    changed = expect(await market.buyer.request("PUT", f"/cart/items/{item['id']}", {"quantity": 4}), 200)
    assert changed["totals"]["total"]["amount"] == 4 * TICKET_PRICE
    emptied = expect(await market.buyer.request("DELETE", f"/cart/items/{item['id']}"), 200)
    assert (emptied["items"], emptied["version"]) == ([], 4)


async def test_more_tickets_than_allowed_or_left_cannot_be_added_to_a_cart(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=5, per_person_limit=4)
    (item,) = expect(await add_to_cart(market.buyer, raffle, 4), 201)["items"]
    problem = expect_error(await add_to_cart(market.buyer, raffle, 1), 409, "raffles.limit_reached")
    assert (problem["raffle_id"], problem["limit"]) == (raffle["id"], 4)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 3)
    expect_error(await add_to_cart(market.person(Role.CUSTOMER), raffle, 3), 409, "raffles.sold_out")
    path = f"/cart/items/{item['id']}"
    expect(await market.buyer.request("PUT", path, {"quantity": 2}), 200)
    expect_error(await market.buyer.request("PUT", path, {"quantity": 3}), 409, "raffles.sold_out")


async def test_tickets_that_cannot_be_bought_are_not_added_to_a_cart(market: Market, other_market: Market) -> None:
    raffle = await publish_raffle(market)
    expect_error(await add_to_cart(market.buyer, await draft_raffle(market)), 404, "request.not_found")
    expect_error(await add_to_cart(market.buyer, {"id": str(new_id())}), 404, "request.not_found")
    expect_error(await add_to_cart(other_market.buyer, raffle), 404, "request.not_found")
    expect_error(await add_to_cart(market.staff, raffle), 403, "raffles.staff_excluded")
    set_clock(market, hours=2)
    expect_error(await add_to_cart(market.person(Role.CUSTOMER), raffle), 409, "raffles.not_open")


async def test_tickets_of_a_closed_raffle_have_no_price_and_can_be_removed(market: Market) -> None:
    raffle = await publish_raffle(market)
    variant_id = await market.create_variant()
    await market.buyer.add_to_cart(variant_id)
    await add_to_cart(market.buyer, raffle, 2)
    set_clock(market, hours=2)
    later = market.person_as(market.buyer.principal)
    found = await read_cart(later)
    _, tickets = found["items"]
    assert (tickets["unit_price"], tickets["raffle"]["on_sale"]) == (None, False)
    assert found["totals"]["subtotal"]["amount"] == PRICE
    path = f"/cart/items/{tickets['id']}"
    expect_error(await later.request("PUT", path, {"quantity": 3}), 409, "raffles.not_open")
    expect(await later.request("PUT", path, {"quantity": 1}), 200)
    problem = expect_error(await later.check_out("tok_visa"), 409, "raffles.not_open")
    assert problem["raffle_id"] == raffle["id"]
    expect(await later.request("DELETE", path), 200)
    expect(await later.check_out("tok_visa"), 201)


async def test_the_question_of_a_raffle_is_answered_once_and_the_answer_is_stored(market: Market) -> None:
    raffle = await publish_raffle(market, skill_question={"question": "What is 6 × 7?", "answer": "42"})
    for answer in ({}, {"skill_answer": "41"}):
        expect_error(await add_to_cart(market.buyer, raffle, 1, **answer), 409, "raffles.answer_wrong")
    found = expect(await add_to_cart(market.buyer, raffle, 1, skill_answer=" 42 "), 201)
    assert found["items"][0]["raffle"]["skill_question"] == "What is 6 × 7?"
    (item,) = expect(await add_to_cart(market.buyer, raffle, 1), 201)["items"]
    assert item["quantity"] == 2
    expect(await market.buyer.request("PUT", f"/cart/items/{item['id']}", {"quantity": 3}), 200)
    expect(await market.buyer.check_out("tok_visa"), 201)


@pytest.mark.parametrize(
    "body",
    [
        {"quantity": 1},
        {"raffle_id": str(new_id()), "variant_id": str(new_id()), "quantity": 1},
        {"raffle_id": str(new_id()), "product_id": str(new_id()), "quantity": 1},
        {"variant_id": str(new_id()), "quantity": 1, "skill_answer": "42"},
    ],
)
async def test_an_item_names_one_raffle_variant_or_product(market: Market, body: dict[str, Any]) -> None:
    expect_error(await market.buyer.post("/cart/items", body), 400, "request.invalid")


async def test_a_guest_keeps_tickets_in_a_cart_and_signs_in_to_buy_them(market: Market) -> None:
    raffle = await publish_raffle(market)
    guest = market.guest()
    guest.headers["x-cart-token"] = (await add_to_cart(guest, raffle, 3)).headers["x-cart-token"]
    expect_error(await guest.check_out("tok_visa", email="ada@example.com"), 401, "raffles.account_required")
    await _sign_in(market, guest, market.buyer)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    assert [line["raffle_id"] for line in order["items"]] == [raffle["id"]]


async def test_a_guests_tickets_are_merged_within_what_the_rules_still_allow(market: Market) -> None:
    full, half, fresh = [await publish_raffle(market) for _ in range(3)]
    await buy_tickets(market.buyer, full, 4)
    await buy_tickets(market.buyer, half, 1)
    await add_to_cart(market.buyer, half, 2)
    guest = market.guest()
    for raffle in (full, half, fresh):
        answer = await add_to_cart(guest, raffle, 3)
        if token := answer.headers.get("x-cart-token"):
            guest.headers["x-cart-token"] = token
    await _sign_in(market, guest, market.buyer)
    merged = {item["raffle"]["id"]: item["quantity"] for item in (await read_cart(market.buyer))["items"]}
    assert merged == {half["id"]: 3, fresh["id"]: 3}
    expect(await market.buyer.check_out("tok_visa"), 201)


async def test_a_guests_answer_is_kept_when_carts_are_merged(market: Market) -> None:
    raffle = await publish_raffle(market, skill_question={"question": "What is 6 × 7?", "answer": "42"})
    guest = market.guest()
    guest.headers["x-cart-token"] = (await add_to_cart(guest, raffle, 1, skill_answer="42")).headers["x-cart-token"]
    await _sign_in(market, guest, market.buyer)
    expect(await market.buyer.check_out("tok_visa"), 201)


async def _sign_in(market: Market, guest: Person, person: Person) -> None:
    token, user_id = guest.headers["x-cart-token"], person.principal.user_id
    assert isinstance(user_id, UUID)
    await market.database.run(market.tenant, SYSTEM, lambda tx: cart.merge_guest(tx, token=token, user_id=user_id))


async def test_what_prevents_an_order_of_tickets_is_listed(market: Market) -> None:
    raffle = await publish_raffle(market)
    guest = market.guest()
    found = await add_to_cart(guest, raffle, 1)
    guest.headers["x-cart-token"] = found.headers["x-cart-token"]
    assert [each["code"] for each in (await read_cart(guest))["problems"]] == ["raffles.account_required"]
    await add_to_cart(market.buyer, raffle, 3)
    assert (await read_cart(market.buyer))["problems"] == []
    await buy_tickets(market.buyer, raffle, 2)
    (problem,) = (await read_cart(market.buyer))["problems"]
    assert problem["code"] == "raffles.limit_reached"
    assert problem["message"] == "You may buy 2 more tickets of this raffle, the cart has 3"
    expect_error(await market.buyer.post("/orders", {}), 409, problem["code"])
    for _ in range(2):
        await buy_tickets(market.person(Role.CUSTOMER), raffle, 3)
    (problem,) = (await read_cart(market.buyer))["problems"]
    expect_error(await market.buyer.post("/orders", {}), 409, problem["code"])
    assert problem["code"] == "raffles.sold_out"
    set_clock(market, days=365)
    (problem,) = (await read_cart(market.buyer))["problems"]
    expect_error(await market.buyer.post("/orders", {}), 409, problem["code"])
