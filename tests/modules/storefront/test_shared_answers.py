"""A shared answer is never older than the question."""

import asyncio

import pytest

from luxewin.modules.storefront.service.shared_answers import SharedAnswers


class Shelf:
    """Tells the stock as it was when the query began, once it may."""

    def __init__(self, stock: int) -> None:
        self.stock = stock
        self.queries: asyncio.Queue[asyncio.Event] = asyncio.Queue()
        self.begun = 0

    async def ask(self) -> int:
        self.begun += 1
        stock, may_end = self.stock, asyncio.Event()
        await self.queries.put(may_end)
        await may_end.wait()
        return stock


async def test_whoever_asks_after_a_sale_sees_it_although_a_query_is_under_way() -> None:
    shelf = Shelf(stock=5)
    shared: SharedAnswers[int] = SharedAnswers()
    before = asyncio.create_task(shared.answer("chair", shelf.ask))
    first = await shelf.queries.get()
    shelf.stock = 3
    after = asyncio.create_task(shared.answer("chair", shelf.ask))
    first.set()
    (await shelf.queries.get()).set()
    assert (await before, await after) == (5, 3)


async def test_all_who_come_during_a_query_share_the_next_one() -> None:
    shelf = Shelf(stock=5)
    shared: SharedAnswers[int] = SharedAnswers()
    readers = [asyncio.create_task(shared.answer("chair", shelf.ask)) for _ in range(50)]
    for _ in range(2):
        (await shelf.queries.get()).set()
    assert await asyncio.gather(*readers) == [5] * 50
    assert shelf.begun == 2


async def test_nothing_is_kept_between_questions() -> None:
    shelf = Shelf(stock=5)
    shared: SharedAnswers[int] = SharedAnswers()
    for stock in (5, 4):
        shelf.stock = stock
        reader = asyncio.create_task(shared.answer("chair", shelf.ask))
        (await shelf.queries.get()).set()
        assert await reader == stock


async def test_different_questions_do_not_wait_for_each_other() -> None:
    chairs, tables = Shelf(stock=5), Shelf(stock=7)
    shared: SharedAnswers[int] = SharedAnswers()
    slow = asyncio.create_task(shared.answer("chair", chairs.ask))
    waiting = await chairs.queries.get()
    fast = asyncio.create_task(shared.answer("table", tables.ask))
    (await tables.queries.get()).set()
    assert await fast == 7
    waiting.set()
    assert await slow == 5


async def test_whoever_stops_waiting_does_not_take_the_answer_from_the_others() -> None:
    shelf = Shelf(stock=5)
    shared: SharedAnswers[int] = SharedAnswers()
    impatient = asyncio.create_task(shared.answer("chair", shelf.ask))
    first = await shelf.queries.get()
    patient = asyncio.create_task(shared.answer("chair", shelf.ask))
    impatient.cancel()
    with pytest.raises(asyncio.CancelledError):
        await impatient
    first.set()
    (await shelf.queries.get()).set()
    assert await patient == 5


async def test_a_failed_query_fails_only_those_who_waited_for_it() -> None:
    shared: SharedAnswers[int] = SharedAnswers()
    begun, may_fail = asyncio.Event(), asyncio.Event()

    async def fail() -> int:
        begun.set()
        await may_fail.wait()
        raise ConnectionError

    async def succeed() -> int:
        return 5

    unlucky = asyncio.create_task(shared.answer("chair", fail))
    await begun.wait()
    lucky = asyncio.create_task(shared.answer("chair", succeed))
    may_fail.set()
    with pytest.raises(ConnectionError):
        await unlucky
    assert await lucky == 5
