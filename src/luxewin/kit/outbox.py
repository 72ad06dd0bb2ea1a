"""The outbox: facts are stored in the commit that made them true; the relay numbers and publishes them."""

from collections.abc import Sequence
from uuid import UUID

import orjson

from luxewin.kit.events import DomainEvent
from luxewin.kit.ids import new_id
from luxewin.kit.writes import Write, write


def add(tenant_id: UUID, facts: Sequence[DomainEvent]) -> Write:
    """Return the write that puts the facts into the outbox, in the order given."""
    return write(
        "INSERT INTO kit_outbox (tenant_id, id, type, schema_version, aggregate_id, aggregate_version, occurred_at,"
        " payload)"
        " SELECT $1, f.id, f.type, f.schema_version, f.aggregate_id, f.aggregate_version, kit_now(), f.payload::jsonb"
        " FROM unnest($2::uuid[], $3::text[], $4::int[], $5::uuid[], $6::bigint[], $7::text[])"
        " AS f(id, type, schema_version, aggregate_id, aggregate_version, payload)",
        tenant_id,
        [new_id() for _ in facts],
        [fact.type for fact in facts],
        [fact.schema_version for fact in facts],
        [fact.aggregate_id for fact in facts],
        [fact.aggregate_version for fact in facts],
        [orjson.dumps(fact.payload(), default=str).decode() for fact in facts],
    )
