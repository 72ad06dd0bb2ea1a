"""The outbox: events are stored by the transaction that causes them; the relay numbers and publishes them."""

from collections.abc import Sequence
from uuid import UUID

import orjson

from luxewin.kit.events import DomainEvent
from luxewin.kit.ids import new_id
from luxewin.kit.writes import Write, write


def add(tenant_id: UUID, events: Sequence[DomainEvent]) -> Write:
    """Return the write that inserts the events into the outbox, in this order."""
    return write(
        "INSERT INTO kit_outbox (tenant_id, id, type, schema_version, aggregate_id, aggregate_version, occurred_at,"
        " payload)"
        " SELECT $1, e.id, e.type, e.schema_version, e.aggregate_id, e.aggregate_version, kit_now(), e.payload::jsonb"
        " FROM unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::bigint[], $7::text[])"
        " AS e(id, type, schema_version, aggregate_id, aggregate_version, payload)",
        tenant_id,
        [new_id() for _ in events],
        [event.type for event in events],
        [event.schema_version for event in events],
        [event.aggregate_id for event in events],
        [event.aggregate_version for event in events],
        [orjson.dumps(event.payload(), default=str, option=orjson.OPT_UTC_Z).decode() for event in events],
    )
