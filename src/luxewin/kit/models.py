"""The kit's tables: outbox, event log, positions and dead letters of listeners, idempotency keys, audit log."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.schema import index, metadata, tenant_table, timestamp, unique

outbox = tenant_table(
    "kit_outbox",
    Column("id", Uuid, nullable=False),
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    timestamp("occurred_at"),
    timestamp("stored_at", server_default=text("now()")),
    Column("payload", JSONB, nullable=False),
    app="INSERT",
    system="SELECT, DELETE",
)
# The relay reads all tenants at once: the first events, and earlier events of the same aggregates.
Index("kit_outbox_number_idx", outbox.c.number)
index("kit_outbox_aggregate_idx", outbox.c.aggregate_id, outbox.c.aggregate_version)

event_log = tenant_table(
    "kit_event_log",
    Column("sequence", BigInteger, nullable=False),
    Column("id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("schema_version", Integer, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("aggregate_version", BigInteger, nullable=False),
    timestamp("occurred_at"),
    timestamp("published_at"),
    Column("payload", JSONB, nullable=False),
    unique("id"),
    CheckConstraint("sequence > 0", name="sequence_is_positive"),
    key=("sequence",),
    app="SELECT",
    system="SELECT, INSERT",
)

positions = tenant_table(
    "kit_positions",
    Column("listener", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    key=("listener",),
    app="SELECT, INSERT, UPDATE",
    system="SELECT",
)

parked_events = tenant_table(
    "kit_parked_events",
    Column("listener", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("aggregate_id", Uuid, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("error", Text, nullable=False),
    timestamp("parked_at"),
    key=("listener", "sequence"),
    system="SELECT",
)
index("kit_parked_events_aggregate_idx", parked_events.c.listener, parked_events.c.aggregate_id)

idempotency_keys = tenant_table(
    "kit_idempotency_keys",
    Column("principal", Text, nullable=False),
    Column("route", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("intent_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    timestamp("lease_until", nullable=True),
    Column("answer_status", Integer),
    Column("answer_headers", JSONB),
    Column("answer_body", LargeBinary),
    timestamp("created_at"),
    CheckConstraint("status IN ('in_flight', 'done')", name="status"),
    CheckConstraint("(status = 'done') = (answer_status IS NOT NULL)", name="answer"),
    key=("principal", "route", "key"),
    system="SELECT, DELETE",
)
# Only old keys of all tenants are deleted by time. With the tenant as its first column this index would look as good as
# the primary key to a statement that is planned while the table is empty.
Index("kit_idempotency_keys_created_idx", idempotency_keys.c.created_at)

audit = tenant_table(
    "kit_audit",
    Column("id", Uuid, nullable=False),
    timestamp("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("before", JSONB),
    Column("after", JSONB),
    Column("seal_number", BigInteger),
    Column("seal", LargeBinary),
    unique("seal_number"),
    app="SELECT, INSERT",
    system="SELECT, UPDATE (seal_number, seal)",
)
index("kit_audit_unsealed_idx", audit.c.at, postgresql_where=text("seal_number IS NULL"))
index("kit_audit_at_idx", audit.c.at.desc(), audit.c.id.desc())
index("kit_audit_target_idx", audit.c.target, audit.c.at)

# Callers are counted for the whole installation, by account or address. Not logged: a crash may forget a minute.
request_counts = Table(
    "kit_request_counts",
    metadata,
    Column("policy", Text, primary_key=True),
    Column("caller", Text, primary_key=True),
    Column("minute", BigInteger, nullable=False),
    Column("before", BigInteger, nullable=False),
    Column("requests", BigInteger, nullable=False),
    Column("admitted", Boolean, nullable=False),
    timestamp("counted_at"),
    Index("kit_request_counts_counted_idx", "counted_at"),
    prefixes=["UNLOGGED"],
    info={"system": "SELECT, INSERT, UPDATE, DELETE"},
)
