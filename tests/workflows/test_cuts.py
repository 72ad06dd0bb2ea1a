"""A process may die at any step of a story: a repeat, or the sweeps, bring it to one end, with one effect."""

import asyncio

import pytest

from tests.workflows.market import Market, told_once
from tests.workflows.mortality import Killed
from tests.workflows.stories import ENDED, PAID, STOCK, STORIES, WAITING, must_be_at_rest, standing

CUTS = [(name, after) for name, story in STORIES.items() for after in range(1, len(story.steps) + 1)]


@pytest.mark.parametrize("name", STORIES)
async def test_a_story_takes_the_steps_at_which_it_is_cut_below(market: Market, name: str) -> None:
    story = STORIES[name]
    request = await story.begin(market, "one")
    market.thread.mend()
    answer = await request()
    steps = tuple(market.thread.steps)
    assert answer.status_code == story.status, answer.text
    assert steps == story.steps
    assert await standing(market) == story.end


@pytest.mark.parametrize(("name", "after"), CUTS)
async def test_a_repeat_under_the_same_key_ends_a_cut_story_with_one_effect(
    market: Market, name: str, after: int
) -> None:
    story = STORIES[name]
    request = await story.begin(market, "one")
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await request()
    market.thread.mend()
    await market.pass_time(seconds=31)
    repeated = await request()
    assert repeated.status_code == story.status, repeated.text
    assert told_once(await request()) == told_once(repeated)
    assert await standing(market) == story.end
    await must_be_at_rest(market)
    await market.settle_down()
    assert await standing(market) == story.end


@pytest.mark.parametrize(("name", "after"), CUTS)
async def test_the_sweeps_end_a_cut_story_that_nobody_repeats(market: Market, name: str, after: int) -> None:
    story = STORIES[name]
    request = await story.begin(market, "one")
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await request()
    market.thread.mend()
    await market.settle_down()
    assert await standing(market) in story.end_without_a_repeat
    await must_be_at_rest(market)
    await market.pass_time(minutes=40)
    await market.sweep()
    status, held, available = await standing(market)
    assert (status, held, available) in {PAID, ENDED, story.end, ("expired", 0, STOCK)} - {WAITING}
    await must_be_at_rest(market)


@pytest.mark.parametrize(("name", "after"), CUTS)
async def test_a_repeat_that_comes_after_the_sweeps_finds_what_they_did(market: Market, name: str, after: int) -> None:
    story = STORIES[name]
    request = await story.begin(market, "one")
    market.thread.cut_after(after)
    with pytest.raises(Killed):
        await request()
    market.thread.mend()
    await market.settle_down()
    await market.pass_time(seconds=31)
    repeated = await request()
    assert repeated.status_code == story.status, repeated.text
    assert told_once(await request()) == told_once(repeated)
    assert await standing(market) == story.end
    await must_be_at_rest(market)


@pytest.mark.parametrize("name", STORIES)
async def test_simultaneous_equal_requests_have_one_effect_and_equal_answers(market: Market, name: str) -> None:
    story = STORIES[name]
    request = await story.begin(market, "one")
    first, *others = await asyncio.gather(*(request() for _ in range(8)))
    assert first.status_code == story.status, first.text
    assert [told_once(other) for other in others] == [told_once(first)] * 7
    assert await standing(market) == story.end
    await must_be_at_rest(market)
