"""Pools of connections: bounded in how many wait and how long, watched, and left behind where a server keeps silent."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from luxewin.kit.errors import Contended, Unavailable
from luxewin.kit.observability.pools import WatchedPool
from luxewin.kit.tenancy import Tenancy

_STATEMENT_CACHE_SIZE = 300
_LOST_RACES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_ABSENCES = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresIOError,
    asyncpg.InterfaceError,
    OSError,
)
_CUT_OFF = (asyncio.CancelledError, asyncpg.InterfaceError, OSError)
"""After these nobody knows what the connection is still busy with."""

PLANNING = {"jit": "off", "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""How statements are planned: once, for all values and for every size that a table may have."""

_GOODBYE_SECONDS = 1.0
_FAREWELL_SECONDS = 5.0


class LostRaceError(Exception):
    """Another transaction was first; a fresh try may win."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How long anything may wait for the database, in seconds, and how many may wait for a connection of a pool.

    A server cancels a statement after `statement_seconds`. One that hangs, or cannot be reached any more, cancels
    nothing: it counts as gone after `silence_seconds`, or a second after the statement should have been cancelled.
    """

    size: int = 16
    most_waiting: int = 100
    wait_seconds: float = 1.0
    statement_seconds: float = 3.0
    lock_seconds: float = 1.0
    silence_seconds: float = 10.0


class Pool:
    """The way into a pool: few may wait before it, and not for long."""

    def __init__(self, pool: asyncpg.Pool, limits: PoolLimits, *, role: str) -> None:
        self._pool = WatchedPool(pool, role=role)
        self._limits = limits
        self._waiting_since: dict[object, float] = {}

    async def take(self) -> Any:
        """Return a connection, which has to be given back.

        Raises:
            Unavailable: too many wait already, or none was free in time.
        """
        if len(self._waiting_since) >= self._limits.most_waiting:
            raise Unavailable("Too many requests wait for the database; try again shortly", retry_after_seconds=1)
        me = object()
        self._waiting_since[me] = time.monotonic()
        try:
            with translated():
                return await self._pool.acquire(timeout_seconds=self._limits.wait_seconds)
        finally:
            del self._waiting_since[me]

    async def give_back(self, connection: Any) -> None:
        """Return a connection to its pool; where it was cut off in the middle of something, the pool closes it."""
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await self._pool.release(connection, timeout_seconds=_GOODBYE_SECONDS)

    async def close(self) -> None:
        """Close the pool once its connections have come back; where the server says nothing to that, just leave."""
        await close_pool(self._pool.pool)
        self._pool.left()

    def queue_delay_seconds(self) -> float:
        """Return how long whoever has waited longest has been waiting: in a burst that is short, in a jam it is not.

        The shortest of all waits does not tell: whoever comes when a connection is given back may take it before all
        who wait.
        """
        first = next(iter(self._waiting_since.values()), None)
        return 0.0 if first is None else time.monotonic() - first


class Looker(asyncpg.Connection):
    """A connection that reads only, and faces one tenant until it is turned to another."""

    _facing: Tenancy | None = None

    async def face(self, tenant: Tenancy) -> None:
        """See this tenant's rows from now on; costs a round trip only where it saw another's."""
        if self._facing == tenant:
            return
        self._facing = None
        await self.execute(
            f"SET default_transaction_read_only=on;SET app.tenant_id='{tenant.id}';"
            f"SET app.clock_offset='{tenant.clock_offset.total_seconds()} seconds'"
        )
        self._facing = tenant


async def open_pool(
    arguments: dict[str, Any],
    limits: PoolLimits,
    *,
    size: int,
    opened: int = 1,
    connection_class: type[asyncpg.Connection] = asyncpg.Connection,
) -> asyncpg.Pool:
    """Open a pool whose connections give up in time, speak JSON, and plan each statement once.

    Left to itself the server would plan most statements anew each time, because it takes an array that it can see for
    a short one: that costs more than running them. So a statement must be right for all values it may be given, and
    for every size of a table: a plan made when it was empty would read all of it for ever.
    """
    return await asyncpg.create_pool(
        **arguments,
        min_size=opened,
        max_size=size,
        connection_class=connection_class,
        statement_cache_size=_STATEMENT_CACHE_SIZE,
        init=speak_json,
        reset=_keep_as_it_is,
        command_timeout=max(limits.silence_seconds, limits.statement_seconds + 1),
        server_settings={
            **PLANNING,
            "statement_timeout": f"{round(limits.statement_seconds * 1000)}",
            "lock_timeout": f"{round(limits.lock_seconds * 1000)}",
            "idle_in_transaction_session_timeout": "30000",
            "timezone": "UTC",
            "application_name": "luxewin",
        },
    )


async def close_pool(pool: asyncpg.Pool) -> None:
    """Close a pool once its connections have come back; where the server says nothing to that, leave without a word."""
    try:
        async with asyncio.timeout(_FAREWELL_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def speak_json(connection: Any) -> None:
    """Let jsonb columns arrive as Python values and leave as such."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value, default=str).decode(),
        decoder=orjson.loads,
    )


async def roll_back(connection: Any, undo: Callable[[], Awaitable[object]], *, because: BaseException) -> None:
    """Leave nothing open: a connection that was cut off, or does not answer to this either, is closed.

    A closed one is as good as rolled back, for the server ends the transaction of a client that has left.
    """
    if connection.is_closed():
        return
    if isinstance(because, _CUT_OFF):
        connection.terminate()
        return
    try:
        async with asyncio.timeout(_GOODBYE_SECONDS):
            await undo()
    except (asyncpg.PostgresError, *_CUT_OFF) as error:
        connection.terminate()
        if isinstance(error, asyncio.CancelledError):
            raise


@contextmanager
def translated() -> Iterator[None]:
    """Say in the program's own words what the database has refused or failed at.

    Raises:
        LostRaceError: a deadlock; nothing was changed, and a fresh try may succeed.
        Contended: a row was held by another transaction for too long.
        Unavailable: the database is not there, or did not answer in time.
    """
    try:
        yield
    except _LOST_RACES as error:
        raise LostRaceError(str(error)) from error
    except asyncpg.LockNotAvailableError as error:
        raise Contended from error
    except _ABSENCES as error:
        raise Unavailable("The database is not answering; try again shortly", retry_after_seconds=2) from error


async def _keep_as_it_is(_connection: Any) -> None:
    # Every setting is made for a transaction, and an open one has been rolled back: a round trip to reset is wasted.
    pass
