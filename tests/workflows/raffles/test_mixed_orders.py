"""One order of goods and tickets has one payment, and each line is treated as if it were bought alone."""

import pytest

from luxewin.modules.identity.public import Role
from luxewin.modules.ledger.public import AccountKind
from tests.workflows.market import ADDRESS, PRICE, SHIPPING, Market, pay_with, status_and_content
from tests.workflows.raffles.baskets import (
    STOCK,
    UNCHANGED,
    booked_amounts,
    fill_cart,
    order_line,
    read_purchase,
    stock_and_tickets,
)
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    add_to_cart,
    buy_tickets,
    draw_raffle,
    expect,
    expect_error,
    lock_raffle,
    post_purchase,
    publish_raffle,
    read_raffle,
    set_clock,
    ticket_counts,
    ticket_numbers,
)

TICKETS = 2 * TICKET_PRICE
TOTAL = PRICE + SHIPPING + TICKETS
FREE = {"amount": 0, "currency": "USD"}


async def test_one_payment_buys_goods_and_tickets(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    assert (order["status"], order["totals"]["total"]["amount"]) == ("paid", TOTAL)
    assert order["shipping_address"]["city"] == ADDRESS["city"]
    assert [line["kind"] for line in order["items"]] == ["goods", "ticket"]
    purchase = await read_purchase(market.buyer, order, raffle)
    assert (purchase["status"], ticket_numbers(purchase), purchase["order_id"]) == ("paid", [1, 2], order["id"])
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert await booked_amounts(market, raffle) == (PRICE, SHIPPING, TICKETS)
    assert (await market.gateway_totals()).held_minor == TOTAL
    assert expect(await market.buyer.request("GET", "/cart"), 200)["items"] == []


async def test_tickets_of_two_raffles_are_two_purchases_of_one_order(market: Market) -> None:
    one, two = await publish_raffle(market), await publish_raffle(market)
    await add_to_cart(market.buyer, two, 3)
    await add_to_cart(market.buyer, one, 1)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    assert [line["raffle_id"] for line in order["items"]] == [two["id"], one["id"]]
    assert ticket_numbers(await read_purchase(market.buyer, order, one)) == [1]
    assert ticket_numbers(await read_purchase(market.buyer, order, two)) == [1, 2, 3]
    assert await booked_amounts(market, one, two) == (0, 0, TICKET_PRICE, 3 * TICKET_PRICE)


async def test_tickets_alone_need_no_address_and_goods_do(market: Market) -> None:
    raffle = await publish_raffle(market)
    await add_to_cart(market.buyer, raffle)
    order = expect(await market.buyer.post("/orders", {"payment": pay_with("tok_visa")}), 201)
    assert (order["shipping_method"], order["shipping_address"]) == ("none", None)
    assert order["totals"]["total"]["amount"] == TICKET_PRICE
    basket = await fill_cart(market, raffle)
    problem = expect_error(
        await market.buyer.post("/orders", {"payment": pay_with("tok_visa")}), 400, "orders.shipping_address_required"
    )
    assert problem["errors"][0]["pointer"] == "/shipping_address"
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 1, 0, 0)


async def test_a_declined_payment_leaves_everything_held_and_payable(market: Market) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    problem = expect_error(await market.buyer.check_out("tok_declined"), 402, "payments.declined")
    assert await stock_and_tickets(market, basket) == (STOCK, 1, 0, 2, 0)
    order = expect(await market.buyer.post(f"/orders/{problem['order_id']}/payments", pay_with("tok_visa")), 201)
    assert ticket_numbers(await read_purchase(market.buyer, order, basket.raffle)) == [1, 2]
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)


async def test_an_unknown_outcome_resolves_for_all_lines(market: Market) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    order = expect(await market.buyer.check_out("tok_unknown"), 202)
    waiting = await read_purchase(market.buyer, order, basket.raffle)
    assert (waiting["status"], waiting["tickets"]) == ("unknown", [])
    assert await stock_and_tickets(market, basket) == (STOCK, 1, 0, 2, 0)
    await market.settle_down()
    assert ticket_numbers(await read_purchase(market.buyer, order, basket.raffle)) == [1, 2]
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)


async def test_an_expired_order_releases_stock_and_tickets(market: Market) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    order = expect(await market.buyer.check_out(), 201)
    assert await stock_and_tickets(market, basket) == (STOCK, 1, 0, 2, 0)
    await market.pass_time(minutes=31)
    await market.sweep()
    assert (await market.buyer.read_order(order["id"]))["status"] == "expired"
    assert (await read_purchase(market.buyer, order, basket.raffle))["status"] == "declined"
    assert await stock_and_tickets(market, basket) == UNCHANGED


async def test_an_unpaid_order_can_be_cancelled_by_its_buyer(market: Market) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    order = expect(await market.buyer.check_out(), 201)
    expect(await market.buyer.post(f"/orders/{order['id']}/cancel", {}), 200)
    assert await stock_and_tickets(market, basket) == UNCHANGED


async def test_an_order_that_costs_nothing_is_paid_at_once(market: Market) -> None:
    raffle = await publish_raffle(market, ticket_price=FREE)
    await add_to_cart(market.buyer, raffle, 2)
    order = expect(await market.buyer.post("/orders", {}), 201)
    assert (order["status"], ticket_numbers(await read_purchase(market.buyer, order, raffle))) == ("paid", [1, 2])


async def test_a_dry_run_holds_nothing(market: Market) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    body = {"shipping_address": ADDRESS, "payment": pay_with("tok_visa")}
    order = expect(await market.buyer.request("POST", "/orders", body, dry_run=True), 201)
    assert order["totals"]["total"]["amount"] == TOTAL
    assert await stock_and_tickets(market, basket) == UNCHANGED


