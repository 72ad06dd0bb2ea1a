"""The relay: numbers committed events per tenant without gaps, and notifies the listeners.

One relay is active at a time, under an advisory lock; others stand by. Events are numbered after the commit, so that no
transaction waits for a shared counter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.crash_points import Position, crash_point
from luxewin.kit.database import Database
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import AMOUNTS, PUBLISHED

BATCH_SIZE = 500
EVENTS_CHANNEL = "luxewin_events"
"""Notified once per batch and tenant with the tenant's id."""

RELAY_LOCK = 0x4C58_0001
OUTBOX_HAS_EVENTS = "SELECT EXISTS (SELECT FROM kit_outbox)"
"""Queried many times a second; it is cheaper than an empty batch."""


async def publish_batch(database: Database, channels: Mapping[str, str]) -> int:
    """Move up to 500 events from the outbox into the event log; return how many.

    `channels` maps types of events to further channels that are notified, with the tenant's id.
    """
    async with database.system() as connection:
        rows = await _fetch_unpublished(connection)
        if not rows:
            return 0
        ordered = sort_by_aggregate_version(rows)
        with tracing.work("publish") as span:
            span.set_attributes(events=len(ordered))
            await _publish(connection, ordered, channels)
        crash_point(Position.BEFORE_PUBLISH)
    crash_point(Position.AFTER_PUBLISH)
    _count(ordered)
    return len(ordered)


async def _publish(connection: Any, ordered: Sequence[Any], channels: Mapping[str, str]) -> None:
    last = await _fetch_last_sequences(connection, {row["tenant_id"] for row in ordered})
    sequences = _assign_sequences(ordered, last)
    await connection.execute(
        "INSERT INTO kit_event_log (tenant_id, sequence, id, type, schema_version, aggregate_id,"
        " aggregate_version, occurred_at, published_at, payload)"
        " SELECT o.tenant_id, n.sequence, o.id, o.type, o.schema_version, o.aggregate_id, o.aggregate_version,"
        " o.occurred_at, now(), o.payload"
        " FROM kit_outbox o JOIN unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS n(tenant_id, id, sequence)"
        " ON o.tenant_id = n.tenant_id AND o.id = n.id",
        [row["tenant_id"] for row in ordered],
        [row["id"] for row in ordered],
        sequences,
    )
    await connection.execute(
        "DELETE FROM kit_outbox o USING unnest($1::uuid[], $2::uuid[]) AS n(tenant_id, id)"
        " WHERE o.tenant_id = n.tenant_id AND o.id = n.id",
        [row["tenant_id"] for row in ordered],
        [row["id"] for row in ordered],
    )
    for channel, tenant_id in sorted(_notifications(ordered, channels)):
        await connection.execute("SELECT pg_notify($1, $2)", channel, tenant_id)


def _count(rows: Sequence[Any]) -> None:
    """Count the published events, and the amounts in them."""
    for event_type, count in Counter(row["type"] for row in rows).items():
        PUBLISHED.labels(event_type).inc(count)
    for row in rows:
        if row["currency"] is not None and (row["amount_minor"] or "").isdecimal():
            AMOUNTS.labels(row["type"], row["currency"]).inc(int(row["amount_minor"]))


def sort_by_aggregate_version(rows: Sequence[Any]) -> list[Any]:
    """Sort the events of each aggregate by version, within the positions that they have in the outbox.

    The outbox number is drawn before a row lock can make the transaction wait, so its order can differ from the order
    of commits. The version is taken under the lock, and cannot.
    """
    by_aggregate: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_aggregate[row["aggregate_id"]].append(row)
    queues = {
        aggregate: iter(sorted(events, key=lambda event: (event["aggregate_version"], event["number"])))
        for aggregate, events in by_aggregate.items()
    }
    return [next(queues[row["aggregate_id"]]) for row in rows]


def _notifications(rows: Sequence[Any], channels: Mapping[str, str]) -> set[tuple[str, str]]:
    events = {(EVENTS_CHANNEL, str(row["tenant_id"])) for row in rows}
    return events | {(channels[row["type"]], str(row["tenant_id"])) for row in rows if row["type"] in channels}


_COLUMNS = (
    "o.tenant_id, o.id, o.number, o.type, o.aggregate_id, o.aggregate_version, o.payload ->> 'currency' AS currency,"
    " coalesce(o.payload ->> 'amount_minor', o.payload ->> 'total_minor') AS amount_minor"
)


async def _fetch_unpublished(connection: Any) -> list[Any]:
    rows: list[Any] = await connection.fetch(
        f"WITH first AS (SELECT {_COLUMNS} FROM kit_outbox o ORDER BY o.number LIMIT $1)"
        " SELECT * FROM first UNION"
        f" SELECT {_COLUMNS} FROM kit_outbox o"
        " JOIN first f ON o.tenant_id = f.tenant_id AND o.aggregate_id = f.aggregate_id"
        " AND o.aggregate_version < f.aggregate_version"
        " ORDER BY number",
        BATCH_SIZE,
    )
    return rows


async def _fetch_last_sequences(connection: Any, tenant_ids: Iterable[UUID]) -> dict[UUID, int]:
    rows = await connection.fetch(
        "SELECT t.id, coalesce((SELECT max(l.sequence) FROM kit_event_log l WHERE l.tenant_id = t.id), 0) AS last"
        " FROM unnest($1::uuid[]) AS t(id)",
        list(tenant_ids),
    )
    return {row["id"]: row["last"] for row in rows}


def _assign_sequences(rows: Sequence[Any], last: dict[UUID, int]) -> list[int]:
    sequences = []
    for row in rows:
        last[row["tenant_id"]] += 1
        sequences.append(last[row["tenant_id"]])
    return sequences
