"""Signed anchor transactions, and final anchors.

The nonces of an account are shared by all tenants, so the functions for signed transactions take a connection with the
system role.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.anchoring import Anchored, AnchorLocation, SignedAnchor, TransactionState

_COLUMNS = (
    "hash, raw, purpose, raffle_id, chain_id, contract, sender, nonce, calldata, gas, max_fee_wei, priority_fee_wei,"
    " signed_at, state"
)
_SELECT = f"SELECT {_COLUMNS} FROM raffles_anchor_transactions"
_IN_ORDER = "ORDER BY saved_at, nonce, max_fee_wei"


async def tenants_with_pending_anchors(connection: Any) -> list[UUID]:
    """Return the tenants with open or locked raffles that promise an anchor."""
    rows = await connection.fetch(
        "SELECT DISTINCT tenant_id FROM raffles_raffles WHERE with_anchor AND status IN ('open', 'locked')"
    )
    return [row["tenant_id"] for row in rows]


async def save(connection: Any, tenant_id: UUID, signed: SignedAnchor) -> bool:
    """Store a signed transaction; return False if `AnchorStore.save` has to raise `NonceTaken`.

    An advisory lock serialises the calls for one account, so that each sees what the previous one committed.
    """
    location = signed.location
    account = f"raffles anchors {location.chain_id} {location.sender.hex()}"
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", account)
    return bool(
        await connection.fetchval(
            f"WITH inserted AS (INSERT INTO raffles_anchor_transactions (tenant_id, {_COLUMNS}, saved_at)"
            " SELECT $1, $2, $3, $4::text, $5::uuid, $6::bigint, $7, $8::bytea, $9::bigint, $10, $11, $12, $13, $14,"
            " $15, clock_timestamp() WHERE NOT EXISTS (SELECT FROM raffles_anchor_transactions t"
            " WHERE t.chain_id = $6 AND t.sender = $8 AND t.nonce = $9 AND (t.raffle_id, t.purpose) <> ($5, $4))"
            " AND NOT EXISTS (SELECT FROM raffles_anchor_transactions t WHERE t.tenant_id = $1 AND t.raffle_id = $5"
            " AND t.purpose = $4 AND t.nonce <> $9 AND t.state NOT IN ('failed', 'replaced'))"
            " ON CONFLICT DO NOTHING RETURNING 1)"
            " SELECT EXISTS (SELECT FROM inserted) OR EXISTS (SELECT FROM raffles_anchor_transactions"
            " WHERE tenant_id = $1 AND hash = $2)",
            tenant_id,
            signed.hash,
            signed.raw,
            signed.purpose,
            signed.raffle_id,
            location.chain_id,
            location.contract,
            location.sender,
            signed.nonce,
            signed.calldata,
            signed.gas,
            signed.max_fee_wei,
            signed.priority_fee_wei,
            signed.signed_at,
            signed.state,
        )
    )


async def mark(connection: Any, transaction_hash: bytes, state: TransactionState) -> None:
    """Update the state of a transaction of any tenant."""
    await connection.execute(
        "UPDATE raffles_anchor_transactions SET state = $2 WHERE hash = $1 AND state <> $2", transaction_hash, state
    )


async def of_purpose(connection: Any, tenant_id: UUID, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
    """Return every transaction of a purpose, in the order of saving."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE tenant_id = $1 AND raffle_id = $2 AND purpose = $3 {_IN_ORDER}",
        tenant_id,
        raffle_id,
        purpose,
    )
    return [_signed(row) for row in rows]


async def with_nonce(connection: Any, location: AnchorLocation, nonce: int) -> Sequence[SignedAnchor]:
    """Return every transaction of an account with this nonce, in the order of saving."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE chain_id = $1 AND sender = $2 AND nonce = $3 {_IN_ORDER}",
        location.chain_id,
        location.sender,
        nonce,
    )
    return [_signed(row) for row in rows]


async def highest_nonce(connection: Any, location: AnchorLocation) -> int | None:
    """Return the highest stored nonce of an account; None if there is none."""
    highest: int | None = await connection.fetchval(
        "SELECT max(nonce) FROM raffles_anchor_transactions WHERE chain_id = $1 AND sender = $2",
        location.chain_id,
        location.sender,
    )
    return highest


async def due(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles with pending anchors, the earliest closing time first."""
    rows = await tx.fetch(
        "SELECT r.id FROM raffles_raffles r WHERE r.tenant_id = $1 AND r.with_anchor AND (r.status = 'locked'"
        " OR r.status = 'open' AND (SELECT count(*) FROM raffles_rules v WHERE v.tenant_id = r.tenant_id"
        " AND v.raffle_id = r.id) > (SELECT count(*) FROM raffles_anchors a WHERE a.tenant_id = r.tenant_id"
        " AND a.raffle_id = r.id)) ORDER BY r.closes_at, r.id LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return [row["id"] for row in rows]


async def final_purposes(tx: Transaction, raffle_id: UUID) -> set[str]:
    """Return the keys of the purposes of a raffle whose anchors are final."""
    rows = await tx.fetch(
        "SELECT purpose FROM raffles_anchors WHERE tenant_id = $1 AND raffle_id = $2", tx.tenant_id, raffle_id
    )
    return {row["purpose"] for row in rows}


def add(tx: Transaction, raffle_id: UUID, purpose: str, anchored: Anchored) -> Write:
    """Return the write that stores a final anchor; repeating it changes nothing."""
    location = anchored.location
    return write(
        "INSERT INTO raffles_anchors (tenant_id, raffle_id, purpose, chain_id, contract, sender, transaction_hash,"
        " block_number, block_hash, block_timestamp, noted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " kit_now()) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        purpose,
        location.chain_id,
        location.contract,
        location.sender,
        anchored.transaction_hash,
        anchored.block_number,
        anchored.block_hash,
        anchored.block_timestamp,
    )


async def find(tx: Transaction, raffle_id: UUID, purpose: str) -> Anchored | None:
    """Return the final anchor of a purpose, if there is one."""
    row = await tx.fetchrow(
        "SELECT chain_id, contract, sender, transaction_hash, block_number, block_hash, block_timestamp"
        " FROM raffles_anchors WHERE tenant_id = $1 AND raffle_id = $2 AND purpose = $3",
        tx.tenant_id,
        raffle_id,
        purpose,
    )
    if row is None:
        return None
    return Anchored(
        location=AnchorLocation(chain_id=row["chain_id"], contract=row["contract"], sender=row["sender"]),
        transaction_hash=row["transaction_hash"],
        block_number=row["block_number"],
        block_hash=row["block_hash"],
        block_timestamp=row["block_timestamp"],
    )


def _signed(row: Any) -> SignedAnchor:
    values = dict(row)
    location = AnchorLocation(**{name: values.pop(name) for name in ("chain_id", "contract", "sender")})
    return SignedAnchor(**values | {"location": location, "state": TransactionState(values["state"])})
