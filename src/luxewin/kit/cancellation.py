"""Cancellation that cannot get lost.

A task that is cancelled at the very moment at which what it waits for fails may see the failure alone, as with
`asyncio.wait_for` of Python 3.11; and a database that goes away makes both happen at once. Whoever goes on after a
failure looks here first.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def is_cancelled() -> bool:
    """Whether the current task was told to end, even if the word of it got lost."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def in_a_thread_to_its_end(work: Callable[[], T]) -> T:
    """Run work in a thread, and be cancelled, however often, only once it has ended.

    A thread cannot be stopped, and whoever cleans up after a cancellation must not take away what it still works on.
    """
    working = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.wait({working})
        except asyncio.CancelledError as again:
            cancelled = again
    if cancelled is not None:
        working.exception()  # whoever is cancelled does not ask for it, and asyncio would complain
        raise cancelled
    return working.result()
