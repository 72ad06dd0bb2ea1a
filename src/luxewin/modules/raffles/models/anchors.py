"""Signed anchor transactions, and final anchors.

Signed transactions are written with the system role, since the nonces of one account are shared by all tenants. Rows
are never deleted, and only their state is updated.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, LargeBinary, Text, Uuid

from luxewin.kit.schema import index, reference, tenant_table, timestamp

transactions = tenant_table(
    "raffles_anchor_transactions",
    Column("hash", LargeBinary, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("raffle_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("contract", LargeBinary, nullable=False),
    Column("sender", LargeBinary, nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("calldata", LargeBinary, nullable=False),
    Column("gas", BigInteger, nullable=False),
    Column("max_fee_wei", BigInteger, nullable=False),
    Column("priority_fee_wei", BigInteger, nullable=False),
    Column("signed_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    timestamp("saved_at"),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("octet_length(hash) = 32", name="hash"),
    CheckConstraint("octet_length(contract) = 20 AND octet_length(sender) = 20", name="place"),
    CheckConstraint("nonce >= 0", name="nonce"),
    CheckConstraint("state IN ('signed', 'sent', 'mined', 'confirmed', 'failed', 'replaced')", name="state"),
    key=("hash",),
    app="SELECT",
    system="SELECT, INSERT, UPDATE (state)",
)
index("raffles_anchor_transactions_purpose_idx", transactions.c.raffle_id, transactions.c.purpose)
Index(
    "raffles_anchor_transactions_nonce_idx",
    transactions.c.chain_id,
    transactions.c.sender,
    transactions.c.nonce,
)

anchors = tenant_table(
    "raffles_anchors",
    Column("raffle_id", Uuid, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("contract", LargeBinary, nullable=False),
    Column("sender", LargeBinary, nullable=False),
    Column("transaction_hash", LargeBinary, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("block_hash", LargeBinary, nullable=False),
    Column("block_timestamp", BigInteger, nullable=False),
    timestamp("noted_at"),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("octet_length(contract) = 20 AND octet_length(sender) = 20", name="place"),
    CheckConstraint("octet_length(transaction_hash) = 32 AND octet_length(block_hash) = 32", name="hashes"),
    key=("raffle_id", "purpose"),
    app="SELECT, INSERT",
    system="SELECT",
)
