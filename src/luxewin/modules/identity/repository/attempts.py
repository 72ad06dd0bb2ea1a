"""Failed attempts, counted under the hash of the address that was sent."""

import hashlib
from dataclasses import dataclass

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write


@dataclass(frozen=True, slots=True)
class Attempts:
    """The number of failures in a row for an address, and whether it is locked."""

    failed: int
    locked: bool


async def of(tx: Transaction, email_key: str) -> Attempts:
    """Return the attempts of an address."""
    row = await tx.fetchrow(
        "SELECT failed, coalesce(locked_until > now(), false) AS locked FROM identity_attempts"
        " WHERE tenant_id = $1 AND address_hash = $2",
        tx.tenant_id,
        _hash(email_key),
    )
    return Attempts(0, locked=False) if row is None else Attempts(row["failed"], row["locked"])


async def lock_row(tx: Transaction, email_key: str) -> Attempts:
    """Return the attempts of an address, and lock their row until the commit."""
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
    """Return the write that sets the count, and locks the address for so many seconds."""
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
    """Return the write that resets the count."""
    return write(
        "DELETE FROM identity_attempts WHERE tenant_id = $1 AND address_hash = $2", tx.tenant_id, _hash(email_key)
    )


def delete_older(tx: Transaction, *, retention_days: int) -> Write:
    """Return the write that deletes counts without a failure in so many days."""
    return write(
        "DELETE FROM identity_attempts WHERE tenant_id = $1 AND last_at < now() - make_interval(days => $2)",
        tx.tenant_id,
        retention_days,
    )


def _hash(email_key: str) -> bytes:
    return hashlib.sha256(email_key.encode()).digest()
