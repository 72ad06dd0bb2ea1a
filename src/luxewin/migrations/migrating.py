"""Migrating: the schema is brought to its newest revision, once, whoever starts first, while others serve.

Each revision is a transaction of its own. It waits for a lock for a moment only, because whatever comes after it in the
queue waits with it, and then steps back and tries again; and no statement of it may take long. What needs longer runs
outside of transactions (`luxewin.migrations.online`).
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
"""Less than anybody else waits for a lock (`LUXEWIN_DATABASE_LOCK_TIMEOUT_SECONDS`): nobody behind us is refused."""
STATEMENT_SECONDS = 60.0
PAUSES_SECONDS = (0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0)
"""What is waited between tries to get a lock, for others to end what they do."""

_NO_TABLE = "42P01"
_LOCK_NOT_AVAILABLE, _CANCELLED = "55P03", "57014"
_LOOK_AGAIN_SECONDS = 0.1


async def migrate(
    connect: Mapping[str, Any],
    logins: Iterable[Login],
    *,
    report: Callable[[str], None] = lambda _line: None,
    more_versions: Sequence[Path] = (),
) -> bool:
    """Bring the schema to its newest revision and see to the login roles; tell whether anything was migrated.

    Runs as the owner. An advisory lock lets one process at a time migrate; the others wait and find it done.
    `more_versions` are folders with revisions beside the program's own.

    Raises:
        StartupError: somebody holds a lock for too long, or a statement takes too long; what was migrated stays.
    """
    newest = newest_revision(*more_versions)
    connection = await asyncpg.connect(**connect)
    try:
        await _only_one(connection)
        before = await current_revision(connection)
        if before != newest:
            report(f"Migrating the database from {before or 'nothing'} to {newest}")
            await _upgrade(connect, more_versions, report=report)
        database = await connection.fetchval("SELECT current_database()")
        await ensure_login_roles(connection, database, logins)
    finally:
        await connection.close()
    return before != newest


async def current_revision(connection: Any) -> str | None:
    """Return the revision a database is at, None where it has never been migrated."""
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.PostgresError as error:
        if error.sqlstate != _NO_TABLE:
            raise
        return None
    return revision


async def _only_one(connection: Any) -> None:
    """Wait for the lock from outside: inside a statement a snapshot is held, for which a growing index would wait."""
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", MIGRATION_LOCK):  # noqa: ASYNC110 - as above
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


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
                    "see what slows the database down, then start again; the revisions before it are kept"
                ) from error
            if code != _LOCK_NOT_AVAILABLE:
                raise
            if pause_seconds is None:
                raise StartupError(
                    "The migration did not get its lock, because another transaction or a backup holds it: "
                    "let that end, or end it (pg_stat_activity shows it), then start again"
                ) from error
            report(f"Somebody holds a lock that the migration needs; trying again in {pause_seconds:g} s")
            await asyncio.sleep(pause_seconds)
        else:
            return


def _sqlstate(error: BaseException | None) -> str | None:
    """Return PostgreSQL's code for an error, through whatever has been wrapped around it."""
    while error is not None:
        code = getattr(error, "sqlstate", None)
        if code is not None:
            return str(code)
        error = error.__cause__ or getattr(error, "orig", None)
    return None
