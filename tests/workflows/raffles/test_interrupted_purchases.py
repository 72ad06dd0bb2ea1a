"""A process may die at any step of a purchase: a repeat, or the sweeps, complete it with one effect."""

import asyncio

import pytest

from tests.workflows.market import Market, status_and_content
from tests.workflows.mortality import Killed
from tests.workflows.raffles.scenario import post_purchase, publish_raffle, ticket_counts, ticket_numbers
from tests.workflows.workflow_cases import CHARGED

BOUGHT = (*CHARGED, "commit")
"""The response is read in a second transaction, so that the raffle's counter is locked as briefly as possible."""

CUTS = range(1, len(BOUGHT) + 1)


async def test_buying_tickets_has_the_expected_crash_points(market: Market) -> None:
    raffle = await publish_raffle(market)
    market.process.restart()
    answer = await post_purchase(market.buyer, raffle, 2, key="one")
    assert (answer.status_code, tuple(market.process.steps)) == (201, BOUGHT)


@pytest.mark.parametrize("after", CUTS)
@pytest.mark.parametrize("sweeps_first", [False, True])
async def test_a_repeat_with_the_same_key_completes_an_interrupted_purchase(
    market: Market, after: int, sweeps_first: bool
) -> None:
    raffle = await publish_raffle(market)
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await post_purchase(market.buyer, raffle, 2, key="one")
    market.process.restart()
    if sweeps_first:
        await market.settle_down()
    await market.pass_time(seconds=31)
    repeated = await post_purchase(market.buyer, raffle, 2, key="one")
    assert (repeated.status_code, ticket_numbers(repeated.json())) == (201, [1, 2]), repeated.text
    assert status_and_content(await post_purchase(market.buyer, raffle, 2, key="one")) == status_and_content(repeated)
    await market.settle_down()
    assert await ticket_counts(market, raffle) == (2, 0, 0)
    assert (await market.gateway_totals()).held_minor == 1_000


@pytest.mark.parametrize("after", CUTS)
async def test_the_sweeps_complete_an_interrupted_purchase(market: Market, after: int) -> None:
    raffle = await publish_raffle(market)
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await post_purchase(market.buyer, raffle, 2, key="one")
    market.process.restart()
    await market.settle_down()
    assert await ticket_counts(market, raffle) == (2, 0, 0)
    assert (await market.gateway_totals()).held_minor == 1_000


async def test_simultaneous_equal_purchases_have_one_effect_and_equal_answers(market: Market) -> None:
    raffle = await publish_raffle(market)
    first, *others = await asyncio.gather(*(post_purchase(market.buyer, raffle, 2, key="one") for _ in range(8)))
    assert first.status_code == 201, first.text
    assert [status_and_content(other) for other in others] == [status_and_content(first)] * 7
    assert await ticket_counts(market, raffle) == (2, 0, 0)
