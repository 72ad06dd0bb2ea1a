"""Notifications of the database, received on a separate connection."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import asyncpg

from luxewin.kit.driver_errors import DRIVER_ERRORS

CONNECT_SECONDS = 2.0
_HEARTBEAT_SECONDS = 5.0
_ANSWER_SECONDS = 2.0
UNAVAILABLE = DRIVER_ERRORS
"""The errors of an unavailable database."""


class Subscription:
    """A connection that receives notifications until it is lost."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._ended = asyncio.Event()
        connection.add_termination_listener(lambda _: self._ended.set())

    async def lost(self) -> None:
        """Wait until the connection is lost.

        Raises:
            one of UNAVAILABLE: the server did not answer a heartbeat in time.
        """
        while not self._ended.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await self._ended.wait()
                return
            await self._connection.fetchval("SELECT 1", timeout=_ANSWER_SECONDS)


@asynccontextmanager
async def subscription(
    connect_arguments: dict[str, Any], channels: Sequence[str], receive: Callable[[str], None]
) -> AsyncIterator[Subscription]:
    """Listen on the channels; `receive` is called with the payload of each notification.

    Raises:
        one of UNAVAILABLE: the database is not available.
    """
    connection = await asyncpg.connect(**{"timeout": CONNECT_SECONDS, **connect_arguments})
    try:
        subscribed = Subscription(connection)
        for channel in channels:
            await connection.add_listener(channel, lambda _connection, _pid, _channel, payload: receive(payload))
        yield subscribed
    finally:
        connection.terminate()
