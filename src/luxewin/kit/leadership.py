"""Leadership: of several processes of one kind, one works, and the others stand by.

The lock lives in a database session. Who loses the session loses the lock and stops at once; what it still had in hand
is guarded by row locks and conditional writes, so that a leader who was only asleep does no harm when it wakes.

A session whose server hangs, or cannot be reached any more, tells nothing of its own accord: the leader asks it now and
then, and takes silence for the loss.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

from luxewin.kit.cancellation import is_cancelled
from luxewin.kit.observability.metrics import take_back_measurements

log = structlog.get_logger("leadership")
WORKER_LOCK = 0x4C58_0002
_TRY_AGAIN_SECONDS = 1.0
_HEARTBEAT_SECONDS = 2.0
_PATIENCE_SECONDS = 5.0


async def lead(connect: dict[str, Any], *, lock: int, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    """Do the work whenever the lock is ours, until cancelled; `work` gets the session, to listen on it.

    It may listen, and must ask nothing later on: the session is asked for signs of life.
    """
    while not is_cancelled():
        try:
            await _lead_once(connect, lock, work)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("the leading session was lost", error=repr(error))
        await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _lead_once(connect: dict[str, Any], lock: int, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    connection = await asyncpg.connect(
        **{"timeout": _PATIENCE_SECONDS, **connect},
        command_timeout=_PATIENCE_SECONDS,
        server_settings={"application_name": "luxewin-leader"},
    )
    try:
        await _elected(connection, lock)
        await _while_alive(connection, work)
    finally:
        connection.terminate()


async def _elected(connection: asyncpg.Connection, lock: int) -> None:
    """Stand by until the lock is ours; asked for again and again, so that a silent server is noticed.

    Whoever waits inside a statement holds a snapshot as well, and no index can be built concurrently meanwhile.
    """
    while True:
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", lock):
            return
        await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _while_alive(connection: asyncpg.Connection, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    """Do the work until the session ends or keeps silent.

    Raises:
        whatever the work or a silent session raises.
    """
    working = asyncio.ensure_future(work(connection))
    losing = asyncio.ensure_future(_lost(connection))
    try:
        await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
        for task in (working, losing):
            if task.done():
                task.result()
    finally:
        for task in (working, losing):
            task.cancel()
        await asyncio.gather(working, losing, return_exceptions=True)
        take_back_measurements()


async def _lost(connection: asyncpg.Connection) -> None:
    """Wait until the session has ended; silence raises."""
    ended = asyncio.Event()
    connection.add_termination_listener(lambda _connection: ended.set())
    while not ended.is_set():
        try:
            async with asyncio.timeout(_HEARTBEAT_SECONDS):
                await ended.wait()
        except TimeoutError:
            await connection.execute("SELECT 1")
