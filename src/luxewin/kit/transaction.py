"""A transaction of one tenant: reads are sent immediately; writes and events are collected and sent together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from luxewin.kit import audit, outbox
from luxewin.kit.access import SYSTEM, Principal
from luxewin.kit.audit import AuditEntry
from luxewin.kit.events import DomainEvent
from luxewin.kit.observability import tracing
from luxewin.kit.writes import REFUSED_SQLSTATE, Write, compose, error_of


class Transaction:
    """The transaction of a use case: one tenant, one commit.

    `write`, `publish` and `audit` only collect; `flush` sends all of it in one round trip, and is called
    before the commit. A use case that must read its own writes calls `flush` first.
    """

    def __init__(self, connection: Any, *, tenant_id: UUID, principal: Principal) -> None:
        self.connection = connection
        self.tenant_id = tenant_id
        self.principal = principal
        self.has_written = False
        """True if any write was sent."""
        self._writes: list[Write] = []
        self._events: list[DomainEvent] = []
        self._audit: list[AuditEntry] = []
        self._now: datetime | None = None

    @property
    def actor(self) -> str:
        """The name of the caller in audit entries and histories."""
        return "system" if self.principal is SYSTEM else self.principal.name

    async def fetch(self, sql: str, *parameters: Any) -> list[asyncpg.Record]:
        """Return all rows."""
        rows: list[asyncpg.Record] = await self.connection.fetch(sql, *parameters)
        return rows

    async def fetchrow(self, sql: str, *parameters: Any) -> asyncpg.Record | None:
        """Return the first row, or None."""
        row: asyncpg.Record | None = await self.connection.fetchrow(sql, *parameters)
        return row

    async def fetchval(self, sql: str, *parameters: Any) -> Any:
        """Return the first column of the first row, or None."""
        return await self.connection.fetchval(sql, *parameters)

    async def execute(self, sql: str, *parameters: Any) -> None:
        """Write immediately, so that the next read sees it."""
        self.has_written = True
        await self.connection.execute(sql, *parameters)

    async def now(self) -> datetime:
        """Return the tenant's time: the database's clock plus the tenant's offset, fixed for the transaction."""
        if self._now is None:
            self._now = await self.connection.fetchval("SELECT kit_now()")
        return self._now

    def set_now(self, now: datetime) -> None:
        """Set the time that an earlier query has returned, which saves the round trip of `now`."""
        self._now = now

    def write(self, *writes: Write) -> None:
        """Collect writes for the next flush."""
        self._writes.extend(writes)

    def publish(self, *events: DomainEvent) -> None:
        """Collect events for the outbox: they are published if, and only if, this transaction commits."""
        self._events.extend(events)

    def audit(self, action: str, *, target: UUID | str, before: Any = None, after: Any = None) -> None:
        """Collect an audit entry of an administrative change."""
        self._audit.append(AuditEntry(action, str(target), before, after))

    async def flush(self) -> None:
        """Send all collected writes in one statement.

        Raises:
            DomainError: the error of the first write that affected a wrong number of rows.
        """
        if self._events:
            self._writes.append(outbox.add(self.tenant_id, self._events))
        if self._audit:
            self._writes.append(audit.add(self.tenant_id, self.actor, self._audit))
        writes, self._writes, self._events, self._audit = self._writes, [], [], []
        if writes:
            await self._send(writes)

    async def _send(self, writes: Sequence[Write]) -> None:
        statement, parameters = compose(writes)
        self.has_written = True
        try:
            with tracing.step("write", outward=True) as span:
                span.set_attributes(writes=len(writes))
                await self.connection.fetchval(statement, *parameters)
        except asyncpg.PostgresError as error:
            if error.sqlstate != REFUSED_SQLSTATE:
                raise
            raise error_of(writes, int(str(error))) from error
