"""The tables of the payment simulator: a schema of its own, which only its own role can access, keyed by merchant.

It represents the database of an external gateway: it has no tenants, and no transaction of the program accesses it.
"""

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.schema import metadata, timestamp
from luxewin.modules.payments.settings import SIMULATOR_ROLE

SCHEMA = "simulator"


def _info(table: str, rights: str, *more: str) -> dict[str, Any]:
    return {"also": [*more, f"GRANT {rights} ON {SCHEMA}.{table} TO {SIMULATOR_ROLE}"]}


charges = Table(
    "charges",
    metadata,
    Column("attempt_id", Uuid, primary_key=True),
    Column("merchant", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text),
    Column("capture", Boolean, nullable=False),
    Column("confirm_url", Text),
    timestamp("captures_at", nullable=True),
    timestamp("created_at"),
    CheckConstraint(
        "status IN ('requires_action', 'authorised', 'captured', 'declined', 'voided')",
        name="status",
    ),
    CheckConstraint("amount_minor >= 0", name="amount"),
    schema=SCHEMA,
    info=_info("charges", "SELECT, INSERT, UPDATE", f"GRANT USAGE ON SCHEMA {SCHEMA} TO {SIMULATOR_ROLE}"),
)
Index("simulator_charges_reference_idx", charges.c.reference)
Index("simulator_charges_merchant_idx", charges.c.merchant, charges.c.currency)

refunds = Table(
    "refunds",
    metadata,
    Column("refund_id", Uuid, primary_key=True),
    Column("attempt_id", Uuid, ForeignKey(charges.c.attempt_id), nullable=False),
    Column("reference", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("reason", Text),
    timestamp("created_at"),
    CheckConstraint("status IN ('executed', 'failed')", name="status"),
    schema=SCHEMA,
    info=_info("refunds", "SELECT, INSERT"),
)
Index("simulator_refunds_charge_idx", refunds.c.attempt_id)

disputes = Table(
    "disputes",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("attempt_id", Uuid, ForeignKey(charges.c.attempt_id), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    timestamp("opens_at"),
    schema=SCHEMA,
    info=_info("disputes", "SELECT, INSERT"),
)
Index("simulator_disputes_charge_idx", disputes.c.attempt_id)

endpoints = Table(
    "endpoints",
    metadata,
    Column("merchant", Text, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("secret", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    schema=SCHEMA,
    info=_info("endpoints", "SELECT, INSERT, UPDATE"),
)

webhooks = Table(
    "webhooks",
    metadata,
    Column("id", Text, primary_key=True),
    Column("merchant", Text, nullable=False),
    Column("attempt_id", Uuid, ForeignKey(charges.c.attempt_id), nullable=False),
    Column("body", LargeBinary, nullable=False),
    timestamp("due_at"),
    Column("tries", Integer, nullable=False, server_default="0"),
    timestamp("delivered_at", nullable=True),
    schema=SCHEMA,
    info=_info("webhooks", "SELECT, INSERT, UPDATE, DELETE"),
)
Index("simulator_webhooks_due_idx", webhooks.c.due_at, postgresql_where=text("delivered_at IS NULL"))
Index("simulator_webhooks_charge_idx", webhooks.c.attempt_id)
