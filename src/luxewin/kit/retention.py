"""Retention: what is kept for a time only, and is let go after it."""

from luxewin.kit.database import Database

KEYS_KEPT_DAYS = 30


async def forget_old_keys(database: Database) -> None:
    """Delete idempotency keys that are older than 30 days; those of unfinished work stay."""
    async with database.system() as connection:
        await connection.execute(
            "DELETE FROM kit_idempotency_keys WHERE status = 'done' AND created_at < now() - make_interval(days => $1)",
            KEYS_KEPT_DAYS,
        )
