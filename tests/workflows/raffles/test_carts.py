"""Tickets lie in carts beside goods: shown as they may be had at this moment, and merged as far as rules allow."""

from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import SYSTEM, Role
from luxewin.kit.ids import new_id
from luxewin.modules.cart import public as cart
from tests.workflows.market import PRICE, Market, Person
from tests.workflows.raffles.fair import TICKET_PRICE, at, bought, drafted, published, put, refused, told


async def read(person: Person) -> dict[str, Any]:
    """Read somebody's cart."""
    return told(await person.ask("GET", "/cart"), 200)


async def test_a_cart_shows_tickets_beside_goods_with_their_odds(market: Market) -> None:
    raffle = await published(market)
    await market.buyer.take(await market.goods(), 2)
    shown = told(await put(market.buyer, raffle, 3), 201)
    goods, tickets = shown["items"]
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
    assert shown["totals"]["total"]["amount"] == 2 * PRICE + 3 * TICKET_PRICE
    assert await read(market.buyer) == shown


async def test_tickets_add_up_change_and_are_taken_out_as_goods_are(market: Market) -> None:
    raffle = await published(market)
    await put(market.buyer, raffle, 1)
    (item,) = told(await put(market.buyer, raffle, 2), 201)["items"]
    assert item["quantity"] == 3
    changed = told(await market.buyer.ask("PUT", f"/cart/items/{item['id']}", {"quantity": 4}), 200)
    assert changed["totals"]["total"]["amount"] == 4 * TICKET_PRICE
    emptied = told(await market.buyer.ask("DELETE", f"/cart/items/{item['id']}"), 200)
    assert (emptied["items"], emptied["version"]) == ([], 4)


async def test_more_than_a_raffle_allows_or_has_left_is_refused_when_it_is_put_in(market: Market) -> None:
    raffle = await published(market, capacity=5, per_person_limit=4)
    (item,) = told(await put(market.buyer, raffle, 4), 201)["items"]
    problem = refused(await put(market.buyer, raffle, 1), 409, "raffles.limit_reached")
    assert (problem["raffle_id"], problem["limit"]) == (raffle["id"], 4)
    await bought(market.person(Role.CUSTOMER), raffle, 3)
    refused(await put(market.person(Role.CUSTOMER), raffle, 3), 409, "raffles.sold_out")
    path = f"/cart/items/{item['id']}"
    told(await market.buyer.ask("PUT", path, {"quantity": 2}), 200)
    refused(await market.buyer.ask("PUT", path, {"quantity": 3}), 409, "raffles.sold_out")


async def test_what_nobody_may_buy_is_not_put_into_a_cart(market: Market, other_market: Market) -> None:
    raffle = await published(market)
    refused(await put(market.buyer, await drafted(market)), 404, "request.not_found")
    refused(await put(market.buyer, {"id": str(new_id())}), 404, "request.not_found")
    refused(await put(other_market.buyer, raffle), 404, "request.not_found")
    refused(await put(market.staff, raffle), 403, "raffles.staff_excluded")
    at(market, hours=2)
    refused(await put(market.person(Role.CUSTOMER), raffle), 409, "raffles.not_open")


async def test_a_raffle_that_has_closed_since_is_shown_without_a_price_and_can_be_taken_out(market: Market) -> None:
    raffle = await published(market)
    variant_id = await market.goods()
    await market.buyer.take(variant_id)
    await put(market.buyer, raffle, 2)
    at(market, hours=2)
    later = market.known_as(market.buyer.principal)
    shown = await read(later)
    _, tickets = shown["items"]
    assert (tickets["unit_price"], tickets["raffle"]["on_sale"]) == (None, False)
    assert shown["totals"]["total"]["amount"] == PRICE
    path = f"/cart/items/{tickets['id']}"
    refused(await later.ask("PUT", path, {"quantity": 3}), 409, "raffles.not_open")
    told(await later.ask("PUT", path, {"quantity": 1}), 200)
    problem = refused(await later.check_out("tok_visa"), 409, "raffles.not_open")
    assert problem["raffle_id"] == raffle["id"]
    told(await later.ask("DELETE", path), 200)
    told(await later.check_out("tok_visa"), 201)


async def test_the_question_of_a_raffle_is_answered_once_and_the_answer_is_kept(market: Market) -> None:
    raffle = await published(market, skill_question={"question": "What is 6 × 7?", "answer": "42"})
    for answer in ({}, {"skill_answer": "41"}):
        refused(await put(market.buyer, raffle, 1, **answer), 409, "raffles.answer_wrong")
    shown = told(await put(market.buyer, raffle, 1, skill_answer=" 42 "), 201)
    assert shown["items"][0]["raffle"]["skill_question"] == "What is 6 × 7?"
    (item,) = told(await put(market.buyer, raffle, 1), 201)["items"]
    assert item["quantity"] == 2
    told(await market.buyer.ask("PUT", f"/cart/items/{item['id']}", {"quantity": 3}), 200)
    told(await market.buyer.check_out("tok_visa"), 201)


@pytest.mark.parametrize(
    "body",
    [
        {"quantity": 1},
        {"raffle_id": str(new_id()), "variant_id": str(new_id()), "quantity": 1},
        {"raffle_id": str(new_id()), "product_id": str(new_id()), "quantity": 1},
        {"variant_id": str(new_id()), "quantity": 1, "skill_answer": "42"},
    ],
)
async def test_an_item_names_one_thing(market: Market, body: dict[str, Any]) -> None:
    refused(await market.buyer.post("/cart/items", body), 400, "request.invalid")


async def test_a_guest_keeps_tickets_in_a_cart_and_signs_in_to_buy_them(market: Market) -> None:
    raffle = await published(market)
    guest = market.guest()
    guest.headers["x-cart-token"] = (await put(guest, raffle, 3)).headers["x-cart-token"]
    refused(await guest.check_out("tok_visa", email="ada@example.com"), 401, "raffles.account_required")
    await _sign_in(market, guest, market.buyer)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    assert [line["raffle_id"] for line in order["items"]] == [raffle["id"]]


async def test_a_guests_tickets_are_merged_within_what_the_rules_still_allow(market: Market) -> None:
    full, half, fresh = [await published(market) for _ in range(3)]
    await bought(market.buyer, full, 4)
    await bought(market.buyer, half, 1)
    await put(market.buyer, half, 2)
    guest = market.guest()
    for raffle in (full, half, fresh):
        answer = await put(guest, raffle, 3)
        if token := answer.headers.get("x-cart-token"):
            guest.headers["x-cart-token"] = token
    await _sign_in(market, guest, market.buyer)
    merged = {item["raffle"]["id"]: item["quantity"] for item in (await read(market.buyer))["items"]}
    assert merged == {half["id"]: 3, fresh["id"]: 3}
    told(await market.buyer.check_out("tok_visa"), 201)


async def test_a_guests_answer_comes_along(market: Market) -> None:
    raffle = await published(market, skill_question={"question": "What is 6 × 7?", "answer": "42"})
    guest = market.guest()
    guest.headers["x-cart-token"] = (await put(guest, raffle, 1, skill_answer="42")).headers["x-cart-token"]
    await _sign_in(market, guest, market.buyer)
    told(await market.buyer.check_out("tok_visa"), 201)


async def _sign_in(market: Market, guest: Person, person: Person) -> None:
    token, user_id = guest.headers["x-cart-token"], person.principal.user_id
    assert isinstance(user_id, UUID)
    await market.database.run(market.tenant, SYSTEM, lambda tx: cart.merge_guest(tx, token=token, user_id=user_id))
