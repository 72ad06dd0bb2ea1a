"""The queries of the audit log."""

from collections.abc import Sequence
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


async def about(tx: Transaction, *, targets: Sequence[str], actions: Sequence[str], limit: int) -> list[Any]:
    """Return the newest entries of these actions on these targets, newest first."""
    return await tx.fetch(
        "SELECT at, actor, action, target, after FROM kit_audit"
        " WHERE tenant_id = $1 AND target = ANY($2::text[]) AND action = ANY($3::text[]) ORDER BY at DESC LIMIT $4",
        tx.tenant_id,
        targets,
        actions,
        limit,
    )
