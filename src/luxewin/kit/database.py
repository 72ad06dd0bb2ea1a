"""The ways into the database: one tenant per transaction, one pool per role."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import asyncpg

from luxewin.kit.access import ANONYMOUS, Principal
from luxewin.kit.crash_points import Place, crash_point
from luxewin.kit.errors import Contended, DomainError
from luxewin.kit.observability import tracing
from luxewin.kit.pools import Looker, LostRaceError, Pool, PoolLimits, open_pool, roll_back, translated
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

T = TypeVar("T")

MOST_TRIES = 3
LOOKERS = 8
"""Connections of a process that only look: a few, because each question takes a millisecond."""


class Database:
    """The application's ways into the database.

    `begin` and `run` work as the application's role, for one tenant at a time, and so does `look`, without a
    transaction; `system` works as the system's role, for the relay, sweeps and proofs.
    """

    def __init__(self, app: asyncpg.Pool, lookers: asyncpg.Pool, system: asyncpg.Pool, limits: PoolLimits) -> None:
        self.app = app
        self._app = Pool(app, limits, role="app")
        self._lookers = Pool(lookers, limits, role="lookers")
        self._system = Pool(system, limits, role="system")

    @classmethod
    async def open(
        cls, app: dict[str, Any], system: dict[str, Any], limits: PoolLimits, *, system_size: int = 4
    ) -> Self:
        """Open the pools; `app` and `system` are asyncpg's connection arguments of the two roles."""
        return cls(
            await open_pool(app, limits, size=limits.size),
            await open_pool(app, limits, size=LOOKERS, opened=0, connection_class=Looker),
            await open_pool(system, limits, size=system_size),
            limits,
        )

    async def close(self) -> None:
        """Close the pools once their connections have come back."""
        await asyncio.gather(self._app.close(), self._lookers.close(), self._system.close())

    def queue_delay_seconds(self) -> float:
        """Return how long everybody had to wait for a connection of the application's since this was last asked."""
        return max(self._app.queue_delay_seconds(), self._lookers.queue_delay_seconds())

    @asynccontextmanager
    async def begin(self, tenant: Tenancy, principal: Principal) -> AsyncIterator[Transaction]:
        """Open a transaction of one tenant; flush and commit at the end, or roll back on any exception.

        Raises:
            Unavailable: the database is not there, or did not answer in time.
            LostRaceError: a deadlock; nothing was changed, and a fresh try may succeed.
        """
        connection = await self._app.take()
        try:
            with tracing.step("transaction"), translated():
                tx = Transaction(connection, tenant_id=tenant.id, principal=principal)
                try:
                    await connection.execute(_begin(tenant))
                    yield tx
                    await tx.flush()
                    _pass(Place.BEFORE_COMMIT, tx)
                    await connection.execute("COMMIT")
                except BaseException as error:
                    await roll_back(connection, lambda: connection.execute("ROLLBACK"), because=error)
                    raise
                _pass(Place.AFTER_COMMIT, tx)
        finally:
            await self._app.give_back(connection)

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
            except DomainError as error:
                if not error.retriable:
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
        connection = await self._lookers.take()
        try:
            with tracing.step("look"), translated():
                await connection.face(tenant)
                return await question(Transaction(connection, tenant_id=tenant.id, principal=ANONYMOUS))
        finally:
            await self._lookers.give_back(connection)

    async def _once(self, tenant: Tenancy, principal: Principal, use_case: Callable[[Transaction], Awaitable[T]]) -> T:
        async with self.begin(tenant, principal) as tx:
            return await use_case(tx)

    @asynccontextmanager
    async def system(self) -> AsyncIterator[Any]:
        """Open a transaction of the system's role, which sees every tenant's rows where a policy says so."""
        connection = await self._system.take()
        try:
            with tracing.step("transaction of the system"), translated():
                transaction = connection.transaction()
                try:
                    await transaction.start()
                    yield connection
                    await transaction.commit()
                except BaseException as error:
                    await roll_back(connection, transaction.rollback, because=error)
                    raise
        finally:
            await self._system.give_back(connection)

    async def glance(self, question: str) -> Any:
        """Ask for one value as the system's role, in one round trip and no transaction: for who asks all the time."""
        connection = await self._system.take()
        try:
            with translated():
                return await connection.fetchval(question)
        finally:
            await self._system.give_back(connection)


def _begin(tenant: Tenancy) -> str:
    # One simple query, so that opening a transaction costs one round trip; both values are typed, never text.
    setting = f"BEGIN;SET LOCAL app.tenant_id='{tenant.id}'"
    if tenant.clock_offset:
        setting += f";SET LOCAL app.clock_offset='{tenant.clock_offset.total_seconds()} seconds'"
    return setting


def _pass(place: Place, tx: Transaction) -> None:
    if tx.has_written:
        crash_point(place)
