"""Reading the event log from a given sequence, in order and without gaps."""

from typing import Any

from luxewin.kit.transaction import Transaction


async def events_after(tx: Transaction, *, after: int, limit: int) -> list[Any]:
    """Return the tenant's events with a sequence above `after`, lowest first."""
    return await tx.fetch(
        "SELECT sequence, id, type, schema_version, aggregate_id, aggregate_version, occurred_at, payload"
        " FROM kit_event_log WHERE tenant_id = $1 AND sequence > $2"
        " ORDER BY sequence LIMIT $3",
        tx.tenant_id,
        after,
        limit,
    )
