"""Leadership: of several processes of one kind, one works, and the others stand by.

The lock lives in a database session. Who loses the session loses the lock and stops at once; what it still had in hand
is guarded by row locks and conditional writes, so that a leader who was only asleep does no harm when it wakes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import structlog

from luxewin.kit.observability.metrics import take_back_measurements

log = structlog.get_logger("leadership")
WORKER_LOCK = 0x4C58_0002
_TRY_AGAIN_SECONDS = 1.0


async def lead(connect: dict[str, Any], *, lock: int, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    """Do the work whenever the lock is ours, until cancelled; `work` gets the session, to listen on it."""
    while True:
        try:
            await _lead_once(connect, lock, work)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("the leading session was lost", error=repr(error))
        await asyncio.sleep(_TRY_AGAIN_SECONDS)


async def _lead_once(connect: dict[str, Any], lock: int, work: Callable[[asyncpg.Connection], Awaitable[None]]) -> None:
    connection = await asyncpg.connect(**connect, server_settings={"application_name": "luxewin-leader"})
    lost = asyncio.Event()
    connection.add_termination_listener(lambda _connection: lost.set())
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", lock, timeout=None)
        working = asyncio.ensure_future(work(connection))
        losing = asyncio.ensure_future(lost.wait())
        try:
            await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                working.result()
        finally:
            for task in (working, losing):
                task.cancel()
            await asyncio.gather(working, losing, return_exceptions=True)
            take_back_measurements()
    finally:
        await connection.close(timeout=2)
