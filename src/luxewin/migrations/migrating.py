"""Migrating: the schema is brought to its newest revision, once, whoever starts first."""

from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import asyncpg

from luxewin.kit.roles import ensure_login_roles

MIGRATION_LOCK = 0x4C58_0003
_NO_TABLE = "42P01"


async def migrate(
    connect: Mapping[str, Any], passwords: Mapping[str, str], *, tell: Callable[[str], None] = lambda _line: None
) -> bool:
    """Bring the schema to its newest revision and see to the login roles; tell whether anything was migrated.

    Runs as the owner. An advisory lock lets one process at a time migrate; the others wait and find it done.
    """
    connection = await asyncpg.connect(**connect)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        before = await current_revision(connection)
        if before != newest_revision():
            tell(f"Migrating the database from {before or 'nothing'} to {newest_revision()}")
            await _upgrade(connect)
        await ensure_login_roles(connection, await connection.fetchval("SELECT current_database()"), passwords)
    finally:
        await connection.close()
    return before != newest_revision()


async def current_revision(connection: Any) -> str | None:
    """Return the revision a database is at, None where it has never been migrated."""
    try:
        revision: str | None = await connection.fetchval("SELECT version_num FROM alembic_version")
    except asyncpg.PostgresError as error:
        if error.sqlstate != _NO_TABLE:
            raise
        return None
    return revision


def newest_revision() -> str:
    """Return the newest revision: the highest number that a file of `versions` begins with."""
    names = [path.name for path in files("luxewin.migrations").joinpath("versions").iterdir()]
    return max(name.partition("_")[0] for name in names if name[0].isdigit())


async def draft(connect: Mapping[str, Any], name: str) -> Path:
    """Write a new migration from what the models have and the database has not; return its path."""
    number = f"{int(newest_revision()) + 1:04}"

    def write(config: Any) -> Path:
        from alembic import command
        from alembic.script import Script

        script = command.revision(config, message=name, autogenerate=True, rev_id=number)
        assert isinstance(script, Script), "one message makes one revision"
        return Path(script.path)

    path: Path = await _with_alembic(connect, write)
    return path


async def _upgrade(connect: Mapping[str, Any]) -> None:
    def upgrade(config: Any) -> None:
        from alembic import command

        command.upgrade(config, "head")

    await _with_alembic(connect, upgrade)


async def _with_alembic(connect: Mapping[str, Any], work: Callable[[Any], Any]) -> Any:
    # Imported here: it takes as long as a start, and most starts have nothing to migrate.
    from alembic.config import Config
    from sqlalchemy.ext.asyncio import create_async_engine

    config = Config()
    config.set_main_option("script_location", str(files("luxewin.migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")

    def with_connection(connection: Any) -> Any:
        config.attributes["connection"] = connection
        return work(config)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(**connect))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(with_connection)
    finally:
        await engine.dispose()
