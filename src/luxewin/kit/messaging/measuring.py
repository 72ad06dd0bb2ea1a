"""How far behind the event log and its listeners are, in events and in seconds, told to the metrics."""

from typing import Any

from luxewin.kit.observability.metrics import OUTBOX, OUTBOX_OLDEST, PARKED, WAITING, WAITING_OLDEST


async def measure_events(connection: Any) -> None:
    """Tell what waits to be published, what listeners have not seen, and what is parked, of all tenants together.

    Events count 1, 2, 3 … without a gap, so that the next one that a listener will see is found by its number.
    """
    outbox = await connection.fetchrow(
        "SELECT count(*) AS events, coalesce(extract(epoch FROM now() - min(stored_at)), 0)::float8 AS age_seconds"
        " FROM kit_outbox"
    )
    OUTBOX.tell(outbox["events"])
    OUTBOX_OLDEST.tell(outbox["age_seconds"])
    listeners = await connection.fetch(_LISTENERS)
    WAITING.tell_all({row["listener"]: row["events"] for row in listeners})
    WAITING_OLDEST.tell_all({row["listener"]: row["age_seconds"] for row in listeners})
    PARKED.tell_all({row["listener"]: row["parked"] for row in listeners})


_LISTENERS = (
    # Every tenant of the log, by one step along its index for each.
    "WITH RECURSIVE tenants AS ((SELECT tenant_id FROM kit_event_log ORDER BY tenant_id LIMIT 1) UNION ALL"
    " SELECT (SELECT l.tenant_id FROM kit_event_log l WHERE l.tenant_id > t.tenant_id ORDER BY l.tenant_id LIMIT 1)"
    " FROM tenants t WHERE t.tenant_id IS NOT NULL)"
    ", places AS (SELECT n.listener, t.tenant_id, coalesce(p.sequence, 0) AS sequence FROM tenants t"
    " CROSS JOIN (SELECT DISTINCT listener FROM kit_positions) AS n"
    " LEFT JOIN kit_positions p ON p.tenant_id = t.tenant_id AND p.listener = n.listener"
    " WHERE t.tenant_id IS NOT NULL)"
    " SELECT p.listener, sum(h.head - p.sequence)::bigint AS events,"
    " coalesce(extract(epoch FROM now() - min(f.published_at)), 0)::float8 AS age_seconds,"
    " (SELECT count(*) FROM kit_parked_events k WHERE k.listener = p.listener) AS parked"
    " FROM places p CROSS JOIN LATERAL"
    " (SELECT max(l.sequence) AS head FROM kit_event_log l WHERE l.tenant_id = p.tenant_id) AS h"
    " LEFT JOIN kit_event_log f ON f.tenant_id = p.tenant_id AND f.sequence = p.sequence + 1"
    " GROUP BY p.listener"
)
