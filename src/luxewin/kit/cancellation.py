"""Detection of lost cancellations, and threads that are not interrupted.

If a task is cancelled at the moment when its awaited operation fails, it may only receive the failure, for example with
`asyncio.wait_for` of Python 3.11. A database that becomes unreachable causes both at once. So a loop that continues
after a failure must check `is_cancelled`.
"""

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def is_cancelled() -> bool:
    """Return whether the current task was cancelled, even if the CancelledError was lost."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def run_in_thread_uninterrupted(work: Callable[[], T]) -> T:
    """Run work in a thread; a cancellation takes effect after the thread has ended.

    A thread cannot be stopped, and a cleanup must not remove files that it still uses.
    """
    thread = asyncio.ensure_future(asyncio.to_thread(work))
    cancelled: asyncio.CancelledError | None = None
    while not thread.done():
        try:
            await asyncio.wait({thread})
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        thread.exception()  # retrieved, so that asyncio does not log it as never retrieved
        raise cancelled
    return thread.result()
