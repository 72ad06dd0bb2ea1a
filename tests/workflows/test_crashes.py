"""A process may die at any step of a case: a repeat, or the sweeps, bring it to one end, with one effect."""

import asyncio

import pytest

from tests.workflows.market import Market, status_and_content
from tests.workflows.mortality import Killed
from tests.workflows.workflow_cases import CASES, ENDED, PAID, STOCK, WAITING, must_be_settled, shop_state

CUTS = [(name, after) for name, case in CASES.items() for after in range(1, len(case.steps) + 1)]


@pytest.mark.parametrize("name", CASES)
async def test_a_workflow_takes_the_steps_at_which_it_crashes_below(market: Market, name: str) -> None:
    case = CASES[name]
    request = await case.begin(market, "one")
    market.process.restart()
    answer = await request()
    steps = tuple(market.process.steps)
    assert answer.status_code == case.status, answer.text
    assert steps == case.steps
    assert await shop_state(market) == case.end


@pytest.mark.parametrize(("name", "after"), CUTS)
async def test_a_repeat_with_the_same_key_finishes_a_crashed_workflow_with_one_effect(
    market: Market, name: str, after: int
) -> None:
    case = CASES[name]
    request = await case.begin(market, "one")
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await request()
    market.process.restart()
    await market.pass_time(seconds=31)
    repeated = await request()
    assert repeated.status_code == case.status, repeated.text
    assert status_and_content(await request()) == status_and_content(repeated)
    assert await shop_state(market) == case.end
    await must_be_settled(market)
    await market.settle_down()
    assert await shop_state(market) == case.end


@pytest.mark.parametrize(("name", "after"), CUTS)
async def test_the_sweeps_finish_a_crashed_workflow_that_nobody_repeats(market: Market, name: str, after: int) -> None:
    case = CASES[name]
    request = await case.begin(market, "one")
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await request()
    market.process.restart()
    await market.settle_down()
    assert await shop_state(market) in case.end_without_a_repeat
    await must_be_settled(market)
    await market.pass_time(minutes=40)
    await market.sweep()
    status, held, available = await shop_state(market)
    assert (status, held, available) in {PAID, ENDED, case.end, ("expired", 0, STOCK)} - {WAITING}
    await must_be_settled(market)


@pytest.mark.parametrize(("name", "after"), CUTS)
async def test_a_repeat_after_the_sweeps_finds_what_they_did(market: Market, name: str, after: int) -> None:
    case = CASES[name]
    request = await case.begin(market, "one")
    market.process.crash_after(after)
    with pytest.raises(Killed):
        await request()
    market.process.restart()
    await market.settle_down()
    await market.pass_time(seconds=31)
    repeated = await request()
    assert repeated.status_code == case.status, repeated.text
    assert status_and_content(await request()) == status_and_content(repeated)
    assert await shop_state(market) == case.end
    await must_be_settled(market)


@pytest.mark.parametrize("name", CASES)
async def test_simultaneous_equal_requests_have_one_effect_and_equal_responses(market: Market, name: str) -> None:
    case = CASES[name]
    request = await case.begin(market, "one")
    first, *others = await asyncio.gather(*(request() for _ in range(8)))
    assert first.status_code == case.status, first.text
    assert [status_and_content(other) for other in others] == [status_and_content(first)] * 7
    assert await shop_state(market) == case.end
    await must_be_settled(market)
