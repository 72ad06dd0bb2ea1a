"""Leader election: one of several processes of a kind works, and the others stand by.

The advisory lock belongs to a database session. A process that loses the session loses the lock and stops working. Work
in progress is protected by row locks and conditional writes, so a suspended leader does no harm when it resumes.

The session of a server that hangs, or is unreachable, reports nothing. So the leader queries it every two seconds, and
treats a timeout as the loss of the session.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

from luxewin.kit.cancellation import is_cancelled
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.observability.metrics import reset_leader_gauges

log = structlog.get_logger("leadership")
WORKER_LOCK = 0x4C58_0002
_RETRY_SECONDS = 1.0
_HEARTBEAT_SECONDS = 2.0
_TIMEOUT_SECONDS = 5.0


async def lead(connect: dict[str, Any], *, lock: int, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    """Run `work` whenever this process holds the lock, until cancelled.

    `work` may add listeners to the session that it receives, but must not run queries on it later: the session is used
    for heartbeats.
    """
    while not is_cancelled():
        try:
            await _lead_once(connect, lock, work)
        except DRIVER_ERRORS as error:
            log.warning("the leader's session was lost", error=repr(error))
        await asyncio.sleep(_RETRY_SECONDS)


async def _lead_once(connect: dict[str, Any], lock: int, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    connection = await asyncpg.connect(
        **{"timeout": _TIMEOUT_SECONDS, **connect},
        command_timeout=_TIMEOUT_SECONDS,
        server_settings={"application_name": "luxewin-leader"},
    )
    try:
        await _acquire_lock(connection, lock)
        await _work_while_connected(connection, work)
    finally:
        connection.terminate()


async def _acquire_lock(connection: asyncpg.Connection, lock: int) -> None:
    """Poll until the lock is acquired.

    Polling detects a server that hangs. A statement that waits would also hold a snapshot, for which CREATE INDEX
    CONCURRENTLY would wait.
    """
    while True:
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
            return
        await asyncio.sleep(_RETRY_SECONDS)


async def _work_while_connected(
    connection: asyncpg.Connection, work: Callable[[asyncpg.Connection], Awaitable[None]]
) -> None:
    """Run the work until the session ends or times out.

    Raises:
        Exception: any error of the work or the heartbeat.
    """
    working = asyncio.ensure_future(work(connection))
    losing = asyncio.ensure_future(_wait_until_lost(connection))
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, losing):
            if task.done():
                task.result()
    finally:
        for task in (working, losing):
            task.cancel()
        await asyncio.gather(working, losing, return_exceptions=True)
        reset_leader_gauges()


async def _wait_until_lost(connection: asyncpg.Connection) -> None:
    """Wait until the session has ended; a heartbeat that times out raises."""
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _connection: ended.set())
    while not ended.is_set():
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS):
                await ended.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")
