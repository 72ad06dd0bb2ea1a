"""The query of the audit log."""

from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction


async def page(tx: Transaction, *, before: tuple[datetime, UUID] | None, limit: int) -> list[Any]:
    """Return a page of the tenant's audit entries, newest first, older than `before`."""
    at, entry_id = before or (None, None)
    return await tx.fetch(
        "SELECT id, at, actor, action, target, before, after, seal_number, encode(seal, 'hex') AS seal FROM kit_audit"
        " WHERE tenant_id = $1 AND ($2::timestamptz IS NULL OR (at, id) < ($2::timestamptz, $3::uuid))"
        " ORDER BY at DESC, id DESC LIMIT $4",
        tx.tenant_id,
        at,
        entry_id,
        limit,
    )
