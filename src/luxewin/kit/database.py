"""Connections and transactions: one pool per database role, one tenant per transaction."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import asyncpg
import orjson

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.errors import Contended, Refusal, Unavailable
from luxewin.kit.observability import tracing
from luxewin.kit.observability.pools import WatchedPool
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

T = TypeVar("T")

MOST_TRIES = 3
LOOKERS = 8
"""Connections of a process that only look: a few, because each question takes a millisecond."""

_STATEMENT_CACHE_SIZE = 300
_LOST_RACES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_ABSENCES = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.QueryCanceledError,
    asyncpg.DiskFullError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.InterfaceError,
    OSError,
    TimeoutError,
)


class LostRaceError(Exception):
    """Another transaction was first; a fresh try may win."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """How long anything may wait for the database, in seconds, and how many may wait for a connection of a pool."""

    size: int = 16
    most_waiting: int = 100
    wait_seconds: float = 1.0
    statement_seconds: float = 3.0
    lock_seconds: float = 1.0


class Database:
    """The application's two ways into the database.

    `begin` and `run` work as the application's role, for one tenant at a time, and so does `look`, without a
    transaction; `system` works as the system's role, for the relay, sweeps and proofs.
    """

    def __init__(self, app: asyncpg.Pool, lookers: asyncpg.Pool, system: asyncpg.Pool, limits: PoolLimits) -> None:
        self.app = app
        self._entrance = _Entrance(WatchedPool(app, role="app"), limits)
        self._lookers = _Entrance(WatchedPool(lookers, role="lookers"), limits)
        self._system = _Entrance(WatchedPool(system, role="system"), limits)

    @classmethod
    async def open(
        cls, app: dict[str, Any], system: dict[str, Any], limits: PoolLimits, *, system_size: int = 4
    ) -> Self:
        """Open the pools; `app` and `system` are asyncpg's connection arguments of the two roles."""
        return cls(
            await open_pool(app, limits, size=limits.size),
            await open_pool(app, limits, size=LOOKERS, opened=0, connection_class=_Looker),
            await open_pool(system, limits, size=system_size),
            limits,
        )

    async def close(self) -> None:
        """Close the pools once their connections have come back."""
        await asyncio.gather(*(entrance.pool.close() for entrance in (self._entrance, self._lookers, self._system)))

    def standing_wait_seconds(self) -> float:
        """Return how long everybody had to wait for a connection of the application's since this was last asked."""
        return self._entrance.standing_wait_seconds()

    @asynccontextmanager
    async def begin(self, tenant: Tenancy, principal: Principal) -> AsyncIterator[Transaction]:
        """Open a transaction of one tenant; flush and commit at the end, or roll back on any exception.

        Raises:
            Unavailable: the database is not there, or did not answer in time.
            LostRaceError: a deadlock; nothing was changed, and a fresh try may succeed.
        """
        connection = await self._entrance.connection()
        try:
            with tracing.step("transaction"), _translated():
                await connection.execute(_begin(tenant))
                tx = Transaction(connection, tenant_id=tenant.id, principal=principal)
                try:
                    yield tx
                    await tx.flush()
                except BaseException:
                    await _rolled_back(connection)
                    raise
                await connection.execute("COMMIT")
        finally:
            await self._entrance.pool.release(connection)

    async def run(self, tenant: Tenancy, principal: Principal, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a use case in a transaction of its own; lost races are tried again, three times in all.

        Raises:
            Contended: every try lost its race.
        """
        for _ in range(MOST_TRIES - 1):
            try:
                return await self._once(tenant, principal, use_case)
            except LostRaceError:
                continue
            except Refusal as refusal:
                if not refusal.retriable:
                    raise
        try:
            return await self._once(tenant, principal, use_case)
        except LostRaceError as lost:
            raise Contended from lost

    async def look(self, tenant: Tenancy, question: Callable[[Transaction], Awaitable[T]]) -> T:
        """Ask what everybody may see of a tenant, in one round trip instead of three; nothing can be written.

        There is no transaction: each statement sees the database as it is when it begins. The connections are kept for
        this alone, and stay with the tenant that they were last used for. Every question must name its tenant in every
        statement too, so that both would have to be wrong at once before it saw another's rows.

        Raises:
            Unavailable: the database is not there, or did not answer in time.
        """
        connection = await self._lookers.connection()
        try:
            with tracing.step("look"), _translated():
                await connection.face(tenant)
                return await question(Transaction(connection, tenant_id=tenant.id, principal=ANONYMOUS))
        finally:
            await self._lookers.pool.release(connection)

    async def _once(self, tenant: Tenancy, principal: Principal, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self.begin(tenant, principal) as tx:
            return await use_case(tx)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Any]:
        """Open a transaction of the system's role, which sees every tenant's rows where a policy says so."""
        connection = await self._system.connection()
        try:
            with tracing.step("transaction of the system"), _translated():
                async with connection.transaction():
                    yield connection
        finally:
            await self._system.pool.release(connection)


class _Entrance:
    """The way into a pool: few may wait before it, and not for long."""

    def __init__(self, pool: WatchedPool, limits: PoolLimits) -> None:
        self.pool = pool
        self._limits = limits
        self._waiting = 0
        self._least_wait_seconds = math.inf

    async def connection(self) -> Any:
        """Return a connection, which has to be released.

        Raises:
            Unavailable: too many wait already, or none was free in time.
        """
        if self._waiting >= self._limits.most_waiting:
            raise Unavailable("Too many requests wait for the database; try again shortly", retry_after_seconds=1)
        self._waiting += 1
        came_at = time.monotonic()
        try:
            with _translated():
                return await self.pool.acquire(timeout_seconds=self._limits.wait_seconds)
        finally:
            self._waiting -= 1
            self._least_wait_seconds = min(self._least_wait_seconds, time.monotonic() - came_at)

    def standing_wait_seconds(self) -> float:
        """Return the shortest of all waits since this was last asked: a burst leaves it short, a jam does not."""
        least, self._least_wait_seconds = self._least_wait_seconds, math.inf
        if least < math.inf:
            return least
        return self._limits.wait_seconds if self._waiting else 0.0


class _Looker(asyncpg.Connection):
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
    a short one: that costs more than running them. So a statement must be right for all values it may be given.
    """
    return await asyncpg.create_pool(
        **arguments,
        min_size=opened,
        max_size=size,
        connection_class=connection_class,
        statement_cache_size=_STATEMENT_CACHE_SIZE,
        init=speak_json,
        reset=_keep_as_it_is,
        server_settings={
            "jit": "off",
            "plan_cache_mode": "force_generic_plan",
            "statement_timeout": f"{round(limits.statement_seconds * 1000)}",
            "lock_timeout": f"{round(limits.lock_seconds * 1000)}",
            "idle_in_transaction_session_timeout": "30000",
            "timezone": "UTC",
            "application_name": "luxewin",
        },
    )


async def speak_json(connection: Any) -> None:
    """Let jsonb columns arrive as Python values and leave as such."""
    await connection.set_type_codec(
        "jsonb",
        schema="pg_catalog",
        encoder=lambda value: orjson.dumps(value, default=str).decode(),
        decoder=orjson.loads,
    )


async def _keep_as_it_is(_connection: Any) -> None:
    # Every setting is made for a transaction, and an open one has been rolled back: a round trip to reset is wasted.
    pass


def _begin(tenant: Tenancy) -> str:
    # One simple query, so that opening a transaction costs one round trip; both values are typed, never text.
    setting = f"BEGIN;SET LOCAL app.tenant_id='{tenant.id}'"
    if tenant.clock_offset:
        setting += f";SET LOCAL app.clock_offset='{tenant.clock_offset.total_seconds()} seconds'"
    return setting


async def _rolled_back(connection: Any) -> None:
    if not connection.is_closed():
        await connection.execute("ROLLBACK")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except _LOST_RACES as error:
        raise LostRaceError(str(error)) from error
    except asyncpg.LockNotAvailableError as error:
        raise Contended from error
    except _ABSENCES as error:
        raise Unavailable("The database is not answering; try again shortly", retry_after_seconds=2) from error
