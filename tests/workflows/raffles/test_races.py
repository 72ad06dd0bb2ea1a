"""However many buyers meet at one raffle, it sells what it has, and each person gets what the rules allow."""

import asyncio
from collections import Counter

from tests.workflows.market import Market, pay_with
from tests.workflows.raffles.fair import bought, buy, buyers, counts, numbers, published, told


async def test_the_last_tickets_are_sold_once_to_fifty_simultaneous_buyers(market: Market) -> None:
    raffle = await published(market, capacity=20, per_person_limit=None)
    answers = await asyncio.gather(*(buy(person, raffle, 1) for person in buyers(market, 50)))
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 30}
    sold = [number for answer in answers if answer.status_code == 201 for number in numbers(answer.json())]
    assert sorted(sold) == list(range(1, 21))
    assert await counts(market, raffle) == (20, 0, 0)
    assert (await market.books()).held_minor == 20 * 500


async def test_one_person_with_twenty_windows_stays_within_their_limit(market: Market) -> None:
    raffle = await published(market, capacity=100, per_person_limit=5)
    answers = await asyncio.gather(*(buy(market.buyer, raffle, 2) for _ in range(20)))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 18}
    assert await counts(market, raffle) == (4, 0, 0)


async def test_expiring_paying_and_buying_at_once_lose_no_ticket(market: Market) -> None:
    raffle = await published(market, capacity=40, per_person_limit=None)
    people = buyers(market, 10)
    held = [await bought(person, raffle, 2, token=None) for person in people]
    await market.pass_time(minutes=31)
    pays = (
        person.post(f"/orders/{purchase['order_id']}/payments", pay_with("tok_visa"))
        for person, purchase in zip(people, held, strict=True)
    )
    await asyncio.gather(
        market.sweep(), *pays, *(buy(person, raffle, 3) for person in buyers(market, 6)), return_exceptions=False
    )
    await market.settle_down()
    sold, waiting, voided = await counts(market, raffle)
    assert (sold, waiting, voided) == (18, 0, 0)


async def test_cancelling_and_paying_one_order_at_once_ends_it_one_way(market: Market) -> None:
    raffle = await published(market, capacity=100, per_person_limit=None)
    people = buyers(market, 8)
    held = [await bought(person, raffle, 2, token=None) for person in people]
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
        after = told(await person.ask("GET", f"/purchases/{purchase['id']}"), 200)
        assert after["status"] in {"paid", "declined"}
        paid += after["status"] == "paid"
    assert await counts(market, raffle) == (2 * paid, 0, 0)
    assert (await market.books()).held_minor == 2 * paid * 500
