"""What was signed to anchor raffles, and what of it is final.

Signed transactions are kept across tenants, for an account counts its nonces across them: these functions take a
connection of the system's role.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.raffles.domain.anchoring import Anchored, AnchorPlace, SignedAnchor, TransactionState

_COLUMNS = (
    "hash, raw, purpose, raffle_id, chain_id, contract, sender, nonce, calldata, gas, max_fee_wei, priority_fee_wei,"
    " signed_at, state"
)
_SELECT = f"SELECT {_COLUMNS} FROM raffles_anchor_transactions"
_IN_ORDER = "ORDER BY saved_at, nonce, max_fee_wei"


async def busy_tenants(connection: Any) -> list[UUID]:
    """Return the tenants that have something to anchor."""
    rows = await connection.fetch(
        "SELECT DISTINCT tenant_id FROM raffles_raffles WHERE with_anchor AND status IN ('open', 'locked')"
    )
    return [row["tenant_id"] for row in rows]


async def save(connection: Any, tenant_id: UUID, signed: SignedAnchor) -> bool:
    """Store a signed transaction; False where its nonce is taken, or its purpose still has another one.

    Whoever stores for an account waits for the one before: what the second sees, the first has committed.
    """
    place = signed.place
    account = f"raffles anchors {place.chain_id} {place.sender.hex()}"
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", account)
    return bool(
        await connection.fetchval(
            f"WITH kept AS (INSERT INTO raffles_anchor_transactions (tenant_id, {_COLUMNS}, saved_at)"
            " SELECT $1, $2, $3, $4::text, $5::uuid, $6::bigint, $7, $8::bytea, $9::bigint, $10, $11, $12, $13, $14,"
            " $15, clock_timestamp() WHERE NOT EXISTS (SELECT FROM raffles_anchor_transactions t"
            " WHERE t.chain_id = $6 AND t.sender = $8 AND t.nonce = $9 AND (t.raffle_id, t.purpose) <> ($5, $4))"
            " AND NOT EXISTS (SELECT FROM raffles_anchor_transactions t WHERE t.tenant_id = $1 AND t.raffle_id = $5"
            " AND t.purpose = $4 AND t.nonce <> $9 AND t.state NOT IN ('failed', 'replaced'))"
            " ON CONFLICT DO NOTHING RETURNING 1)"
            " SELECT EXISTS (SELECT FROM kept) OR EXISTS (SELECT FROM raffles_anchor_transactions"
            " WHERE tenant_id = $1 AND hash = $2)",
            tenant_id,
            signed.hash,
            signed.raw,
            signed.purpose,
            signed.raffle_id,
            place.chain_id,
            place.contract,
            place.sender,
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
    """Note what was last seen of a transaction, whosever it is."""
    await connection.execute(
        "UPDATE raffles_anchor_transactions SET state = $2 WHERE hash = $1 AND state <> $2", transaction_hash, state
    )


async def of_purpose(connection: Any, tenant_id: UUID, raffle_id: UUID, purpose: str) -> Sequence[SignedAnchor]:
    """Return every transaction of a purpose, in the order of their saving."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE tenant_id = $1 AND raffle_id = $2 AND purpose = $3 {_IN_ORDER}",
        tenant_id,
        raffle_id,
        purpose,
    )
    return [_signed(row) for row in rows]


async def at_nonce(connection: Any, place: AnchorPlace, nonce: int) -> Sequence[SignedAnchor]:
    """Return every transaction of an account with this nonce, in the order of their saving."""
    rows = await connection.fetch(
        f"{_SELECT} WHERE chain_id = $1 AND sender = $2 AND nonce = $3 {_IN_ORDER}",
        place.chain_id,
        place.sender,
        nonce,
    )
    return [_signed(row) for row in rows]


async def highest_nonce(connection: Any, place: AnchorPlace) -> int | None:
    """Return the highest nonce that is stored of an account."""
    highest: int | None = await connection.fetchval(
        "SELECT max(nonce) FROM raffles_anchor_transactions WHERE chain_id = $1 AND sender = $2",
        place.chain_id,
        place.sender,
    )
    return highest


async def due(tx: Transaction, *, limit: int) -> list[UUID]:
    """Return raffles with something to anchor, those first that close first."""
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
    """Return which purposes of a raffle are anchored for good."""
    rows = await tx.fetch(
        "SELECT purpose FROM raffles_anchors WHERE tenant_id = $1 AND raffle_id = $2", tx.tenant_id, raffle_id
    )
    return {row["purpose"] for row in rows}


def add(tx: Transaction, raffle_id: UUID, purpose: str, anchored: Anchored) -> Write:
    """Return the write that notes a final anchor; noting it again changes nothing."""
    place = anchored.place
    return write(
        "INSERT INTO raffles_anchors (tenant_id, raffle_id, purpose, chain_id, contract, sender, transaction_hash,"
        " block_number, block_hash, block_timestamp, noted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " kit_now()) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        raffle_id,
        purpose,
        place.chain_id,
        place.contract,
        place.sender,
        anchored.transaction_hash,
        anchored.block_number,
        anchored.block_hash,
        anchored.block_timestamp,
    )


async def found(tx: Transaction, raffle_id: UUID, purpose: str) -> Anchored | None:
    """Return a final anchor, if there is one."""
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
        place=AnchorPlace(chain_id=row["chain_id"], contract=row["contract"], sender=row["sender"]),
        transaction_hash=row["transaction_hash"],
        block_number=row["block_number"],
        block_hash=row["block_hash"],
        block_timestamp=row["block_timestamp"],
    )


def _signed(row: Any) -> SignedAnchor:
    told = dict(row)
    place = AnchorPlace(chain_id=told.pop("chain_id"), contract=told.pop("contract"), sender=told.pop("sender"))
    return SignedAnchor(**told | {"place": place, "state": TransactionState(told["state"])})
