"""Requests of a caller counted for the whole installation, in the same sliding window as `Limiter` uses.

One statement counts and decides, on the database's clock, so that all processes and machines agree. The table is not
logged: a crash of the server may forget a minute, and a count waits for no disk.
"""

from typing import NamedTuple

from luxewin.kit.database import Database

RETENTION_MINUTES = 10
_BEFORE = (
    "CASE WHEN c.minute >= excluded.minute THEN c.before WHEN c.minute = excluded.minute - 1 THEN c.requests ELSE 0 END"
)
_NOW = "CASE WHEN c.minute >= excluded.minute THEN c.requests ELSE 0 END"
_ELAPSED = "mod(extract(epoch FROM excluded.counted_at), 60) / 60"
_ADMITTED = f"({_BEFORE}) * (1 - {_ELAPSED}) + ({_NOW}) + 1 <= $3"
_COUNT = (
    "INSERT INTO kit_request_counts AS c (policy, caller, minute, before, requests, admitted, counted_at)"
    " VALUES ($1, $2, floor(extract(epoch FROM now()) / 60), 0, 1, true, now())"
    " ON CONFLICT (policy, caller) DO UPDATE SET minute = greatest(c.minute, excluded.minute),"
    f" before = {_BEFORE}, requests = ({_NOW}) + ({_ADMITTED})::int, admitted = {_ADMITTED},"
    " counted_at = excluded.counted_at"
    " RETURNING before, requests, admitted, mod(extract(epoch FROM counted_at), 60)::float8 AS elapsed_seconds"
)


class Count(NamedTuple):
    """Requests of a caller in the previous and in this minute, and whether this one was admitted and is counted."""

    before: int
    now: int
    is_admitted: bool
    elapsed_seconds: float


async def count_request(database: Database, limit: str, caller: str, *, allowed: int) -> Count:
    """Count a request unless it exceeds the limit.

    Raises:
        Unavailable: the database is unreachable, or did not answer in time.
    """
    row = await database.fetch_system_row(_COUNT, limit, caller, allowed)
    return Count(row["before"], row["requests"], row["admitted"], row["elapsed_seconds"])


async def delete_old_counts(database: Database) -> None:
    """Delete the counts of callers that have sent nothing for ten minutes."""
    async with database.system() as connection:
        await connection.execute(
            "DELETE FROM kit_request_counts WHERE counted_at < now() - make_interval(mins => $1)", RETENTION_MINUTES
        )
