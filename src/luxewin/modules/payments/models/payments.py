"""Attempts, their events, refunds, webhook endpoints and webhook deliveries."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp

attempts = tenant_table(
    "payments_attempts",
    Column("id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("token", Text),
    Column("reference", Text),
    Column("reason", Text),
    Column("next_action", JSONB),
    Column("captured_minor", BigInteger, nullable=False, server_default="0"),
    Column("refund_granted_minor", BigInteger, nullable=False, server_default="0"),
    Column("disputed_minor", BigInteger, nullable=False, server_default="0"),
    timestamp("look_up_at", nullable=True),
    Column("look_ups", Integer, nullable=False, server_default="0"),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    CheckConstraint(
        "status IN ('created', 'requires_action', 'unknown', 'authorised', 'captured', 'declined', 'voided', 'expired',"
        " 'quarantined')",
        name="status",
    ),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("captured_minor = CASE status WHEN 'captured' THEN amount_minor ELSE 0 END", name="captured"),
    CheckConstraint("refund_granted_minor BETWEEN 0 AND captured_minor", name="refund_granted"),
    CheckConstraint("disputed_minor >= 0", name="disputed"),
    CheckConstraint("token IS NULL OR status IN ('created', 'unknown')", name="token"),
    app=(
        "SELECT, INSERT, UPDATE (status, token, reference, reason, next_action, captured_minor, refund_granted_minor,"
        " disputed_minor, look_up_at, look_ups, updated_at, version)"
    ),
    system="SELECT",
)
index(
    "payments_attempts_live_key",
    attempts.c.order_id,
    unique=True,
    postgresql_where=text("status IN ('created', 'requires_action', 'unknown', 'authorised', 'captured')"),
)
index("payments_attempts_order_idx", attempts.c.order_id, attempts.c.created_at.desc(), attempts.c.id.desc())
index("payments_attempts_created_idx", attempts.c.created_at.desc(), attempts.c.id.desc())
index("payments_attempts_status_idx", attempts.c.status, attempts.c.created_at.desc(), attempts.c.id.desc())
index("payments_attempts_due_idx", attempts.c.look_up_at, postgresql_where=text("look_up_at IS NOT NULL"))

events = tenant_table(
    "payments_events",
    Column("id", Uuid, nullable=False),
    Column("attempt_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reference", Text),
    timestamp("occurred_at"),
    reference(["attempt_id"], "payments_attempts"),
    CheckConstraint(
        "type IN ('requires_action', 'unknown', 'authorised', 'captured', 'declined', 'voided', 'expired',"
        " 'quarantined', 'refunded', 'disputed')",
        name="type",
    ),
    CheckConstraint("amount_minor >= 0", name="amount"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    app="SELECT, INSERT",
    system="SELECT",
)
index(
    "payments_attempts_disputed_idx",
    attempts.c.order_id,
    postgresql_where=text("disputed_minor > 0"),
)

index("payments_events_attempt_idx", events.c.attempt_id, events.c.occurred_at)
index("payments_events_order_idx", events.c.order_id, events.c.occurred_at)

refunds = tenant_table(
    "payments_refunds",
    Column("id", Uuid, nullable=False),
    Column("attempt_id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("reference", Text),
    Column("failure", Text),
    Column("tries", Integer, nullable=False, server_default="0"),
    timestamp("look_up_at", nullable=True),
    Column("look_ups", Integer, nullable=False, server_default="0"),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    reference(["attempt_id"], "payments_attempts"),
    CheckConstraint("status IN ('granted', 'executing', 'executed', 'failed', 'unknown')", name="status"),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    app="SELECT, INSERT, UPDATE (status, reference, failure, tries, look_up_at, look_ups, updated_at, version)",
    system="SELECT",
)
index("payments_refunds_attempt_idx", refunds.c.attempt_id, refunds.c.created_at)
index("payments_refunds_order_idx", refunds.c.order_id, refunds.c.created_at)
index("payments_refunds_due_idx", refunds.c.look_up_at, postgresql_where=text("look_up_at IS NOT NULL"))

webhook_endpoints = tenant_table(
    "payments_webhook_endpoints",
    Column("id", Uuid, nullable=False),
    Column("gateway", Text, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    timestamp("opened_at"),
    timestamp("retired_at", nullable=True),
    app="SELECT, INSERT, UPDATE (retired_at)",
    system="SELECT (tenant_id, id, gateway, retired_at)",
)
Index("payments_webhook_endpoints_id_idx", webhook_endpoints.c.id, unique=True)

webhook_deliveries = tenant_table(
    "payments_webhook_deliveries",
    Column("gateway", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("endpoint_id", Uuid, nullable=False),
    Column("body", LargeBinary, nullable=False),
    timestamp("received_at"),
    timestamp("handled_at", nullable=True),
    timestamp("due_at", nullable=True),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("result", Text),
    reference(["endpoint_id"], "payments_webhook_endpoints"),
    CheckConstraint("(handled_at IS NULL) = (due_at IS NOT NULL)", name="due"),
    CheckConstraint("result IN ('applied', 'contradicted', 'given_up')", name="result"),
    key=("gateway", "event_id"),
    app="SELECT, INSERT, UPDATE (handled_at, due_at, tries, result)",
    system="SELECT",
)
index("payments_webhook_deliveries_endpoint_idx", webhook_deliveries.c.endpoint_id)
index(
    "payments_webhook_deliveries_due_idx",
    webhook_deliveries.c.due_at,
    postgresql_where=text("due_at IS NOT NULL"),
)

attempts.info["also"] = [
    """
    CREATE VIEW payments_v_attempts WITH (security_invoker = true) AS
        SELECT tenant_id, id, order_id, status, currency, captured_minor, refund_granted_minor, disputed_minor
        FROM payments_attempts
    """,
    f"GRANT SELECT ON payments_v_attempts TO {APP_ROLE}, {SYSTEM_ROLE}",
]
events.info["also"] = [
    """
    CREATE VIEW payments_v_statuses WITH (security_invoker = true) AS
        SELECT tenant_id, order_id, CASE
            WHEN sum(disputed) > 0 THEN 'disputed'
            WHEN sum(captured) > 0 AND sum(refunded) >= sum(captured) THEN 'refunded'
            WHEN sum(captured) > 0 AND sum(refunded) > 0 THEN 'part_refunded'
            WHEN sum(captured) > 0 THEN 'paid'
            WHEN sum(authorised) > 0 THEN 'authorised'
            WHEN bool_or(is_unknown) THEN 'unknown'
            ELSE 'unpaid' END AS status
        FROM (
            SELECT tenant_id, order_id, attempt_id,
                coalesce(sum(amount_minor) FILTER (WHERE type = 'disputed'), 0) AS disputed,
                coalesce(sum(amount_minor) FILTER (WHERE type = 'captured'), 0) AS captured,
                coalesce(sum(amount_minor) FILTER (WHERE type = 'refunded'), 0) AS refunded,
                CASE WHEN bool_or(type IN ('voided', 'expired')) THEN 0
                    ELSE coalesce(sum(amount_minor) FILTER (WHERE type = 'authorised'), 0) END AS authorised,
                bool_and(type = 'unknown') AS is_unknown
            FROM payments_events GROUP BY tenant_id, order_id, attempt_id
        ) AS attempts GROUP BY tenant_id, order_id
    """,
    f"GRANT SELECT ON payments_v_statuses TO {APP_ROLE}, {SYSTEM_ROLE}",
]
refunds.info["also"] = [
    """
    CREATE VIEW payments_v_refunds WITH (security_invoker = true) AS
        SELECT tenant_id, id, order_id, attempt_id, status, currency, amount_minor FROM payments_refunds
    """,
    f"GRANT SELECT ON payments_v_refunds TO {APP_ROLE}, {SYSTEM_ROLE}",
]
