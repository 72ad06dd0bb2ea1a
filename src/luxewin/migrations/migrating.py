"""Migration of the schema to its newest revision, by the first process that starts, while others serve requests.

Each revision is a transaction. It waits for a lock only briefly, because all later statements on the table wait behind
it, and is retried. No statement may take long; longer steps run outside transactions (`luxewin.migrations.online`).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from luxewin.kit.roles import Login, ensure_login_roles
from luxewin.kit.startup import StartupError
from luxewin.migrations.revisions import newest_revision

MIGRATION_LOCK = 0x4C58_0003
LOCK_SECONDS = 0.25
"""Less than the lock timeout of requests (`LUXEWIN_DATABASE_LOCK_TIMEOUT_SECONDS`), so that none fails behind it."""
STATEMENT_SECONDS = 60.0
PAUSES_SECONDS = (0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0)
"""Pauses between attempts to get a lock."""

_NO_TABLE = "42P01"
_LOCK_NOT_AVAILABLE, _CANCELLED = "55P03", "57014"
_POLL_SECONDS = 0.1


async def migrate(
    connect: Mapping[str, Any],
    logins: Iterable[Login],
    *,
    report: Callable[[str], None] = lambda _line: None,
    more_versions: Sequence[Path] = (),
) -> bool:
    """Migrate the schema to its newest revision, create the login roles, and return whether anything was migrated.

    Runs as the owner. With an advisory lock one process migrates at a time, and the others wait.
    `more_versions` are additional folders of revisions.

    Raises:
        StartupError: a lock was held for too long, or a statement took too long; completed revisions stay.
    """
    newest = newest_revision(*more_versions)
    connection = await asyncpg.connect(**connect)
    try:
        await _acquire_lock(connection)
        before = await current_revision(connection)
        if before != newest:
            report(f"Migrating the database from {before or 'an empty schema'} to {newest}")
            await _upgrade(connect, more_versions, report=report)
        database = await connection.fetchval("SELECT current_database()")
        await ensure_login_roles(connection, database, logins)
    finally:
        await connection.close()
    return before != newest


async def current_revision(connection: Any) -> str | None:
    """Return the revision of a database, or None if it was never migrated."""
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.PostgresError as error:
        if error.sqlstate != _NO_TABLE:
            raise
        return None
    return revision


async def _acquire_lock(connection: Any) -> None:
    """Poll for the lock: a waiting statement would hold a snapshot, for which CREATE INDEX CONCURRENTLY waits."""
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATION_LOCK):  # noqa: ASYNC110 - as above
        await asyncio.sleep(_POLL_SECONDS)


async def _upgrade(connect: Mapping[str, Any], more_versions: Sequence[Path], *, report: Callable[[str], None]) -> None:
    from luxewin.migrations.driving import upgrade

    limits = {"lock_timeout": f"{LOCK_SECONDS:g}s", "statement_timeout": f"{STATEMENT_SECONDS:g}s"}
    for pause_seconds in (*PAUSES_SECONDS, None):
        try:
            await upgrade({**connect, "server_settings": limits}, more_versions)
        except Exception as error:
            code = _sqlstate(error)
            if code == _CANCELLED:
                raise StartupError(
                    f"A statement of the migration took longer than {STATEMENT_SECONDS:g} s: "
                    "find out what slows the database down, then start again; earlier revisions are kept"
                ) from error
            if code != _LOCK_NOT_AVAILABLE:
                raise
            if pause_seconds is None:
                raise StartupError(
                    "The migration did not get its lock, because another transaction or a backup holds it: "
                    "wait until it ends, or end it (see pg_stat_activity), then start again"
                ) from error
            report(f"Another transaction holds a lock that the migration needs; retrying in {pause_seconds:g} s")
            await asyncio.sleep(pause_seconds)
        else:
            return


def _sqlstate(error: BaseException | None) -> str | None:
    """Return the SQLSTATE of an error, or of an error that it wraps."""
    while error is not None:
        code = getattr(error, "sqlstate", None)
        if code is not None:
            return str(code)
        error = error.__cause__ or getattr(error, "orig", None)
    return None
