"""One order of goods and tickets: one payment, and for each line what it would be if it were bought alone."""

import pytest

from luxewin.kit.access import Role
from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import ADDRESS, PRICE, SHIPPING, Market, pay_with, told_once
from tests.workflows.raffles.baskets import (
    STOCK,
    UNTOUCHED,
    booked,
    filled,
    line_of,
    purchase_of,
    standing,
)
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    at,
    bought,
    buy,
    counts,
    drawn,
    locked,
    numbers,
    published,
    put,
    refused,
    seen,
    told,
)

TICKETS = 2 * TICKET_PRICE
TOTAL = PRICE + SHIPPING + TICKETS
FREE = {"amount": 0, "currency": "USD"}


async def test_one_payment_buys_goods_and_tickets(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    assert (order["status"], order["totals"]["total"]["amount"]) == ("paid", TOTAL)
    assert order["shipping_address"]["city"] == ADDRESS["city"]
    assert [line["kind"] for line in order["items"]] == ["goods", "ticket"]
    purchase = await purchase_of(market.buyer, order, raffle)
    assert (purchase["status"], numbers(purchase), purchase["order_id"]) == ("paid", [1, 2], order["id"])
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert await booked(market, raffle) == (PRICE, SHIPPING, TICKETS)
    assert (await market.books()).held_minor == TOTAL
    assert told(await market.buyer.ask("GET", "/cart"), 200)["items"] == []


async def test_tickets_of_two_raffles_are_two_purchases_of_one_order(market: Market) -> None:
    one, two = await published(market), await published(market)
    await put(market.buyer, two, 3)
    await put(market.buyer, one, 1)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    assert [line["raffle_id"] for line in order["items"]] == [two["id"], one["id"]]
    assert numbers(await purchase_of(market.buyer, order, one)) == [1]
    assert numbers(await purchase_of(market.buyer, order, two)) == [1, 2, 3]
    assert await booked(market, one, two) == (0, 0, TICKET_PRICE, 3 * TICKET_PRICE)


async def test_tickets_alone_need_no_address_and_goods_do(market: Market) -> None:
    raffle = await published(market)
    await put(market.buyer, raffle)
    order = told(await market.buyer.post("/orders", {"payment": pay_with("tok_visa")}), 201)
    assert (order["shipping_method"], order["shipping_address"]) == ("none", None)
    assert order["totals"]["total"]["amount"] == TICKET_PRICE
    basket = await filled(market, raffle)
    problem = refused(
        await market.buyer.post("/orders", {"payment": pay_with("tok_visa")}), 400, "orders.shipping_address_required"
    )
    assert problem["errors"][0]["pointer"] == "/shipping_address"
    assert await standing(market, basket) == (STOCK, 0, 1, 0, 0)


async def test_a_declined_payment_leaves_everything_held_and_payable(market: Market) -> None:
    basket = await filled(market, await published(market))
    problem = refused(await market.buyer.check_out("tok_declined"), 402, "payments.declined")
    assert await standing(market, basket) == (STOCK, 1, 0, 2, 0)
    order = told(await market.buyer.post(f"/orders/{problem['order_id']}/payments", pay_with("tok_visa")), 201)
    assert numbers(await purchase_of(market.buyer, order, basket.raffle)) == [1, 2]
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)


async def test_an_unknown_outcome_resolves_for_all_lines(market: Market) -> None:
    basket = await filled(market, await published(market))
    order = told(await market.buyer.check_out("tok_unknown"), 202)
    waiting = await purchase_of(market.buyer, order, basket.raffle)
    assert (waiting["status"], waiting["tickets"]) == ("unknown", [])
    assert await standing(market, basket) == (STOCK, 1, 0, 2, 0)
    await market.settle_down()
    assert numbers(await purchase_of(market.buyer, order, basket.raffle)) == [1, 2]
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)


async def test_an_unpaid_order_gives_shelf_and_raffle_back_when_it_expires(market: Market) -> None:
    basket = await filled(market, await published(market))
    order = told(await market.buyer.check_out(), 201)
    assert await standing(market, basket) == (STOCK, 1, 0, 2, 0)
    await market.pass_time(minutes=31)
    await market.sweep()
    assert (await market.buyer.seen(order["id"]))["status"] == "expired"
    assert (await purchase_of(market.buyer, order, basket.raffle))["status"] == "declined"
    assert await standing(market, basket) == UNTOUCHED


async def test_an_unpaid_order_can_be_cancelled_by_its_buyer(market: Market) -> None:
    basket = await filled(market, await published(market))
    order = told(await market.buyer.check_out(), 201)
    told(await market.buyer.post(f"/orders/{order['id']}/cancel", {}), 200)
    assert await standing(market, basket) == UNTOUCHED


async def test_an_order_that_costs_nothing_is_paid_at_once(market: Market) -> None:
    raffle = await published(market, ticket_price=FREE)
    await put(market.buyer, raffle, 2)
    order = told(await market.buyer.post("/orders", {}), 201)
    assert (order["status"], numbers(await purchase_of(market.buyer, order, raffle))) == ("paid", [1, 2])


async def test_a_rehearsal_holds_nothing(market: Market) -> None:
    basket = await filled(market, await published(market))
    body = {"shipping_address": ADDRESS, "payment": pay_with("tok_visa")}
    shown = told(await market.buyer.ask("POST", "/orders", body, dry_run=True), 201)
    assert shown["totals"]["total"]["amount"] == TOTAL
    assert await standing(market, basket) == UNTOUCHED


