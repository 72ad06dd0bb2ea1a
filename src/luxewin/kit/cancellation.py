"""Cancellation that cannot get lost.

A task that is cancelled at the very moment at which what it waits for fails may see the failure alone, as with
`asyncio.wait_for` of Python 3.11; and a database that goes away makes both happen at once. Whoever goes on after a
failure looks here first.
"""

import asyncio


def is_cancelled() -> bool:
    """Whether the current task was told to end, even if the word of it got lost."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
