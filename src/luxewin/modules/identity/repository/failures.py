"""Failed attempts, counted under the hash of the address that was sent, and by their source.

A source is the network of a client, or `STRANGERS`: all networks together from which the account has not logged in.
"""

import hashlib
from dataclasses import dataclass

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write

STRANGERS = "strangers"


@dataclass(frozen=True, slots=True)
class Failures:
    """The number of failures of a source for an address, and whether it is locked."""

    failed: int
    locked: bool


def network(address: str) -> str:
    """Return the source of a client; its address is an IPv6 network or an IPv4 address."""
    return f"network {address}"


async def of(tx: Transaction, email_key: str, source: str) -> Failures:
    """Return the failures of a source."""
    row = await tx.fetchrow(
        "SELECT failed, coalesce(locked_until > now(), false) AS locked FROM identity_failures"
        " WHERE tenant_id = $1 AND address_hash = $2 AND source_hash = $3",
        tx.tenant_id,
        _hash(email_key),
        _hash(source),
    )
    return Failures(0, locked=False) if row is None else Failures(row["failed"], row["locked"])


async def lock_row(tx: Transaction, email_key: str, source: str) -> Failures:
    """Return the failures of a source, and lock their row until the commit."""
    tx.write(
        write(
            "INSERT INTO identity_failures (tenant_id, address_hash, source_hash, failed, last_at)"
            " VALUES ($1, $2, $3, 0, now()) ON CONFLICT (tenant_id, address_hash, source_hash) DO NOTHING",
            tx.tenant_id,
            _hash(email_key),
            _hash(source),
        )
    )
    await tx.flush()
    await tx.fetchval(
        "SELECT 1 FROM identity_failures WHERE tenant_id = $1 AND address_hash = $2 AND source_hash = $3 FOR UPDATE",
        tx.tenant_id,
        _hash(email_key),
        _hash(source),
    )
    return await of(tx, email_key, source)


def count(tx: Transaction, email_key: str, source: str, *, failed: int, lock_seconds: int) -> Write:
    """Return the write that sets the count of a source, and locks it for so many seconds."""
    return write(
        "UPDATE identity_failures SET failed = $4, last_at = now(),"
        " locked_until = CASE WHEN $5::float8 > 0 THEN now() + make_interval(secs => $5) END"
        " WHERE tenant_id = $1 AND address_hash = $2 AND source_hash = $3",
        tx.tenant_id,
        _hash(email_key),
        _hash(source),
        failed,
        float(lock_seconds),
    )


def clear(tx: Transaction, email_key: str, source: str) -> Write:
    """Return the write that resets the count of a source."""
    return write(
        "DELETE FROM identity_failures WHERE tenant_id = $1 AND address_hash = $2 AND source_hash = $3",
        tx.tenant_id,
        _hash(email_key),
        _hash(source),
    )


def clear_all(tx: Transaction, email_key: str) -> Write:
    """Return the write that resets the counts of all sources."""
    return write(
        "DELETE FROM identity_failures WHERE tenant_id = $1 AND address_hash = $2", tx.tenant_id, _hash(email_key)
    )


def delete_older(tx: Transaction, *, retention_days: int) -> list[Write]:
    """Return the writes that delete counts without a failure in so many days, also those of the previous version."""
    return [
        write(
            f"DELETE FROM {table} WHERE tenant_id = $1 AND last_at < now() - make_interval(days => $2)",
            tx.tenant_id,
            retention_days,
        )
        for table in ("identity_failures", "identity_attempts")
    ]


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
