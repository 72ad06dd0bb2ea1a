"""What waits for a gateway's word, of all tenants together."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """How many payments or refunds have an outcome that nobody knows, and for how long the oldest has had it."""

    count: int
    oldest_seconds: float


async def unknown_payments(connection: Any) -> Unknown:
    """Count the attempts whose outcome is unknown."""
    return await _unknown(connection, "payments_attempts")


async def unknown_refunds(connection: Any) -> Unknown:
    """Count the refunds whose outcome is unknown."""
    return await _unknown(connection, "payments_refunds")


async def _unknown(connection: Any, table: str) -> Unknown:
    # Whatever is unknown is to be looked up, so the index of what is due holds it.
    row = await connection.fetchrow(
        "SELECT count(*) AS count, greatest(0, extract(epoch FROM now() - min(updated_at)))::float8 AS oldest_seconds"
        f" FROM {table} WHERE look_up_at IS NOT NULL AND status = 'unknown'"
    )
    return Unknown(row["count"], row["oldest_seconds"])
