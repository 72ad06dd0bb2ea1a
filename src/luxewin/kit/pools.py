"""Connection pools with bounded waiting, metrics, and timeouts for a server that does not answer."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from luxewin.kit.driver_errors import CONNECTION_LOST, DRIVER_ERRORS
from luxewin.kit.errors import Contended, Unavailable
from luxewin.kit.observability.pools import MeasuredPool
from luxewin.kit.tenancy import Tenancy

_STATEMENT_CACHE_SIZE = 300
_LOST_RACES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_UNAVAILABLE_ERRORS = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.PostgresIOError,
    *CONNECTION_LOST,
)
_INTERRUPTIONS = (asyncio.CancelledError, *CONNECTION_LOST)
"""After these the state of the connection is unknown."""

PLANNING = {"jit": "off", "plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}
"""Statements are planned once, for all parameter values and for every size of a table."""

_RELEASE_TIMEOUT_SECONDS = 1.0
_CLOSE_TIMEOUT_SECONDS = 5.0


class LostRaceError(Exception):
    """Another transaction was first; a retry may succeed."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """The size of a pool, the limit of waiters, and timeouts in seconds.

    The server cancels a statement after `statement_seconds`. A server that hangs, or is unreachable, cancels nothing:
    the client gives up after `silence_seconds`, or a second after the server should have cancelled the statement.
    """

    size: int = 16
    most_waiting: int = 100
    wait_seconds: float = 1.0
    statement_seconds: float = 3.0
    lock_seconds: float = 1.0
    silence_seconds: float = 10.0


class Pool:
    """A connection pool with a bounded queue of waiters."""

    def __init__(self, pool: asyncpg.Pool, limits: PoolLimits, *, role: str) -> None:
        self._pool = MeasuredPool(pool, role=role)
        self._limits = limits
        self._waiting_since: dict[object, float] = {}

    async def acquire(self) -> Any:
        """Return a connection, which must be released.

        Raises:
            Unavailable: too many requests wait already, or no connection was free in time.
        """
        if len(self._waiting_since) >= self._limits.most_waiting:
            raise Unavailable(
                "Too many requests are waiting for the database; try again in a second", retry_after_seconds=1
            )
        waiter = object()
        self._waiting_since[waiter] = time.monotonic()
        try:
            with translate_errors():
                return await self._pool.acquire(timeout_seconds=self._limits.wait_seconds)
        finally:
            del self._waiting_since[waiter]

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Any]:
        """Acquire a connection for single statements, and release it; close it if it was lost.

        Raises:
            Unavailable: the database is unreachable, or did not answer in time.
        """
        connection = await self.acquire()
        try:
            with translate_errors():
                try:
                    yield connection
                except CONNECTION_LOST:
                    _terminate(connection)
                    raise
        finally:
            await self.release(connection)

    async def release(self, connection: Any) -> None:
        """Return a connection to the pool, which closes it if it was interrupted during an operation."""
        with suppress(*DRIVER_ERRORS):
            await self._pool.release(connection, timeout_seconds=_RELEASE_TIMEOUT_SECONDS)

    async def close(self) -> None:
        """Close the pool after its connections have been released; after a timeout terminate them."""
        await close_pool(self._pool.pool)
        self._pool.mark_closed()

    def queue_delay_seconds(self) -> float:
        """Return for how long the oldest waiter has been waiting: short in a burst, long under overload.

        The shortest wait is not a measure: a new request may acquire a released connection before all waiters.
        """
        first = next(iter(self._waiting_since.values()), None)
        return 0.0 if first is None else time.monotonic() - first


class ReadConnection(asyncpg.Connection):
    """A read-only connection that sees the rows of one tenant at a time."""

    _tenant: Tenancy | None = None

    async def set_tenant(self, tenant: Tenancy) -> None:
        """See the rows of this tenant from now on; costs a round trip only if the tenant changes."""
        if self._tenant == tenant:
            return
        self._tenant = None
        await self.execute(
            f"SET default_transaction_read_only=on;SET app.tenant_id='{tenant.id}';"
            f"SET app.clock_offset='{tenant.clock_offset.total_seconds()} seconds'"
        )
        self._tenant = tenant


async def open_pool(
    arguments: dict[str, Any],
    limits: PoolLimits,
    *,
    size: int,
    min_size: int = 1,
    connection_class: type[asyncpg.Connection] = asyncpg.Connection,
) -> asyncpg.Pool:
    """Open a pool whose connections have timeouts, decode jsonb, and plan each statement once.

    By default the server would plan most statements at each execution, because it assumes that an array parameter is
    short: that costs more than the execution. With one generic plan a statement must be efficient for all parameters
    and for every size of a table: a plan made for an empty table would keep reading all of it.
    """
    return await asyncpg.create_pool(
        **arguments,
        min_size=min_size,
        max_size=size,
        connection_class=connection_class,
        statement_cache_size=_STATEMENT_CACHE_SIZE,
        init=register_json_codec,
        reset=_skip_reset,
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
    """Close a pool after its connections have been released; after a timeout terminate them."""
    try:
        async with asyncio.timeout(_CLOSE_TIMEOUT_SECONDS):
            await pool.close()
    except TimeoutError:
        pool.terminate()


async def register_json_codec(connection: Any) -> None:
    """Decode jsonb to Python values, and encode them to jsonb."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value, default=str, option=orjson.OPT_UTC_Z).decode(),
        decoder=orjson.loads,
    )


async def roll_back(connection: Any, undo: Callable[[], Awaitable[object]], *, because: BaseException) -> None:
    """Roll back; close a connection that was interrupted, or that does not answer.

    Closing it is equivalent: the server rolls back the transaction of a client that has disconnected.
    """
    if _is_closed(connection):
        return
    if isinstance(because, _INTERRUPTIONS):
        _terminate(connection)
        return
    try:
        async with asyncio.timeout(_RELEASE_TIMEOUT_SECONDS):
            await undo()
    except (asyncpg.PostgresError, *_INTERRUPTIONS) as error:
        _terminate(connection)
        if isinstance(error, asyncio.CancelledError):
            raise


def _is_closed(connection: Any) -> bool:
    try:
        return bool(connection.is_closed())
    except asyncpg.InterfaceError:
        return True  # the pool has taken back a connection that was lost


def _terminate(connection: Any) -> None:
    with suppress(asyncpg.InterfaceError):  # the pool has taken it back
        connection.terminate()


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate errors of the database into errors of the program.

    Raises:
        LostRaceError: a deadlock; nothing was changed, and a retry may succeed.
        Contended: another transaction held a row for too long.
        Unavailable: the database is unreachable, or did not answer in time.
    """
    try:
        yield
    except _LOST_RACES as error:
        raise LostRaceError(str(error)) from error
    except asyncpg.LockNotAvailableError as error:
        raise Contended from error
    except _UNAVAILABLE_ERRORS as error:
        raise Unavailable("The database does not answer; try again in two seconds", retry_after_seconds=2) from error


async def _skip_reset(_connection: Any) -> None:
    # Settings are local to a transaction, and an open transaction was rolled back: a reset would waste a round trip.
    pass
