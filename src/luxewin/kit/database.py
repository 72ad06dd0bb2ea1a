"""Access to the database: one tenant per transaction, one connection pool per role."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import asyncpg

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.crash_points import Position, crash_point
from luxewin.kit.errors import Contended, DomainError
from luxewin.kit.observability import tracing
from luxewin.kit.pools import LostRaceError, Pool, PoolLimits, ReadConnection, open_pool, roll_back, translate_errors
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

T = TypeVar("T")

MAX_ATTEMPTS = 3
READ_CONNECTIONS = 8
"""Read-only connections of a process: few, because each query takes about a millisecond."""


class Database:
    """The connection pools of a process.

    `begin`, `run` and `read` use the application's role, which sees one tenant at a time; `read` opens no transaction.
    `system` and `fetch_system_value` use the system's role, for the relay, jobs and invariants.
    """

    def __init__(
        self, app: asyncpg.Pool, read_connections: asyncpg.Pool, system: asyncpg.Pool, limits: PoolLimits
    ) -> None:
        self.app = app
        self._app = Pool(app, limits, role="app")
        self._read = Pool(read_connections, limits, role="read")
        self._system = Pool(system, limits, role="system")

    @classmethod
    async def open(
        cls, app: dict[str, Any], system: dict[str, Any], limits: PoolLimits, *, system_size: int = 4
    ) -> Self:
        """Open the pools; `app` and `system` are the connection arguments of asyncpg for the two roles."""
        return cls(
            await open_pool(app, limits, size=limits.size),
            await open_pool(app, limits, size=READ_CONNECTIONS, min_size=0, connection_class=ReadConnection),
            await open_pool(system, limits, size=system_size),
            limits,
        )

    async def close(self) -> None:
        """Close the pools after their connections have been released."""
        await asyncio.gather(self._app.close(), self._read.close(), self._system.close())

    def queue_delay_seconds(self) -> float:
        """Return for how long the oldest waiter has been waiting for a connection of the application's role."""
        return max(self._app.queue_delay_seconds(), self._read.queue_delay_seconds())

    @asynccontextmanager
    async def begin(self, tenant: Tenancy, principal: Principal) -> AsyncIterator[Transaction]:
        """Open a transaction of one tenant; flush and commit at the end, or roll back on any exception.

        Raises:
            Unavailable: the database is unreachable, or did not answer in time.
            LostRaceError: a deadlock; nothing was changed, and a retry may succeed.
        """
        connection = await self._app.acquire()
        try:
            with tracing.step("transaction"), translate_errors():
                tx = Transaction(connection, tenant_id=tenant.id, principal=principal)
                try:
                    await connection.execute(_begin(tenant))
                    yield tx
                    await tx.flush()
                    _crash_point(Position.BEFORE_COMMIT, tx)
                    await connection.execute("COMMIT")
                except BaseException as error:
                    await roll_back(connection, lambda: connection.execute("ROLLBACK"), because=error)
                    raise
                _crash_point(Position.AFTER_COMMIT, tx)
        finally:
            await self._app.release(connection)

    async def run(self, tenant: Tenancy, principal: Principal, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a use case in a transaction of its own; lost races are retried, with three attempts in total.

        Raises:
            Contended: every attempt lost its race.
        """
        for _ in range(MAX_ATTEMPTS - 1):
            try:
                return await self._run_once(tenant, principal, use_case)
            except LostRaceError:
                continue
            except DomainError as error:
                if not error.retriable:
                    raise
        try:
            return await self._run_once(tenant, principal, use_case)
        except LostRaceError as lost:
            raise Contended from lost

    async def read(self, tenant: Tenancy, query: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run a read-only query of public data of a tenant, in one round trip instead of three.

        There is no transaction: each statement sees the database as of its own start. The connections are read-only and
        keep the tenant of their last use. Every statement must also filter by its tenant, so that a row of another
        tenant could only be read if both were wrong.

        Raises:
            Unavailable: the database is unreachable, or did not answer in time.
        """
        async with self._read.connection() as connection:
            with tracing.step("read"):
                await connection.set_tenant(tenant)
                return await query(Transaction(connection, tenant_id=tenant.id, principal=ANONYMOUS))

    async def _run_once(
        self, tenant: Tenancy, principal: Principal, use_case: Callable[[Transaction], Awaitable[T]]
    ) -> T:
        async with self.begin(tenant, principal) as tx:
            return await use_case(tx)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Any]:
        """Open a transaction of the system's role, which sees the rows of all tenants if a policy allows it."""
        connection = await self._system.acquire()
        try:
            with tracing.step("system transaction"), translate_errors():
                transaction = connection.transaction()
                try:
                    await transaction.start()
                    yield connection
                    await transaction.commit()
                except BaseException as error:
                    await roll_back(connection, transaction.rollback, because=error)
                    raise
        finally:
            await self._system.release(connection)

    async def fetch_system_row(self, query: str, *parameters: Any) -> Any:
        """Return the first row as the system's role, in one round trip without a transaction.

        Raises:
            Unavailable: the database is unreachable, or did not answer in time.
        """
        async with self._system.connection() as connection:
            return await connection.fetchrow(query, *parameters)

    async def fetch_system_value(self, query: str) -> Any:
        """Return one value as the system's role, in one round trip without a transaction: for frequent polling."""
        async with self._system.connection() as connection:
            return await connection.fetchval(query)


def _begin(tenant: Tenancy) -> str:
    # One simple query, so that a transaction starts in one round trip; both values are typed, never user input.
    setting = f"BEGIN;SET LOCAL app.tenant_id='{tenant.id}'"
    if tenant.clock_offset:
        setting += f";SET LOCAL app.clock_offset='{tenant.clock_offset.total_seconds()} seconds'"
    return setting


def _crash_point(position: Position, tx: Transaction) -> None:
    if tx.has_written:
        crash_point(position)
