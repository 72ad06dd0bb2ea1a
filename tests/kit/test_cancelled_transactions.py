"""A transaction that is cancelled at any moment leaves nothing open, and the event loop reports no error."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy

TURNS = range(40)
"""Turns of the event loop after which it is cancelled: from before a connection is acquired to after the commit."""


@pytest.fixture
async def complaints() -> AsyncIterator[list[dict[str, Any]]]:
    errors: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _loop, error: errors.append(error))
    yield errors
    loop.set_exception_handler(None)


async def cancel_after(turns: int, work: asyncio.Task[None]) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)
    work.cancel()
    await asyncio.wait({work})


async def test_a_transaction_of_a_tenant(database: Database, tenant: Tenancy, complaints: list[dict[str, Any]]) -> None:
    async def query() -> None:
        async with database.begin(tenant, ANONYMOUS) as tx:
            await tx.fetchval("SELECT 1")

    for turns in TURNS:
        await cancel_after(turns, asyncio.create_task(query()))
        await query()
    assert complaints == []


async def test_a_transaction_of_the_system(database: Database, complaints: list[dict[str, Any]]) -> None:
    async def query() -> None:
        async with database.system() as connection:
            await connection.fetchval("SELECT 1")

    for turns in TURNS:
        await cancel_after(turns, asyncio.create_task(query()))
        await query()
    assert complaints == []
