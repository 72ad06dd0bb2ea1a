"""The relay: numbers committed facts per tenant without gaps, and tells those who listen.

One relay works at a time, under an advisory lock; a second one stands by. Numbering happens after the commit, so that
no order waits for another tenant's order or for a counter.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.crash_points import Place, crash_point
from luxewin.kit.database import Database
from luxewin.kit.observability import tracing
from luxewin.kit.observability.metrics import AMOUNTS, PUBLISHED

BATCH = 500
EVENTS_CHANNEL = "luxewin_events"
"""Notified once per batch and tenant with the tenant's id."""

RELAY_LOCK = 0x4C58_0001
ANYTHING_WAITS = "SELECT EXISTS (SELECT FROM kit_outbox)"
"""Asked many times a second, mostly for nothing."""


async def publish_batch(database: Database, channels: Mapping[str, str]) -> int:
    """Move up to 500 facts from the outbox into the event log; return how many.

    `channels` says which types of fact are also told, with the tenant's id, on a channel of their own.
    """
    async with database.system() as connection:
        rows = await _waiting(connection)
        if not rows:
            return 0
        ordered = in_aggregate_order(rows)
        with tracing.work("publish") as span:
            span.note(events=len(ordered))
            await _publish(connection, ordered, channels)
        crash_point(Place.BEFORE_PUBLISH)
    crash_point(Place.AFTER_PUBLISH)
    _count(ordered)
    return len(ordered)


async def _publish(connection: Any, ordered: Sequence[Any], channels: Mapping[str, str]) -> None:
    heads = await _heads(connection, {row["tenant_id"] for row in ordered})
    sequences = _numbered(ordered, heads)
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
    for channel, tenant_id in sorted(_notices(ordered, channels)):
        await connection.execute("SELECT pg_notify($1, $2)", channel, tenant_id)


def _count(rows: Sequence[Any]) -> None:
    """Count what was published; the money as well, where a fact tells of any."""
    for fact_type, count in Counter(row["type"] for row in rows).items():
        PUBLISHED.labels(fact_type).inc(count)
    for row in rows:
        if row["currency"] is not None and (row["amount_minor"] or "").isdecimal():
            AMOUNTS.labels(row["type"], row["currency"]).inc(int(row["amount_minor"]))


def in_aggregate_order(rows: Sequence[Any]) -> list[Any]:
    """Put each aggregate's facts in the order of its versions, within the places they hold in the outbox.

    The outbox number is drawn before a row lock may make its transaction wait, so number order can differ from commit
    order; the version is taken under the lock and cannot.
    """
    by_aggregate: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        by_aggregate[row["aggregate_id"]].append(row)
    queues = {
        aggregate: iter(sorted(facts, key=lambda fact: (fact["aggregate_version"], fact["number"])))
        for aggregate, facts in by_aggregate.items()
    }
    return [next(queues[row["aggregate_id"]]) for row in rows]


def _notices(rows: Sequence[Any], channels: Mapping[str, str]) -> set[tuple[str, str]]:
    told = {(EVENTS_CHANNEL, str(row["tenant_id"])) for row in rows}
    return told | {(channels[row["type"]], str(row["tenant_id"])) for row in rows if row["type"] in channels}


_COLUMNS = (
    "o.tenant_id, o.id, o.number, o.type, o.aggregate_id, o.aggregate_version, o.payload ->> 'currency' AS currency,"
    " coalesce(o.payload ->> 'amount_minor', o.payload ->> 'total_minor') AS amount_minor"
)


async def _waiting(connection: Any) -> list[Any]:
    rows: list[Any] = await connection.fetch(
        f"WITH first AS (SELECT {_COLUMNS} FROM kit_outbox o ORDER BY o.number LIMIT $1)"
        " SELECT * FROM first UNION"
        f" SELECT {_COLUMNS} FROM kit_outbox o"
        " JOIN first f ON o.tenant_id = f.tenant_id AND o.aggregate_id = f.aggregate_id"
        " AND o.aggregate_version < f.aggregate_version"
        " ORDER BY number",
        BATCH,
    )
    return rows


async def _heads(connection: Any, tenant_ids: Iterable[UUID]) -> dict[UUID, int]:
    rows = await connection.fetch(
        "SELECT t.id, coalesce((SELECT max(l.sequence) FROM kit_event_log l WHERE l.tenant_id = t.id), 0) AS head"
        " FROM unnest($1::uuid[]) AS t(id)",
        list(tenant_ids),
    )
    return {row["id"]: row["head"] for row in rows}


def _numbered(rows: Sequence[Any], heads: dict[UUID, int]) -> list[int]:
    sequences = []
    for row in rows:
        heads[row["tenant_id"]] += 1
        sequences.append(heads[row["tenant_id"]])
    return sequences
