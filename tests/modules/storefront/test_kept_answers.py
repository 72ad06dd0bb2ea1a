"""An answer is kept exactly as long as it is known to be true."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import pytest

from luxewin.modules.storefront.service.kept_answers import KeptAnswers
from luxewin.modules.storefront.service.memory import KEPT_SECONDS
from tests.modules.storefront.front import hearing

TENANT, OTHER = UUID(int=1), UUID(int=2)


@dataclass(frozen=True)
class Page:
    text: str
    size_bytes: int = 10


class Catalogue:
    """What is asked, and how often."""

    def __init__(self) -> None:
        self.text = "as it was"
        self.asked = 0

    async def ask(self) -> Page:
        self.asked += 1
        return Page(self.text)


class Clock:
    """A time that only tests move."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_a_kept_answer_serves_until_the_version_changes() -> None:
    versions, catalogue = hearing(), Catalogue()
    kept: KeptAnswers[Page] = KeptAnswers(versions, clock=Clock())
    for _ in range(3):
        assert (await kept.answer(TENANT, "list", catalogue.ask)).text == "as it was"
    assert catalogue.asked == 1
    catalogue.text = "as it is"
    versions.bump(TENANT)
    assert (await kept.answer(TENANT, "list", catalogue.ask)).text == "as it is"
    assert catalogue.asked == 2


async def test_a_change_of_one_tenant_leaves_the_answers_of_another() -> None:
    versions, catalogue = hearing(), Catalogue()
    kept: KeptAnswers[Page] = KeptAnswers(versions, clock=Clock())
    await kept.answer(OTHER, "list", catalogue.ask)
    versions.bump(TENANT)
    await kept.answer(OTHER, "list", catalogue.ask)
    assert catalogue.asked == 1


async def test_the_same_question_of_two_tenants_has_two_answers() -> None:
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), clock=Clock())

    async def told(text: str) -> Page:
        return Page(text)

    assert (await kept.answer(TENANT, "list", lambda: told("ours"))).text == "ours"
    assert (await kept.answer(OTHER, "list", lambda: told("theirs"))).text == "theirs"
    assert (await kept.answer(TENANT, "list", lambda: told("new"))).text == "ours"


async def test_an_answer_is_asked_for_again_after_its_longest_time_even_without_a_change() -> None:
    clock, catalogue = Clock(), Catalogue()
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), clock=clock)
    await kept.answer(TENANT, "list", catalogue.ask)
    clock.now = KEPT_SECONDS
    await kept.answer(TENANT, "list", catalogue.ask)
    assert catalogue.asked == 2


async def test_while_nobody_hears_every_question_is_asked_afresh() -> None:
    versions, catalogue = hearing(), Catalogue()
    kept: KeptAnswers[Page] = KeptAnswers(versions, clock=Clock())
    await kept.answer(TENANT, "list", catalogue.ask)
    versions.go_deaf()
    for _ in range(3):
        await kept.answer(TENANT, "list", catalogue.ask)
    assert catalogue.asked == 4


async def test_what_was_kept_before_the_silence_is_not_believed_after_it() -> None:
    versions, catalogue = hearing(), Catalogue()
    kept: KeptAnswers[Page] = KeptAnswers(versions, clock=Clock())
    await kept.answer(TENANT, "list", catalogue.ask)
    versions.go_deaf()
    versions.hear()
    await kept.answer(TENANT, "list", catalogue.ask)
    assert catalogue.asked == 2


class SlowCatalogue(Catalogue):
    """Answers when told to, with what was true when it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = asyncio.Event()
        self.may_end = asyncio.Event()

    async def ask(self) -> Page:
        page = await super().ask()
        self.begun.set()
        await self.may_end.wait()
        return page


async def test_all_who_miss_at_once_share_one_query() -> None:
    catalogue = SlowCatalogue()
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), clock=Clock())
    readers = [asyncio.create_task(kept.answer(TENANT, "list", catalogue.ask)) for _ in range(50)]
    await catalogue.begun.wait()
    catalogue.may_end.set()
    assert {page.text for page in await asyncio.gather(*readers)} == {"as it was"}
    assert catalogue.asked == 1


async def test_an_answer_that_a_change_overtook_is_not_kept_and_not_joined() -> None:
    versions, catalogue = hearing(), SlowCatalogue()
    kept: KeptAnswers[Page] = KeptAnswers(versions, clock=Clock())
    early = asyncio.create_task(kept.answer(TENANT, "list", catalogue.ask))
    await catalogue.begun.wait()
    catalogue.text = "as it is"
    versions.bump(TENANT)
    late = asyncio.create_task(kept.answer(TENANT, "list", catalogue.ask))
    catalogue.may_end.set()
    assert (await late).text == "as it is"
    await early
    assert (await kept.answer(TENANT, "list", catalogue.ask)).text == "as it is"
    assert catalogue.asked == 2


async def test_whoever_stops_waiting_does_not_take_the_answer_from_the_others() -> None:
    catalogue = SlowCatalogue()
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), clock=Clock())
    first, second = (asyncio.create_task(kept.answer(TENANT, "list", catalogue.ask)) for _ in range(2))
    await catalogue.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    catalogue.may_end.set()
    assert (await second).text == "as it was"


async def test_a_failure_reaches_all_who_wait_and_is_not_kept() -> None:
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), clock=Clock())

    async def fail() -> Page:
        raise ConnectionError

    outcomes = await asyncio.gather(*(kept.answer(TENANT, "list", fail) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [ConnectionError] * 3
    assert (await kept.answer(TENANT, "list", Catalogue().ask)).text == "as it was"


def asking(text: str, size_bytes: int, asked: list[str]) -> Callable[[], Awaitable[Page]]:
    async def ask() -> Page:
        asked.append(text)
        return Page(text, size_bytes)

    return ask


async def test_what_was_used_longest_ago_makes_room_for_what_is_new() -> None:
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), largest_bytes=100, clock=Clock())
    asked: list[str] = []
    for question in ("a", "b", "a", "c", "a", "b"):
        await kept.answer(TENANT, question, asking(question, 40, asked))
    assert asked == ["a", "b", "c", "b"]


async def test_an_answer_larger_than_all_the_room_is_given_but_not_kept() -> None:
    kept: KeptAnswers[Page] = KeptAnswers(hearing(), largest_bytes=100, clock=Clock())
    asked: list[str] = []
    for _ in range(2):
        assert (await kept.answer(TENANT, "huge", asking("huge", 101, asked))).size_bytes == 101
    assert asked == ["huge", "huge"]
