"""A server process that hangs or ends: the client gives up, and uses another connection."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.pools import PoolLimits
from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase

_SURELY_OVER_SECONDS = 20
NEVER_SECONDS = 3600.0


@asynccontextmanager
async def database_of(test_database: TestDatabase, *, silence_seconds: float) -> AsyncIterator[Database]:
    """A database with one connection, so that a lost connection is noticed at once."""
    limits = PoolLimits(size=1, wait_seconds=5, silence_seconds=silence_seconds, statement_seconds=0.1)
    app, system = test_database.role("app"), test_database.role("system")
    database = await Database.open(app, system, limits, system_size=1)
    yield database
    await database.close()


@contextmanager
def suspended(server_process: int) -> Iterator[None]:
    os.kill(server_process, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(server_process, signal.SIGCONT)


@pytest.mark.parametrize("role", ["app", "system"])
async def test_a_statement_that_is_not_answered_times_out(
    test_database: TestDatabase, tenant: Tenancy, role: str
) -> None:
    async with database_of(test_database, silence_seconds=0.1) as database, asyncio.timeout(_SURELY_OVER_SECONDS):
        process = await server_process(database, tenant, role)
        with suspended(process):
            with pytest.raises(Unavailable):
                await server_process(database, tenant, role)
            assert await server_process(database, tenant, role) != process


@pytest.mark.parametrize("role", ["app", "system"])
async def test_a_cancelled_request_to_a_silent_database_ends_at_once_and_frees_its_connection(
    test_database: TestDatabase, tenant: Tenancy, role: str
) -> None:
    async with database_of(test_database, silence_seconds=NEVER_SECONDS) as database:
        process = await server_process(database, tenant, role)
        with suspended(process):
            asking = asyncio.create_task(server_process(database, tenant, role))
            await asyncio.sleep(0.1)  # there is no sign that the query was sent
            asking.cancel()
            await asyncio.wait({asking}, timeout=_SURELY_OVER_SECONDS)
            assert asking.cancelled()
            async with asyncio.timeout(_SURELY_OVER_SECONDS):
                assert await server_process(database, tenant, role) != process


@pytest.mark.parametrize("role", ["app", "system"])
async def test_a_server_process_that_is_ended_is_an_unavailable_database_for_a_moment(
    test_database: TestDatabase, tenant: Tenancy, role: str
) -> None:
    owner = await asyncpg.connect(**test_database.owner)
    async with database_of(test_database, silence_seconds=10) as database, asyncio.timeout(_SURELY_OVER_SECONDS):
        for _ in range(100):
            ended = await server_process(database, tenant, role)
            await owner.execute("SELECT pg_terminate_backend($1)", ended)
            # The client may have read the server's last message, and not yet that the connection is closed.
            process = None
            while process is None:
                try:
                    process = await server_process(database, tenant, role)
                except Unavailable:
                    continue
            assert process != ended
    await owner.close()


async def server_process(database: Database, tenant: Tenancy, role: str) -> int:
    """Return the process id of the server process of the next transaction."""
    if role == "app":
        async with database.begin(tenant, SYSTEM) as tx:
            return int(await tx.fetchval("SELECT pg_backend_pid()"))
    async with database.system() as connection:
        return int(await connection.fetchval("SELECT pg_backend_pid()"))
