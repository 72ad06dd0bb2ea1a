"""Retention: deletion of rows after a fixed time."""

from luxewin.kit.database import Database

KEY_RETENTION_DAYS = 30


async def delete_old_keys(database: Database) -> None:
    """Delete idempotency keys that are older than 30 days; those of unfinished requests stay."""
    async with database.system() as connection:
        await connection.execute(
            "DELETE FROM kit_idempotency_keys WHERE status = 'done' AND created_at < now() - make_interval(days => $1)",
            KEY_RETENTION_DAYS,
        )
