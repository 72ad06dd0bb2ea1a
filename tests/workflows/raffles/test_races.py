"""Concurrent buyers of one raffle get exactly the tickets there are, within the limits of its rules."""

import asyncio
from collections import Counter
from dataclasses import replace

from tests.workflows.market import Market, pay_with
from tests.workflows.raffles.scenario import (
    buy_tickets,
    customers,
    expect,
    post_purchase,
    publish_raffle,
    ticket_counts,
    ticket_numbers,
)


async def test_the_last_tickets_are_sold_once_to_fifty_simultaneous_buyers(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=20, per_person_limit=None)
    answers = await asyncio.gather(*(post_purchase(person, raffle, 1) for person in customers(market, 50)))
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 30}
    sold = [number for answer in answers if answer.status_code == 201 for number in ticket_numbers(answer.json())]
    assert sorted(sold) == list(range(1, 21))
    assert await ticket_counts(market, raffle) == (20, 0, 0)
    assert (await market.gateway_totals()).held_minor == 20 * 500


async def test_concurrent_purchases_of_one_person_stay_within_the_limit(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=5)
    answers = await asyncio.gather(*(post_purchase(market.buyer, raffle, 2) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 18}
    assert await ticket_counts(market, raffle) == (4, 0, 0)


async def test_expiring_paying_and_buying_at_once_lose_no_ticket(market: Market) -> None:
    market.tenant = replace(market.tenant, settings={"holds.share_per_address": 100})
    raffle = await publish_raffle(market, capacity=40, per_person_limit=None)
    people = customers(market, 10)
    held = [await buy_tickets(person, raffle, 2, token=None) for person in people]
    await market.pass_time(minutes=31)
    pays = (
        person.post(f"/orders/{purchase['order_id']}/payments", pay_with("tok_visa"))
        for person, purchase in zip(people, held, strict=True)
    )
    await asyncio.gather(
        market.sweep(),
        *pays,
        *(post_purchase(person, raffle, 3) for person in customers(market, 6)),
        return_exceptions=False,
    )
    await market.settle_down()
    sold, waiting, voided = await ticket_counts(market, raffle)
    assert (sold, waiting, voided) == (18, 0, 0)


async def test_cancelling_and_paying_one_order_concurrently_has_one_result(market: Market) -> None:
    raffle = await publish_raffle(market, capacity=100, per_person_limit=None)
    people = customers(market, 8)
    held = [await buy_tickets(person, raffle, 2, token=None) for person in people]
    await asyncio.gather(
        *(
            step
            for person, purchase in zip(people, held, strict=True)
            for step in (
                person.post(f"/orders/{purchase['order_id']}/payments", pay_with("tok_visa")),
                person.post(f"/orders/{purchase['order_id']}/cancel", {}),
            )
        )
    )
    await market.settle_down()
    paid = 0
    for person, purchase in zip(people, held, strict=True):
        after = expect(await person.request("GET", f"/purchases/{purchase['id']}"), 200)
        assert after["status"] in {"paid", "declined"}
        paid += after["status"] == "paid"
    assert await ticket_counts(market, raffle) == (2 * paid, 0, 0)
    assert (await market.gateway_totals()).held_minor == 2 * paid * 500
