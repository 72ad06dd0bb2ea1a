"""Carts and direct purchases compete for the same tickets and the same stock, and survive interruptions."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from luxewin.modules.identity.public import Role
from tests.workflows.market import PRICE, SHIPPING, Market, Person, pay_with, status_and_content
from tests.workflows.mortality import Killed
from tests.workflows.raffles.baskets import STOCK, fill_cart, read_purchase, request_refund, stock_and_tickets
from tests.workflows.raffles.scenario import (
    TICKET_PRICE,
    add_to_cart,
    buy_tickets,
    customers,
    expect,
    post_purchase,
    publish_raffle,
    ticket_counts,
    ticket_numbers,
)
from tests.workflows.raffles.test_claims import stock_level
from tests.workflows.workflow_cases import CHARGED

TOTAL = PRICE + SHIPPING + 2 * TICKET_PRICE


async def test_carts_and_direct_purchases_share_the_last_tickets(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=20, per_person_limit=None)
    variant_id = await market.create_variant(stock=100)
    people, direct = customers(market, 25), customers(market, 25)
    for person in people:
        await person.add_to_cart(variant_id)
        expect(await add_to_cart(person, raffle), 201)
    answers = await asyncio.gather(
        *(
            ask
            for pair in zip(people, direct, strict=True)
            for ask in (_ordered(pair[0]), post_purchase(pair[1], raffle))
        )
    )
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 30}
    mixed = [
        (person, answer.json())
        for person, answer in zip(people, answers[::2], strict=True)
        if answer.status_code == 201
    ]
    sold = [number for answer in answers[1::2] if answer.status_code == 201 for number in ticket_numbers(answer.json())]
    for person, order in mixed:
        sold += ticket_numbers(await read_purchase(person, order, raffle))
    assert sorted(sold) == list(range(1, 21))
    assert await ticket_counts(market, raffle) == (20, 0, 0)
    assert await stock_level(market, variant_id) == (100 - len(mixed), 0)
    assert (await market.gateway_totals()).held_minor == 20 * TICKET_PRICE + len(mixed) * (PRICE + SHIPPING)


async def test_the_last_units_in_stock_limit_the_tickets_ordered_with_them(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=None)
    variant_id = await market.create_variant(stock=6)
    people = customers(market, 20)
    for person in people:
        await person.add_to_cart(variant_id)
        expect(await add_to_cart(person, raffle, 2), 201)
    answers = await asyncio.gather(*map(_ordered, people))
    assert Counter(answer.status_code for answer in answers) == {201: 6, 409: 14}
    assert (await ticket_counts(market, raffle), await stock_level(market, variant_id)) == ((12, 0, 0), (0, 0))


async def test_concurrent_carts_and_purchases_of_one_person_stay_within_the_limit(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=5)
    await fill_cart(market, raffle, 2)
    answers = await asyncio.gather(_ordered(market.buyer), *(post_purchase(market.buyer, raffle, 2) for _ in range(12)))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 11}
    assert await ticket_counts(market, raffle) == (4, 0, 0)


async def test_carts_that_name_two_raffles_in_either_order_are_all_served(market: Market) -> None:
    one, two = [await publish_raffle(market, capacity=200, per_person_limit=None) for _ in range(2)]
    people = customers(market, 24)
    for place, person in enumerate(people):
        for raffle in (one, two) if place % 2 else (two, one):
            expect(await add_to_cart(person, raffle, 2), 201)
    answers = await asyncio.gather(*map(_ordered, people))
    assert Counter(answer.status_code for answer in answers) == {201: 24}
    assert (await ticket_counts(market, one), await ticket_counts(market, two)) == ((48, 0, 0), (48, 0, 0))


async def test_buying_refunding_and_expiring_mixed_orders_at_once_lose_nothing(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=None)
    variant_id = await market.create_variant(stock=100)

    async def ready(person: Person) -> Person:
        await person.add_to_cart(variant_id)
        expect(await add_to_cart(person, raffle, 2), 201)
        return person

    paid = [expect(await _ordered(await ready(person)), 201) for person in customers(market, 6)]
    waiting = [expect(await (await ready(person)).check_out(), 201) for person in customers(market, 6)]
    fresh = [await ready(person) for person in customers(market, 6)]
    await market.pass_time(minutes=31)
    await asyncio.gather(
        market.sweep(),
        *(request_refund(market, order, restock=True) for order in paid),
        *(market.staff.post(f"/orders/{order['id']}/payments", pay_with("tok_visa")) for order in waiting),
        *map(_ordered, fresh),
    )
    await market.settle_down()
    assert await ticket_counts(market, raffle) == (24, 0, 12)
    assert await stock_level(market, variant_id) == (94, 0)
    assert (await market.gateway_totals()).held_minor == 6 * TOTAL


CUTS = range(1, len(CHARGED) + 1)


async def test_a_mixed_order_has_the_expected_crash_points(market: Market) -> None:
    await fill_cart(market, await publish_raffle(market))
    market.process.restart()
    answer = await market.buyer.check_out("tok_visa", key="one")
    assert (answer.status_code, tuple(market.process.steps)) == (201, CHARGED)


@pytest.mark.parametrize("after", CUTS)
@pytest.mark.parametrize("sweeps_first", [False, True])
async def test_a_repeat_with_the_same_key_completes_an_interrupted_order(
    market: Market, after: int, sweeps_first: bool
) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_visa", key="one")
    market.process.restart()
    if sweeps_first:
        await market.settle_down()
    await market.pass_time(seconds=31)
    repeated = await market.buyer.check_out("tok_visa", key="one")
    order: dict[str, Any] = expect(repeated, 201)
    assert ticket_numbers(await read_purchase(market.buyer, order, basket.raffle)) == [1, 2]
    assert status_and_content(await market.buyer.check_out("tok_visa", key="one")) == status_and_content(repeated)
    await market.settle_down()
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert (await market.gateway_totals()).held_minor == TOTAL


@pytest.mark.parametrize("after", CUTS)
async def test_the_sweeps_complete_an_interrupted_order(market: Market, after: int) -> None:
    basket = await fill_cart(market, await publish_raffle(market))
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_visa", key="one")
    market.process.restart()
    await market.settle_down()
    assert await stock_and_tickets(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert (await market.gateway_totals()).held_minor == TOTAL


async def test_a_cart_and_a_direct_purchase_of_one_person_are_numbered_in_sequence(market: Market) -> None:
    raffle = await publish_raffle(market)
    await fill_cart(market, raffle)
    assert ticket_numbers(await buy_tickets(market.person(Role.CUSTOMER), raffle, 1)) == [1]
    order = expect(await _ordered(market.buyer), 201)
    assert ticket_numbers(await read_purchase(market.buyer, order, raffle)) == [2, 3]
    assert ticket_numbers(await buy_tickets(market.buyer, raffle, 1)) == [4]


async def _ordered(person: Person) -> Any:
    return await person.check_out("tok_visa")
