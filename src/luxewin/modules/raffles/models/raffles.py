"""Raffles, their prizes, the frozen versions of their rules, and signing keys.

A prize that is a product variant has the id of the order that will ship it from the beginning: from publication on the
stock is held under that id, and no prize can be shipped twice.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from luxewin.kit.schema import index, reference, tenant_table, timestamp

raffles = tenant_table(
    "raffles_raffles",
    Column("id", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("ticket_price_minor", BigInteger, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("per_person_limit", Integer),
    Column("one_prize_per_person", Boolean, nullable=False),
    Column("reserve_winners", Integer, nullable=False),
    timestamp("closes_at"),
    Column("closes_when_sold_out", Boolean, nullable=False),
    Column("draw_delay_seconds", Integer, nullable=False),
    Column("minimum_age", Integer),
    Column("territories", ARRAY(Text)),
    Column("free_entry", Boolean, nullable=False),
    Column("skill_question", Text),
    Column("skill_answer_hash", LargeBinary),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    Column("claim_days", Integer, nullable=False, server_default="14"),
    Column("with_anchor", Boolean, nullable=False, server_default="false"),
    CheckConstraint(
        "status IN ('draft', 'open', 'locked', 'anchored', 'drawn', 'void', 'settled', 'cancelled', 'deleted')",
        name="status",
    ),
    CheckConstraint("ticket_price_minor >= 0", name="ticket_price"),
    CheckConstraint("capacity > 0", name="capacity"),
    CheckConstraint("per_person_limit > 0", name="per_person_limit"),
    CheckConstraint("reserve_winners >= 0", name="reserve_winners"),
    CheckConstraint("(skill_question IS NULL) = (skill_answer_hash IS NULL)", name="skill"),
    CheckConstraint("claim_days > 0", name="claim_days"),
    app="SELECT, INSERT, UPDATE",
    system="SELECT",
)
index("raffles_raffles_created_idx", raffles.c.created_at.desc(), raffles.c.id.desc())
index("raffles_raffles_status_idx", raffles.c.status, raffles.c.created_at.desc(), raffles.c.id.desc())

prizes = tenant_table(
    "raffles_prizes",
    Column("raffle_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("value_minor", BigInteger),
    Column("variant_id", Uuid),
    Column("order_id", Uuid),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("position > 0", name="position"),
    CheckConstraint("value_minor >= 0", name="value"),
    CheckConstraint("(variant_id IS NULL) = (order_id IS NULL)", name="ships"),
    key=("raffle_id", "position"),
    app="SELECT, INSERT, DELETE",
    system="SELECT",
)

rules = tenant_table(
    "raffles_rules",
    Column("raffle_id", Uuid, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("document", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    timestamp("frozen_at"),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("rules_version > 0", name="version"),
    CheckConstraint("octet_length(hash) = 32", name="hash"),
    key=("raffle_id", "rules_version"),
    app="SELECT, INSERT",
    system="SELECT",
)

signing_keys = tenant_table(
    "raffles_signing_keys",
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_private_key", LargeBinary, nullable=False),
    timestamp("created_at"),
    CheckConstraint("octet_length(public_key) = 32", name="public_key"),
    key=("public_key",),
    app="SELECT, INSERT",
)
index("raffles_signing_keys_created_idx", signing_keys.c.created_at.desc())
