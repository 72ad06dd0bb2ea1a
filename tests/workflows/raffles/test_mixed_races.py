"""Carts and direct purchases meet at the same raffles and the same shelf, or die in the middle of it."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from luxewin.kit.access import Role
from tests.workflows.market import PRICE, SHIPPING, Market, Person, pay_with, told_once
from tests.workflows.mortality import Killed
from tests.workflows.raffles.baskets import STOCK, filled, give_back, purchase_of, standing
from tests.workflows.raffles.fair import (
    TICKET_PRICE,
    bought,
    buy,
    buyers,
    counts,
    numbers,
    published,
    put,
    told,
)
from tests.workflows.raffles.test_claims import shelf
from tests.workflows.workflow_cases import CHARGED

TOTAL = PRICE + SHIPPING + 2 * TICKET_PRICE


async def test_carts_and_direct_purchases_share_the_last_tickets(market: Market) -> None:
    raffle = await published(market, capacity=20, per_person_limit=None)
    variant_id = await market.goods(stock=100)
    people, direct = buyers(market, 25), buyers(market, 25)
    for person in people:
        await person.take(variant_id)
        told(await put(person, raffle), 201)
    answers = await asyncio.gather(
        *(ask for pair in zip(people, direct, strict=True) for ask in (_ordered(pair[0]), buy(pair[1], raffle)))
    )
    assert Counter(answer.status_code for answer in answers) == {201: 20, 409: 30}
    mixed = [
        (person, answer.json())
        for person, answer in zip(people, answers[::2], strict=True)
        if answer.status_code == 201
    ]
    sold = [number for answer in answers[1::2] if answer.status_code == 201 for number in numbers(answer.json())]
    for person, order in mixed:
        sold += numbers(await purchase_of(person, order, raffle))
    assert sorted(sold) == list(range(1, 21))
    assert await counts(market, raffle) == (20, 0, 0)
    assert await shelf(market, variant_id) == (100 - len(mixed), 0)
    assert (await market.books()).held_minor == 20 * TICKET_PRICE + len(mixed) * (PRICE + SHIPPING)


async def test_the_last_pieces_limit_the_tickets_that_come_with_them(market: Market) -> None:
    raffle = await published(market, capacity=100, per_person_limit=None)
    variant_id = await market.goods(stock=6)
    people = buyers(market, 20)
    for person in people:
        await person.take(variant_id)
        told(await put(person, raffle, 2), 201)
    answers = await asyncio.gather(*map(_ordered, people))
    assert Counter(answer.status_code for answer in answers) == {201: 6, 409: 14}
    assert (await counts(market, raffle), await shelf(market, variant_id)) == ((12, 0, 0), (0, 0))


async def test_one_person_with_a_cart_and_many_windows_stays_within_their_limit(market: Market) -> None:
    raffle = await published(market, capacity=100, per_person_limit=5)
    await filled(market, raffle, 2)
    answers = await asyncio.gather(_ordered(market.buyer), *(buy(market.buyer, raffle, 2) for _ in range(12)))
    assert Counter(answer.status_code for answer in answers) == {201: 2, 409: 11}
    assert await counts(market, raffle) == (4, 0, 0)


async def test_carts_that_name_two_raffles_in_either_order_are_all_served(market: Market) -> None:
    one, two = [await published(market, capacity=200, per_person_limit=None) for _ in range(2)]
    people = buyers(market, 24)
    for place, person in enumerate(people):
        for raffle in (one, two) if place % 2 else (two, one):
            told(await put(person, raffle, 2), 201)
    answers = await asyncio.gather(*map(_ordered, people))
    assert Counter(answer.status_code for answer in answers) == {201: 24}
    assert (await counts(market, one), await counts(market, two)) == ((48, 0, 0), (48, 0, 0))


async def test_buying_refunding_and_expiring_mixed_orders_at_once_lose_nothing(market: Market) -> None:
    raffle = await published(market, capacity=100, per_person_limit=None)
    variant_id = await market.goods(stock=100)

    async def ready(person: Person) -> Person:
        await person.take(variant_id)
        told(await put(person, raffle, 2), 201)
        return person

    paid = [told(await _ordered(await ready(person)), 201) for person in buyers(market, 6)]
    waiting = [told(await (await ready(person)).check_out(), 201) for person in buyers(market, 6)]
    fresh = [await ready(person) for person in buyers(market, 6)]
    await market.pass_time(minutes=31)
    await asyncio.gather(
        market.sweep(),
        *(give_back(market, order, restock=True) for order in paid),
        *(market.staff.post(f"/orders/{order['id']}/payments", pay_with("tok_visa")) for order in waiting),
        *map(_ordered, fresh),
    )
    await market.settle_down()
    assert await counts(market, raffle) == (24, 0, 12)
    assert await shelf(market, variant_id) == (94, 0)
    assert (await market.books()).held_minor == 6 * TOTAL


CUTS = range(1, len(CHARGED) + 1)


async def test_a_mixed_order_takes_the_steps_at_which_it_is_cut_below(market: Market) -> None:
    await filled(market, await published(market))
    market.thread.mend()
    answer = await market.buyer.check_out("tok_visa", key="one")
    assert (answer.status_code, tuple(market.thread.steps)) == (201, CHARGED)


@pytest.mark.parametrize("after", CUTS)
@pytest.mark.parametrize("sweeps_first", [False, True])
async def test_a_repeat_under_the_same_key_ends_a_cut_order(market: Market, after: int, sweeps_first: bool) -> None:
    basket = await filled(market, await published(market))
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_visa", key="one")
    market.thread.mend()
    if sweeps_first:
        await market.settle_down()
    await market.pass_time(seconds=31)
    repeated = await market.buyer.check_out("tok_visa", key="one")
    order: dict[str, Any] = told(repeated, 201)
    assert numbers(await purchase_of(market.buyer, order, basket.raffle)) == [1, 2]
    assert told_once(await market.buyer.check_out("tok_visa", key="one")) == told_once(repeated)
    await market.settle_down()
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert (await market.books()).held_minor == TOTAL


@pytest.mark.parametrize("after", CUTS)
async def test_the_sweeps_end_a_cut_order_that_nobody_repeats(market: Market, after: int) -> None:
    basket = await filled(market, await published(market))
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await market.buyer.check_out("tok_visa", key="one")
    market.thread.mend()
    await market.settle_down()
    assert await standing(market, basket) == (STOCK - 1, 0, 2, 0, 0)
    assert (await market.books()).held_minor == TOTAL


async def test_a_cart_and_a_direct_purchase_of_one_person_are_numbered_one_after_the_other(market: Market) -> None:
    raffle = await published(market)
    await filled(market, raffle)
    assert numbers(await bought(market.person(Role.CUSTOMER), raffle, 1)) == [1]
    order = told(await _ordered(market.buyer), 201)
    assert numbers(await purchase_of(market.buyer, order, raffle)) == [2, 3]
    assert numbers(await bought(market.buyer, raffle, 1)) == [4]


async def _ordered(person: Person) -> Any:
    return await person.check_out("tok_visa")
