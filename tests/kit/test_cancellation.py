"""A cancelled task continues after its thread has ended."""

import asyncio
from threading import Event

import pytest

from luxewin.kit.cancellation import run_in_thread_uninterrupted


async def test_a_thread_has_ended_when_its_task_is_cancelled() -> None:
    begun, may_end, ended = Event(), Event(), Event()

    def work() -> None:
        begun.set()
        may_end.wait()
        ended.set()

    working = asyncio.create_task(run_in_thread_uninterrupted(work))
    await asyncio.to_thread(begun.wait)
    for _ in range(2):
        working.cancel()
        done, _ = await asyncio.wait({working}, timeout=0.05)
        assert not done
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert ended.is_set()


async def test_results_and_errors_of_a_thread_are_returned() -> None:
    assert await run_in_thread_uninterrupted(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await run_in_thread_uninterrupted(lambda: 1 // 0)