async def test_one_cart_is_ordered_once_however_often_it_is_sent(market: Market) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    first = await market.buyer.check_out("tok_visa", key="one")
    assert status_and_content(await market.buyer.check_out("tok_visa", key="one")) == status_and_content(first)
    expect_error(await market.buyer.check_out("tok_visa", key="two"), 409, "cart.empty")
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)


async def test_an_order_with_one_unavailable_line_is_refused(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=4)
    basket = await fill_cart(market, raffle, 3)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 2)
    expect_error(await market.buyer.check_out("tok_visa"), 409, "raffles.sold_out")
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 2, 0, 0)
    assert len(expect(await market.buyer.request("GET", "/cart"), 200)["items"]) == 2
    assert await market.rows("SELECT id FROM orders_orders WHERE tenant_id = $1 AND user_id = $2", _id(market)) == []


async def test_tickets_already_held_count_towards_the_limit(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle, 2)
    await buy_tickets(market.buyer, raffle, 3)
    expect_error(await market.buyer.check_out("tok_visa"), 409, "raffles.limit_reached")
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 3, 0, 0)


@pytest.mark.parametrize(
    ("terms", "reason"), [({"minimum_age": 18}, "birth_not_declared"), ({"territories": ["NO"]}, None)]
)
async def test_the_rules_of_each_raffle_are_checked(
    market: Market, terms: dict[str, object], reason: str | None
) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    await add_to_cart(market.buyer, await publish_raffle(market, **terms))
    problem = expect_error(await market.buyer.check_out("tok_visa"), 403, "raffles.not_eligible")
    assert reason is None or problem["reason"] == reason
    assert await stock_and_tickets(market, basket) == UNCHANGED


async def test_a_spending_limit_counts_the_tickets_of_all_lines_and_no_goods(market: Market) -> None:
    one, two = await publish_raffle(market), await publish_raffle(market)
    limit = {"period": "day", "amount": {"amount": 3 * TICKET_PRICE, "currency": "USD"}}
    expect(await market.buyer.post("/play/limits", limit), 201)
    basket = await fill_cart(market, one, 2)
    expect(await add_to_cart(market.buyer, two, 2), 201)
    expect_error(await market.buyer.check_out("tok_visa"), 409, "raffles.spend_limit_reached")
    assert await stock_and_tickets(market, basket) == UNCHANGED
    cart = expect(await market.buyer.request("GET", "/cart"), 200)
    (item,) = [item for item in cart["items"] if item["raffle"] and item["raffle"]["id"] == two["id"]]
    expect(await market.buyer.request("PUT", f"/cart/items/{item['id']}", {"quantity": 1}), 200)
    expect(await market.buyer.check_out("tok_visa"), 201)
    expect_error(await post_purchase(market.buyer, one), 409, "raffles.spend_limit_reached")


async def test_an_excluded_person_buys_goods_and_no_tickets(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    expect(await market.buyer.post("/play/exclusions", {"kind": "cool_off", "days": 7}), 201)
    expect_error(await market.buyer.check_out("tok_visa"), 403, "raffles.excluded")
    cart = expect(await market.buyer.request("GET", "/cart"), 200)
    expect(await market.buyer.request("DELETE", f"/cart/items/{cart['items'][1]['id']}"), 200)
    expect(await market.buyer.check_out("tok_visa"), 201)
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 0, 0, 0)


async def test_a_raffle_that_closes_ends_orders_with_pending_payments(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out(), 201)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 1)
    assert (await lock_raffle(market, raffle))["status"] == "locked"
    assert (await market.buyer.read_order(order["id"]))["status"] == "expired"
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 1, 0, 0)


async def test_a_payment_that_succeeds_after_the_lock_is_refunded_completely(market: Market) -> None:
    raffle = await publish_raffle(market)
    basket = await fill_cart(market, raffle)
    await buy_tickets(market.person(Role.CUSTOMER), raffle, 1)
    order = expect(await market.buyer.check_out("tok_unknown"), 202)
    set_clock(market, hours=1, minutes=6)
    await market.draw()
    assert (await read_raffle(market, raffle))["status"] == "locked"
    assert (await read_purchase(market.buyer, order, raffle))["status"] == "void"
    await market.settle_down()
    after = await market.buyer.read_order(order["id"])
    assert (after["status"], after["payment_status"]) == ("expired", "refunded")
    assert await stock_and_tickets(market, basket) == (STOCK, 0, 1, 0, 0)
    assert (await market.gateway_totals()).held_minor == TICKET_PRICE


async def test_tickets_of_a_mixed_order_win_and_their_price_is_earned_by_the_draw(market: Market) -> None:
    raffle = await publish_raffle(market, prizes=[{"name": "Chair"}], reserve_winners=0)
    await fill_cart(market, raffle)
    order = expect(await market.buyer.check_out("tok_visa"), 201)
    await draw_raffle(market, raffle)
    (won,) = expect(await market.guest().request("GET", f"/raffles/{raffle['id']}/winners"), 200)["data"]
    assert won["number"] in ticket_numbers(await read_purchase(market.buyer, order, raffle))
    assert await booked_amounts(market, raffle) == (PRICE, SHIPPING, 0)
    assert await ticket_counts(market, raffle) == (2, 0, 0)
    assert order_line(order)["quantity"] == 1
    assert await market.flow.balance(AccountKind.ORDER_CLEARING) == 0


def _id(market: Market) -> object:
    return market.buyer.principal.user_id
