"""A catalogue of many thousand products, for tests of query plans."""

from pathlib import Path
from uuid import UUID

import asyncpg

from luxewin.kit.tenancy import Tenancy
from tests.conftest import TestDatabase

LARGE_ROWS = 5_000
CROWDED = Tenancy(id=UUID("0199a1b2-7c00-7000-8000-0000000000aa"), slug="crowded", currency="USD")


async def fill(test_database: TestDatabase) -> None:
    """Insert the catalogue, and update the planner's statistics."""
    connection = await asyncpg.connect(**test_database.owner)
    try:
        await connection.execute("SELECT set_config('app.tenant_id', $1, false)", str(CROWDED.id))
        await connection.execute(Path(__file__).with_name("crowd.sql").read_text(encoding="utf-8"))
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def rows_scanned(test_database: TestDatabase) -> dict[str, int]:
    """Return the number of rows of each large table that sequential scans have read so far."""
    connection = await asyncpg.connect(**test_database.owner)
    try:
        rows = await connection.fetch(
            "SELECT relname, seq_tup_read FROM pg_stat_user_tables WHERE n_live_tup > $1", LARGE_ROWS
        )
    finally:
        await connection.close()
    return {row["relname"]: row["seq_tup_read"] for row in rows}
