"""What was committed to and drawn, and who won. What is once set here stays: the application can only add rows.

Documents that are shown again are kept as text: the order of their names is part of the protocol.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.schema import moment, reference, tenant_table

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
    moment("drawn_at"),
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
    moment("updated_at"),
    reference(["raffle_id"], "raffles_draws", to=["raffle_id"]),
    reference(["raffle_id", "number"], "raffles_tickets", to=["raffle_id", "number"]),
    reference(["raffle_id", "prize"], "raffles_prizes", to=["raffle_id", "position"]),
    CheckConstraint("place > 0", name="place"),
    CheckConstraint("status IN ('reserve', 'winner')", name="status"),
    CheckConstraint("(prize IS NULL) = (status = 'reserve')", name="prize"),
    key=("raffle_id", "place"),
    app="SELECT, INSERT, UPDATE (prize, status, updated_at)",
    system="SELECT",
)
