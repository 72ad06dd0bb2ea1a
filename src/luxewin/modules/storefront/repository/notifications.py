"""The database's notifications, followed on a connection of their own."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

CONNECT_SECONDS = 2.0
_HEARTBEAT_SECONDS = 5.0
_PATIENCE_SECONDS = 2.0
ABSENCES = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)
"""What shows that the database is not there, or not any more."""


class Subscription:
    """A connection that hears; `lost` returns when it does not hear any more."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._ended = asyncio.Event()
        connection.add_termination_listener(lambda _: self._ended.set())

    async def lost(self) -> None:
        """Wait until the connection has ended, or has not answered in time: a silent server tells nothing either."""
        while not self._ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await self._ended.wait()
                return
            await self._connection.fetchval("SELECT 1", timeout=_PATIENCE_SECONDS)


@asynccontextmanager
async def subscribed(
    connect_arguments: dict[str, Any], channels: Sequence[str], hear: Callable[[str], None]
) -> AsyncIterator[Subscription]:
    """Listen on the channels; `hear` is called with the payload of each notification.

    Raises:
        one of ABSENCES: the database is not there.
    """
    connection = await asyncpg.connect(**{"timeout": CONNECT_SECONDS, **connect_arguments})
    try:
        subscription = Subscription(connection)
        for channel in channels:
            await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: hear(payload))
        yield subscription
    finally:
        connection.terminate()
