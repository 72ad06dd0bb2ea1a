"""A server process that is terminated, at any moment, makes the database unavailable; no other error comes through."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase

CLIENTS = 4
TERMINATIONS = 100
_TERMINATE = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE application_name = 'luxewin' AND datname = current_database() AND backend_start > $1"
)
Query = Callable[[Database, Tenancy], Awaitable[object]]


async def in_a_transaction(database: Database, tenant: Tenancy) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        await tx.fetchval("SELECT 1")


async def as_the_system(database: Database, _tenant: Tenancy) -> None:
    async with database.system() as connection:
        await connection.fetchval("SELECT 1")


async def in_one_statement(database: Database, _tenant: Tenancy) -> None:
    await database.fetch_system_value("SELECT 1")


async def as_a_read(database: Database, tenant: Tenancy) -> None:
    await database.read(tenant, lambda tx: tx.fetchval("SELECT 1"))


@pytest.mark.parametrize("query", [in_a_transaction, as_the_system, in_one_statement, as_a_read])
async def test_a_terminated_server_process_is_an_unavailable_database(
    test_database: TestDatabase, tenant: Tenancy, query: Query
) -> None:
    [(opened_at,)] = await test_database.as_owner("SELECT clock_timestamp()")
    app, system = test_database.role("app"), test_database.role("system")
    database = await Database.open(app, system, PoolLimits(size=CLIENTS, wait_seconds=30))
    over = asyncio.Event()

    async def ask() -> None:
        while not over.is_set():
            with suppress(Unavailable):
                await query(database, tenant)

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(ask())
        for _ in range(TERMINATIONS):
            await test_database.as_owner(_TERMINATE, opened_at)
        over.set()
    await database.close()
