"""Failed attempts, counted under the hash of the address that was tried."""

import hashlib
from dataclasses import dataclass

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write


@dataclass(frozen=True, slots=True)
class Attempts:
    """How often in a row it went wrong, and whether the address rests."""

    failed: int
    locked: bool


async def of(tx: Transaction, email_key: str) -> Attempts:
    """Return what was counted for an address."""
    row = await tx.fetchrow(
        "SELECT failed, coalesce(locked_until > now(), false) AS locked FROM identity_attempts"
        " WHERE tenant_id = $1 AND address_hash = $2",
        tx.tenant_id,
        _hash(email_key),
    )
    return Attempts(0, locked=False) if row is None else Attempts(row["failed"], row["locked"])


async def locked_row(tx: Transaction, email_key: str) -> Attempts:
    """Return what was counted for an address, and let nobody else count before the commit."""
    tx.write(
        write(
            "INSERT INTO identity_attempts (tenant_id, address_hash, failed, last_at) VALUES ($1, $2, 0, now())"
            " ON CONFLICT (tenant_id, address_hash) DO NOTHING",
            tx.tenant_id,
            _hash(email_key),
        )
    )
    await tx.flush()
    await tx.fetchval(
        "SELECT 1 FROM identity_attempts WHERE tenant_id = $1 AND address_hash = $2 FOR UPDATE",
        tx.tenant_id,
        _hash(email_key),
    )
    return await of(tx, email_key)


def count(tx: Transaction, email_key: str, *, failed: int, lock_seconds: int) -> Write:
    """Return the write that sets the count, and lets the address rest for so long."""
    return write(
        "UPDATE identity_attempts SET failed = $3, last_at = now(),"
        " locked_until = CASE WHEN $4::float8 > 0 THEN now() + make_interval(secs => $4) END"
        " WHERE tenant_id = $1 AND address_hash = $2",
        tx.tenant_id,
        _hash(email_key),
        failed,
        float(lock_seconds),
    )


def clear(tx: Transaction, email_key: str) -> Write:
    """Return the write that forgets what was counted."""
    return write(
        "DELETE FROM identity_attempts WHERE tenant_id = $1 AND address_hash = $2", tx.tenant_id, _hash(email_key)
    )


def forget(tx: Transaction, *, kept_days: int) -> Write:
    """Return the write that removes what nobody has added to for so many days."""
    return write(
        "DELETE FROM identity_attempts WHERE tenant_id = $1 AND last_at < now() - make_interval(days => $2)",
        tx.tenant_id,
        kept_days,
    )


def _hash(email_key: str) -> bytes:
    return hashlib.sha256(email_key.encode()).digest()
