"""What is not paid is reserved within limits: it neither decides a raffle nor empties the stock."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from luxewin.modules.identity.public import Role
from luxewin.workflows.expire_orders.workflow import expire_due_orders
from tests.workflows.market import ADDRESS, Market, Person
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    draw_raffle,
    expect,
    expect_error,
    post_purchase,
    publish_raffle,
    read_public,
    read_raffle,
    set_clock,
)


def use_settings(market: Market, **settings: int) -> None:
    """Change settings of the tenant, named without `holds.`."""
    market.tenant = replace(market.tenant, settings={f"holds.{name}": value for name, value in settings.items()})


async def hold_tickets(person: Person, raffle: dict[str, Any], quantity: int) -> Any:
    """Request tickets without a payment."""
    return await post_purchase(person, raffle, quantity, token=None)


async def test_a_buyer_who_pays_one_ticket_cannot_hold_the_rest_and_draw_alone(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=100)
    attacker, others = market.buyer, customers(market, 5)
    await buy_tickets(attacker, raffle)
    problem = expect_error(await hold_tickets(attacker, raffle, 99), 409, "orders.hold_too_large")
    assert problem["limit"] == 19
    assert "send a `payment`" in problem["detail"]
    expect(await hold_tickets(attacker, raffle, 19), 201)
    expect_error(await hold_tickets(attacker, raffle, 1), 409, "orders.hold_too_large")
    for person in others:
        await buy_tickets(person, raffle)
    shown = await read_raffle(market, raffle)
    assert (shown["tickets_entered"], shown["tickets_held"], shown["tickets_left"]) == (6, 19, 75)
    await draw_raffle(market, raffle)
    assert (await read_public(market, raffle, "receipt"))["receipt"]["entries"] == 6
    assert await market.find_violations() == []


async def test_many_accounts_at_one_address_share_its_limit(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=100)
    accounts = [market.person(Role.CUSTOMER, address="198.51.100.7") for _ in range(6)]
    answers = await asyncio.gather(*(hold_tickets(person, raffle, 15) for person in accounts))
    assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409, 409]
    assert (await read_raffle(market, raffle))["tickets_held"] == 30


async def test_tickets_are_held_for_minutes_and_sold_again_before_the_raffle_closes(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=10, per_person_limit=10)
    expect(await hold_tickets(market.buyer, raffle, 10), 201)
    (other,) = customers(market, 1)
    expect_error(await post_purchase(other, raffle, 1), 409, "raffles.sold_out")
    set_clock(market, minutes=10, seconds=1)
    await market.sweep()
    assert (await read_raffle(market, raffle))["tickets_held"] == 0
    market_other = market.person_as(other.principal)
    await buy_tickets(market_other, raffle, 1)


async def test_shortly_before_the_close_tickets_are_sold_only_with_a_payment(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=100)
    set_clock(market, minutes=54, seconds=30)
    buyer = market.person_as(market.buyer.principal)
    problem = expect_error(await hold_tickets(buyer, raffle, 1), 409, "orders.pay_at_once")
    assert problem["closes_at"]
    expect_error(await post_purchase(buyer, raffle, 50, token="tok_declined"), 409, "orders.hold_too_large")
    expect_error(await post_purchase(buyer, raffle, 5, token="tok_declined"), 402, "payments.declined")
    set_clock(market, minutes=56, seconds=35)
    await market.sweep()
    assert (await read_raffle(market, raffle))["tickets_held"] == 0
    await buy_tickets(market.person_as(market.buyer.principal), raffle, 1)


async def test_a_guest_cannot_reserve_the_whole_stock_without_paying(market: Market) -> None:
    variant = await market.create_variant(stock=10_000)
    first, second = market.guest(), market.guest()
    await first.add_to_cart(variant, 5_000)
    problem = expect_error(await first.check_out(email="a@example.com"), 409, "orders.hold_too_large")
    assert problem["limit"] == 2_000
    for person, quantity in ((first, 2_000), (second, 1_600)):
        cart = expect(await person.request("GET", "/cart"), 200)
        if cart["items"]:
            await person.request("PUT", f"/cart/items/{cart['items'][0]['id']}", {"quantity": quantity})
        else:
            await person.add_to_cart(variant, quantity)
    expect(await first.check_out(email="a@example.com"), 201)
    expect(await second.check_out(email="b@example.com"), 201)
    third = market.guest()
    await third.add_to_cart(variant, 401)
    expect_error(await third.check_out(email="c@example.com"), 409, "orders.hold_too_large")
    expect(await third.check_out("tok_visa", email="c@example.com"), 201)


async def test_orders_that_are_cancelled_and_placed_again_use_up_a_budget(market: Market) -> None:
    use_settings(market, unpaid_per_person=3)
    variant = await market.create_variant(stock=100)
    buyer = market.person_as(market.buyer.principal)
    for _ in range(3):
        order = await buyer.place_order(variant)
        expect(await buyer.post(f"/orders/{order['id']}/cancel", {}), 200)
    await buyer.add_to_cart(variant)
    problem = expect_error(await buyer.check_out(), 409, "orders.too_many_unpaid")
    assert problem["limit"] == 3
    market.tenant = replace(market.tenant, clock_offset=timedelta(hours=1, seconds=5))
    expect(await market.person_as(market.buyer.principal).check_out(), 201)


async def test_open_orders_are_limited_also_for_simultaneous_requests(market: Market) -> None:
    use_settings(market, orders_per_person=2)
    variant = await market.create_variant(stock=100)
    buyer = market.person_as(market.buyer.principal)
    item = {"variant_id": str(variant), "quantity": 1}
    order = {"items": [item], "shipping_address": ADDRESS}
    answers = await asyncio.gather(*(buyer.post("/orders", order) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201, 201] + [409] * 6
    paid = {**order, "payment": {"gateway": "simulator", "token": "tok_visa"}}
    expect(await buyer.post("/orders", paid), 201)


async def test_large_orders_whose_payment_fails_are_held_briefly_and_only_a_few_times(market: Market) -> None:
    variant = await market.create_variant(stock=100)
    buyer = market.buyer
    order = {"items": [{"variant_id": str(variant), "quantity": 100}], "shipping_address": ADDRESS}
    declined = {**order, "payment": {"gateway": "simulator", "token": "tok_declined"}}
    for _ in range(3):
        expect_error(await buyer.post("/orders", declined), 402, "payments.declined")
        await market.pass_time(minutes=5, seconds=1)
        await market.sweep()
    expect_error(await buyer.post("/orders", declined), 409, "orders.hold_too_large")


async def test_a_payment_that_stays_unknown_does_not_hold_stock_for_ever(market: Market) -> None:
    use_settings(market, stuck_payment_hours=2)
    variant = await market.create_variant(stock=5)
    order = await market.person_as(market.buyer.principal).place_order(variant, "tok_unknown", quantity=5)
    await market.pass_time(hours=1)
    await expire(market)
    assert await status_of(market, order) == "pending_payment"
    await market.pass_time(hours=2)
    await expire(market)
    assert await status_of(market, order) == "expired"
    await market.settle_down()
    assert (await market.gateway_totals()).refunded_minor == order["totals"]["total"]["amount"]
    assert await market.find_violations() == []


async def expire(market: Market) -> None:
    """Run only the sweep that expires orders."""
    await expire_due_orders(market.database, market.tenant, market.gateways)


async def status_of(market: Market, order: dict[str, Any]) -> str:
    """Return the status of an order."""
    status: str = (await market.buyer.read_order(order["id"]))["status"]
    return status
