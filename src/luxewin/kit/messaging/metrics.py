"""Metrics of the outbox and of the listeners: their backlog, in events and in seconds."""

from typing import Any

from luxewin.kit.observability.metrics import DEAD_LETTERED, OUTBOX, OUTBOX_OLDEST, WAITING, WAITING_OLDEST


async def measure_events(connection: Any) -> None:
    """Set the gauges of unpublished, unhandled and dead-lettered events, summed over all tenants.

    Sequences have no gaps, so the next event of a listener is found by its number.
    """
    outbox = await connection.fetchrow(
        "SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(stored_at)), 0)::float8 AS age_seconds"
        " FROM kit_outbox"
    )
    OUTBOX.set(outbox["events"])
    OUTBOX_OLDEST.set(outbox["age_seconds"])
    listeners = await connection.fetch(_LISTENERS)
    WAITING.set_all({row["listener"]: row["events"] for row in listeners})
    WAITING_OLDEST.set_all({row["listener"]: row["age_seconds"] for row in listeners})
    DEAD_LETTERED.set_all({row["listener"]: row["dead_lettered"] for row in listeners})


_LISTENERS = (
    # Every tenant of the log, with one index step per tenant (loose index scan).
    "WITH RECURSIVE tenants AS ((SELECT tenant_id FROM kit_event_log ORDER BY tenant_id LIMIT 1) UNION ALL"
    " SELECT (SELECT l.tenant_id FROM kit_event_log l WHERE l.tenant_id > t.tenant_id ORDER BY l.tenant_id LIMIT 1)"
    " FROM tenants t WHERE t.tenant_id IS NOT NULL)"
    ", positions AS (SELECT n.listener, t.tenant_id, coalesce(p.sequence, 0) AS sequence FROM tenants t"
    " CROSS JOIN (SELECT DISTINCT listener FROM kit_positions) AS n"
    " LEFT JOIN kit_positions p ON p.tenant_id = t.tenant_id AND p.listener = n.listener"
    " WHERE t.tenant_id IS NOT NULL)"
    " SELECT p.listener, sum(h.last - p.sequence)::bigint AS events,"
    " coalesce(extract(epoch FROM now() - min(f.published_at)), 0)::float8 AS age_seconds,"
    " (SELECT count(*) FROM kit_parked_events k WHERE k.listener = p.listener) AS dead_lettered"
    " FROM positions p CROSS JOIN LATERAL"
    " (SELECT max(l.sequence) AS last FROM kit_event_log l WHERE l.tenant_id = p.tenant_id) AS h"
    " LEFT JOIN kit_event_log f ON f.tenant_id = p.tenant_id AND f.sequence = p.sequence + 1"
    " GROUP BY p.listener"
)
