"""Locked lists, draws, winners, disqualifications and cancellations.

Only the winners are updated freely; of disqualifications (`raffles_skips`) and cancellations, only the confirmation is
set later. Documents are stored as text where they are published again, to preserve the order of their keys.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp

locks = tenant_table(
    "raffles_locks",
    Column("raffle_id", Uuid, nullable=False),
    Column("rules_version", Integer, nullable=False),
    Column("entries", Integer, nullable=False),
    Column("merkle_root", LargeBinary, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("locked_at", BigInteger, nullable=False),
    Column("receipt_signature", LargeBinary, nullable=False),
    reference(["raffle_id", "rules_version"], "raffles_rules", to=["raffle_id", "rules_version"]),
    CheckConstraint("entries > 0", name="entries"),
    CheckConstraint("octet_length(merkle_root) = 32", name="merkle_root"),
    CheckConstraint("octet_length(receipt_signature) = 64", name="receipt_signature"),
    key=("raffle_id",),
    app="SELECT, INSERT",
    system="SELECT",
)

draws = tenant_table(
    "raffles_draws",
    Column("raffle_id", Uuid, nullable=False),
    Column("beacon_signature", LargeBinary, nullable=False),
    Column("lies", JSONB, nullable=False),
    Column("seed", LargeBinary, nullable=False),
    Column("positions", JSONB, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("bundle_signature", LargeBinary, nullable=False),
    timestamp("drawn_at"),
    reference(["raffle_id"], "raffles_locks", to=["raffle_id"]),
    CheckConstraint("octet_length(beacon_signature) = 48", name="beacon_signature"),
    CheckConstraint("octet_length(seed) = 32", name="seed"),
    CheckConstraint("octet_length(bundle_signature) = 64", name="bundle_signature"),
    key=("raffle_id",),
    app="SELECT, INSERT",
    system="SELECT",
)

winners = tenant_table(
    "raffles_winners",
    Column("raffle_id", Uuid, nullable=False),
    Column("place", Integer, nullable=False),
    Column("prize", Integer),
    Column("number", Integer, nullable=False),
    Column("entrant_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    timestamp("updated_at"),
    timestamp("claim_by", nullable=True),
    Column("order_id", Uuid),
    reference(["raffle_id"], "raffles_draws", to=["raffle_id"]),
    reference(["raffle_id", "number"], "raffles_tickets", to=["raffle_id", "number"]),
    reference(["raffle_id", "prize"], "raffles_prizes", to=["raffle_id", "position"]),
    CheckConstraint("place > 0", name="place"),
    CheckConstraint(
        "status IN ('reserve', 'winner', 'claimed', 'handed_over', 'unclaimed', 'declined', 'refused')", name="status"
    ),
    CheckConstraint(
        "CASE status WHEN 'reserve' THEN prize IS NULL ELSE prize IS NOT NULL OR status = 'refused' END", name="prize"
    ),
    CheckConstraint("order_id IS NULL OR status = 'claimed'", name="order"),
    key=("raffle_id", "place"),
    app="SELECT, INSERT, UPDATE (prize, status, updated_at, claim_by, order_id)",
    system="SELECT",
)
index(
    "raffles_winners_current_idx",
    winners.c.raffle_id,
    winners.c.prize,
    unique=True,
    postgresql_where=text("status IN ('winner', 'claimed', 'handed_over')"),
)
winners.info["also"] = [
    """
    CREATE VIEW raffles_v_claims WITH (security_invoker = true) AS
        SELECT tenant_id, raffle_id, prize, order_id, entrant_id FROM raffles_winners WHERE order_id IS NOT NULL
    """,
    f"GRANT SELECT ON raffles_v_claims TO {APP_ROLE}, {SYSTEM_ROLE}",
]

cancellations = tenant_table(
    "raffles_cancellations",
    Column("raffle_id", Uuid, nullable=False),
    Column("reason", Text, nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    timestamp("proposed_at"),
    Column("confirmed_by", Uuid),
    timestamp("confirmed_at", nullable=True),
    reference(["raffle_id"], "raffles_locks", to=["raffle_id"]),
    CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
    CheckConstraint("confirmed_by <> proposed_by", name="two_people"),
    key=("raffle_id",),
    app="SELECT, INSERT, UPDATE (confirmed_by, confirmed_at)",
    system="SELECT",
)

skips = tenant_table(
    "raffles_skips",
    Column("raffle_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    timestamp("proposed_at"),
    Column("confirmed_by", Uuid),
    timestamp("confirmed_at", nullable=True),
    reference(["raffle_id", "number"], "raffles_tickets", to=["raffle_id", "number"]),
    CheckConstraint("reason IN ('underage', 'territory', 'excluded', 'staff', 'fraud')", name="reason"),
    CheckConstraint("(confirmed_by IS NULL) = (confirmed_at IS NULL)", name="confirmed"),
    CheckConstraint("confirmed_by <> proposed_by", name="two_people"),
    key=("raffle_id", "number"),
    app="SELECT, INSERT, UPDATE (confirmed_by, confirmed_at)",
    system="SELECT",
)

left_out = tenant_table(
    "raffles_left_out",
    Column("raffle_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    reference(["raffle_id", "number"], "raffles_tickets", to=["raffle_id", "number"]),
    CheckConstraint("reason IN ('disputed')", name="reason"),
    key=("raffle_id", "number"),
    app="SELECT, INSERT",
    system="SELECT",
)
