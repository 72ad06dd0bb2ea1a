"""The keys that sign access tokens. They belong to the installation; only the system's role can read and write them."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StoredKey:
    """A stored signing key; `signing` is true if it may sign now."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes = field(repr=False)
    signs_from: datetime
    signing: bool


async def verifying(connection: Any) -> list[StoredKey]:
    """Return the keys whose tokens are accepted now; the first one signs."""
    rows = await connection.fetch(
        "SELECT kid, public_key, sealed_private_key, signs_from, signs_from <= now() AS signing"
        " FROM identity_signing_keys WHERE verifies_until IS NULL OR verifies_until > now()"
        " ORDER BY signs_from <= now() DESC, signs_from DESC, kid"
    )
    return [StoredKey(**row) for row in rows]


async def lock(connection: Any) -> None:
    """Block other changes of the keys until the commit."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('identity_signing_keys', 0))")


async def add(
    connection: Any, *, kid: str, public_key: bytes, sealed_private_key: bytes, signs_in_seconds: int
) -> None:
    """Store a key that signs after so many seconds."""
    await connection.execute(
        "INSERT INTO identity_signing_keys (kid, public_key, sealed_private_key, signs_from)"
        " VALUES ($1, $2, $3, now() + make_interval(secs => $4))",
        kid,
        public_key,
        sealed_private_key,
        float(signs_in_seconds),
    )


async def retire_others(connection: Any, kid: str, *, verify_for_seconds: int) -> None:
    """Limit how long every other key is accepted, and delete expired keys."""
    await connection.execute(
        "UPDATE identity_signing_keys SET verifies_until = now() + make_interval(secs => $2)"
        " WHERE kid <> $1 AND (verifies_until IS NULL OR verifies_until > now() + make_interval(secs => $2))",
        kid,
        float(verify_for_seconds),
    )
    await connection.execute("DELETE FROM identity_signing_keys WHERE verifies_until <= now()")
