"""Queries of the payments and refunds with an unknown outcome, of all tenants together."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Unknown:
    """The number of payments or refunds with an unknown outcome, and the age of the oldest."""

    count: int
    oldest_seconds: float


async def unknown_payments(connection: Any) -> Unknown:
    """Count the attempts whose outcome is unknown."""
    return await _unknown(connection, "payments_attempts")


async def unknown_refunds(connection: Any) -> Unknown:
    """Count the refunds whose outcome is unknown."""
    return await _unknown(connection, "payments_refunds")


async def _unknown(connection: Any, table: str) -> Unknown:
    # A row with an unknown outcome always has a look-up scheduled, so the partial index of due look-ups covers it.
    row = await connection.fetchrow(
        "SELECT count(*) AS count, greatest(0, extract(epoch FROM now() - min(updated_at)))::float8 AS oldest_seconds"
        f" FROM {table} WHERE look_up_at IS NOT NULL AND status = 'unknown'"
    )
    return Unknown(row["count"], row["oldest_seconds"])
