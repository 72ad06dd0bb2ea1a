"""Waiting for what another transaction makes somebody wait for, without asking a clock."""

import asyncio
from typing import Any

import asyncpg

_SURELY_THERE_SECONDS = 10


async def until_it_waits(owner: asyncpg.Connection, task: asyncio.Task[Any]) -> None:
    """Return once a task's transaction waits for a lock that another holds, or has ended without waiting."""
    async with asyncio.timeout(_SURELY_THERE_SECONDS):
        while not task.done():
            if await owner.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock')"
            ):
                return
