"""Wait for transactions that are blocked by others, without measuring time."""

import asyncio
from typing import Any

import asyncpg

_TIMEOUT_SECONDS = 10


async def wait_until_blocked(owner: asyncpg.Connection, task: asyncio.Task[Any]) -> None:
    """Return once the transaction of a task waits for a lock, or the task has ended."""
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while not task.done():
            if await owner.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock')"
            ):
                return
