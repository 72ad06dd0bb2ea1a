"""Security events of accounts."""

from datetime import datetime
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.identity.domain.sessions import Device, SecurityEvent, SecurityEventKind


def add(tx: Transaction, *, user_id: UUID, kind: SecurityEventKind, device: Device) -> Write:
    """Return the write that adds an event."""
    return write(
        "INSERT INTO identity_security_events (tenant_id, id, user_id, kind, at, address, user_agent)"
        " VALUES ($1, $2, $3, $4, now(), $5, $6)",
        tx.tenant_id,
        new_id(),
        user_id,
        kind,
        device.address,
        device.user_agent,
    )


async def page(
    tx: Transaction, *, user_id: UUID, before: tuple[datetime, UUID] | None, limit: int
) -> list[SecurityEvent]:
    """Return a page of an account's events, newest first, older than `before`."""
    at, event_id = before or (None, None)
    rows = await tx.fetch(
        "SELECT e.id, e.kind, e.at, e.address, e.user_agent FROM identity_security_events e"
        " WHERE e.tenant_id = $1 AND e.user_id = $2"
        " AND ($3::timestamptz IS NULL OR (e.at, e.id) < ($3, $4::uuid)) ORDER BY e.at DESC, e.id DESC LIMIT $5",
        tx.tenant_id,
        user_id,
        at,
        event_id,
        limit,
    )
    return [
        SecurityEvent(
            id=row["id"],
            kind=SecurityEventKind(row["kind"]),
            at=row["at"],
            device=Device(row["address"], row["user_agent"]),
        )
        for row in rows
    ]


def erase(tx: Transaction, *, user_id: UUID) -> Write:
    """Return the write that deletes all events of an account."""
    return write("DELETE FROM identity_security_events WHERE tenant_id = $1 AND user_id = $2", tx.tenant_id, user_id)


def delete_older(tx: Transaction, *, retention_days: int) -> Write:
    """Return the write that deletes events older than so many days."""
    return write(
        "DELETE FROM identity_security_events WHERE tenant_id = $1 AND at < now() - make_interval(days => $2)",
        tx.tenant_id,
        retention_days,
    )
