"""A coalesced result is never older than the request."""

import asyncio

import pytest

from luxewin.modules.storefront.service.request_coalescing import RequestCoalescer


class Stock:
    """Returns, when allowed to, the stock level of the time when the query began."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.queries: asyncio.Queue[asyncio.Event] = asyncio.Queue()
        self.begun = 0

    async def query(self) -> int:
        self.begun += 1
        level, may_end = self.level, asyncio.Event()
        await self.queries.put(may_end)
        await may_end.wait()
        return level


async def test_a_request_after_a_sale_sees_it_although_a_query_is_running() -> None:
    stock = Stock(level=5)
    coalescer: RequestCoalescer[int] = RequestCoalescer()
    before = asyncio.create_task(coalescer.run("chair", stock.query))
    first = await stock.queries.get()
    stock.level = 3
    after = asyncio.create_task(coalescer.run("chair", stock.query))
    first.set()
    (await stock.queries.get()).set()
    assert (await before, await after) == (5, 3)


async def test_requests_that_arrive_during_a_query_share_the_next_one() -> None:
    stock = Stock(level=5)
    coalescer: RequestCoalescer[int] = RequestCoalescer()
    readers = [asyncio.create_task(coalescer.run("chair", stock.query)) for _ in range(50)]
    for _ in range(2):
        (await stock.queries.get()).set()
    assert await asyncio.gather(*readers) == [5] * 50
    assert stock.begun == 2


async def test_nothing_is_cached_between_requests() -> None:
    stock = Stock(level=5)
    coalescer: RequestCoalescer[int] = RequestCoalescer()
    for level in (5, 4):
        stock.level = level
        reader = asyncio.create_task(coalescer.run("chair", stock.query))
        (await stock.queries.get()).set()
        assert await reader == level


async def test_different_keys_do_not_wait_for_each_other() -> None:
    chairs, tables = Stock(level=5), Stock(level=7)
    coalescer: RequestCoalescer[int] = RequestCoalescer()
    slow = asyncio.create_task(coalescer.run("chair", chairs.query))
    waiting = await chairs.queries.get()
    fast = asyncio.create_task(coalescer.run("table", tables.query))
    (await tables.queries.get()).set()
    assert await fast == 7
    waiting.set()
    assert await slow == 5


async def test_a_cancelled_request_does_not_cancel_the_query_for_the_others() -> None:
    stock = Stock(level=5)
    coalescer: RequestCoalescer[int] = RequestCoalescer()
    cancelled = asyncio.create_task(coalescer.run("chair", stock.query))
    first = await stock.queries.get()
    waiting = asyncio.create_task(coalescer.run("chair", stock.query))
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    first.set()
    (await stock.queries.get()).set()
    assert await waiting == 5


async def test_a_failed_query_fails_only_the_requests_that_joined_it() -> None:
    coalescer: RequestCoalescer[int] = RequestCoalescer()
    begun, may_fail = asyncio.Event(), asyncio.Event()

    async def fail() -> int:
        begun.set()
        await may_fail.wait()
        raise ConnectionError

    async def succeed() -> int:
        return 5

    first = asyncio.create_task(coalescer.run("chair", fail))
    await begun.wait()
    second = asyncio.create_task(coalescer.run("chair", succeed))
    may_fail.set()
    with pytest.raises(ConnectionError):
        await first
    assert await second == 5