async def test_one_cart_is_ordered_once_however_often_it_is_sent(market: Market) -> None:
    basket = await filled(market, await published(market))
    first = await market.buyer.check_out("tok_visa", key="one")
    assert told_once(await market.buyer.check_out("tok_visa", key="one")) == told_once(first)
    refused(await market.buyer.check_out("tok_visa", key="two"), 409, "cart.empty")
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)


async def test_what_one_line_may_not_have_the_whole_order_is_refused(market: Market) -> None:
    raffle = await published(market, capacity=4)
    basket = await filled(market, raffle, 3)
    await bought(market.person(Role.CUSTOMER), raffle, 2)
    refused(await market.buyer.check_out("tok_visa"), 409, "raffles.sold_out")
    assert await standing(market, basket) == (STOCK, 0, 2, 0, 0)
    assert len(told(await market.buyer.ask("GET", "/cart"), 200)["items"]) == 2
    assert await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1 AND user_id = $2", _id(market)) == []


async def test_what_somebody_holds_already_counts_towards_the_limit(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle, 2)
    await bought(market.buyer, raffle, 3)
    refused(await market.buyer.check_out("tok_visa"), 409, "raffles.limit_reached")
    assert await standing(market, basket) == (STOCK, 0, 3, 0, 0)


@pytest.mark.parametrize(
    ("terms", "reason"), [({"minimum_age": 18}, "birth_not_declared"), ({"territories": ["NO"]}, None)]
)
async def test_the_rules_of_each_raffle_are_asked(market: Market, terms: dict[str, object], reason: str | None) -> None:
    basket = await filled(market, await published(market))
    await put(market.buyer, await published(market, **terms))
    problem = refused(await market.buyer.check_out("tok_visa"), 403, "raffles.not_eligible")
    assert reason is None or problem["reason"] == reason
    assert await standing(market, basket) == UNTOUCHED


async def test_a_spending_limit_counts_the_tickets_of_all_lines_and_no_goods(market: Market) -> None:
    one, two = await published(market), await published(market)
    limit = {"period": "day", "amount": {"amount": 3 * TICKET_PRICE, "currency": "USD"}}
    told(await market.buyer.post("/play/limits", limit), 201)
    basket = await filled(market, one, 2)
    told(await put(market.buyer, two, 2), 201)
    refused(await market.buyer.check_out("tok_visa"), 409, "raffles.spend_limit_reached")
    assert await standing(market, basket) == UNTOUCHED
    cart = told(await market.buyer.ask("GET", "/cart"), 200)
    (item,) = [item for item in cart["items"] if item["raffle"] and item["raffle"]["id"] == two["id"]]
    told(await market.buyer.ask("PUT", f"/cart/items/{item['id']}", {"quantity": 1}), 200)
    told(await market.buyer.check_out("tok_visa"), 201)
    refused(await buy(market.buyer, one), 409, "raffles.spend_limit_reached")


async def test_who_has_excluded_themselves_buys_goods_and_no_tickets(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    told(await market.buyer.post("/play/exclusions", {"kind": "cool_off", "days": 7}), 201)
    refused(await market.buyer.check_out("tok_visa"), 403, "raffles.excluded")
    cart = told(await market.buyer.ask("GET", "/cart"), 200)
    told(await market.buyer.ask("DELETE", f"/cart/items/{cart['items'][1]['id']}"), 200)
    told(await market.buyer.check_out("tok_visa"), 201)
    assert await standing(market, basket) == (STOCK - 1, 0, 0, 0, 0)


async def test_a_raffle_that_closes_ends_the_orders_that_wait_for_their_payment(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    order = told(await market.buyer.check_out(), 201)
    await bought(market.person(Role.CUSTOMER), raffle, 1)
    assert (await locked(market, raffle))["status"] == "locked"
    assert (await market.buyer.seen(order["id"]))["status"] == "expired"
    assert await standing(market, basket) == (STOCK, 0, 1, 0, 0)


async def test_an_outcome_that_surfaces_after_the_lock_gives_all_of_it_back(market: Market) -> None:
    raffle = await published(market)
    basket = await filled(market, raffle)
    await bought(market.person(Role.CUSTOMER), raffle, 1)
    order = told(await market.buyer.check_out("tok_unknown"), 202)
    at(market, hours=1, minutes=6)
    await market.draw()
    assert (await seen(market, raffle))["status"] == "locked"
    assert (await purchase_of(market.buyer, order, raffle))["status"] == "void"
    await market.settle_down()
    after = await market.buyer.seen(order["id"])
    assert (after["status"], after["payment_status"]) == ("expired", "refunded")
    assert await standing(market, basket) == (STOCK, 0, 1, 0, 0)
    assert (await market.books()).held_minor == TICKET_PRICE


async def test_tickets_of_a_mixed_order_win_and_their_price_is_earned_by_the_draw(market: Market) -> None:
    raffle = await published(market, prizes=[{"name": "Chair"}], reserve_winners=0)
    await filled(market, raffle)
    order = told(await market.buyer.check_out("tok_visa"), 201)
    await drawn(market, raffle)
    (won,) = told(await market.guest().ask("GET", f"/raffles/{raffle['id']}/winners"), 200)["data"]
    assert won["number"] in numbers(await purchase_of(market.buyer, order, raffle))
    assert await booked(market, raffle) == (PRICE, SHIPPING, 0)
    assert await counts(market, raffle) == (2, 0, 0)
    assert line_of(order)["quantity"] == 1
    assert await market.flow.balance(AccountKind.ORDER_CLEARING) == 0


def _id(market: Market) -> object:
    return market.buyer.principal.user_id
