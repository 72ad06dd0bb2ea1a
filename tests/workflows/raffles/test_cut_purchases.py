"""A process may die at any step of a purchase: a repeat, or the sweeps, bring it to one end, with one effect."""

import asyncio

import pytest

from tests.workflows.market import Market, told_once
from tests.workflows.mortality import Killed
from tests.workflows.raffles.fair import buy, counts, numbers, published
from tests.workflows.workflow_cases import CHARGED

BOUGHT = (*CHARGED, "commit")
"""The answer is put together apart, so that the raffle's counter is locked no longer than it must."""

CUTS = range(1, len(BOUGHT) + 1)


async def test_buying_tickets_takes_the_steps_at_which_it_is_cut_below(market: Market) -> None:
    raffle = await published(market)
    market.thread.mend()
    answer = await buy(market.buyer, raffle, 2, key="one")
    assert (answer.status_code, tuple(market.thread.steps)) == (201, BOUGHT)


@pytest.mark.parametrize("after", CUTS)
@pytest.mark.parametrize("sweeps_first", [False, True])
async def test_a_repeat_under_the_same_key_ends_a_cut_purchase(market: Market, after: int, sweeps_first: bool) -> None:
    raffle = await published(market)
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await buy(market.buyer, raffle, 2, key="one")
    market.thread.mend()
    if sweeps_first:
        await market.settle_down()
    await market.pass_time(seconds=31)
    repeated = await buy(market.buyer, raffle, 2, key="one")
    assert (repeated.status_code, numbers(repeated.json())) == (201, [1, 2]), repeated.text
    assert told_once(await buy(market.buyer, raffle, 2, key="one")) == told_once(repeated)
    await market.settle_down()
    assert await counts(market, raffle) == (2, 0, 0)
    assert (await market.books()).held_minor == 1_000


@pytest.mark.parametrize("after", CUTS)
async def test_the_sweeps_end_a_cut_purchase_that_nobody_repeats(market: Market, after: int) -> None:
    raffle = await published(market)
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await buy(market.buyer, raffle, 2, key="one")
    market.thread.mend()
    await market.settle_down()
    assert await counts(market, raffle) == (2, 0, 0)
    assert (await market.books()).held_minor == 1_000


async def test_simultaneous_equal_purchases_have_one_effect_and_equal_answers(market: Market) -> None:
    raffle = await published(market)
    first, *others = await asyncio.gather(*(buy(market.buyer, raffle, 2, key="one") for _ in range(8)))
    assert first.status_code == 201, first.text
    assert [told_once(other) for other in others] == [told_once(first)] * 7
    assert await counts(market, raffle) == (2, 0, 0)
