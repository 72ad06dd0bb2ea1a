"""Calls of Alembic: upgrade, draft, and render a revision as SQL. Importing it is as slow as a program start."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from luxewin.migrations.formatting import format_draft
from luxewin.migrations.revisions import FIRST, newest_revision, versions_folder


async def upgrade(connect: Mapping[str, Any], more_versions: Sequence[Path] = (), *, to: str = "head") -> None:
    """Apply all missing revisions to a database, up to one of them, each in its own transaction."""
    await _with_connection(connect, _configuration(more_versions), lambda config: command.upgrade(config, to))


async def draft(connect: Mapping[str, Any], name: str, *, into: Path | None = None) -> Path:
    """Write a new revision from the difference between models and database, formatted; return its path.

    It is written to the package's folder of revisions, or to `into`.

    Raises:
        StartupError: Ruff is not installed.
    """
    folder = into or versions_folder()
    number = f"{int(newest_revision()) + 1:04}"

    def write(config: Config) -> Path:
        message = name[:1].upper() + name[1:].rstrip(".")
        script = command.revision(config, message=message, autogenerate=True, rev_id=number, version_path=str(folder))
        assert isinstance(script, Script), "one message makes one revision"
        return Path(script.path)

    path: Path = await _with_connection(connect, _configuration(() if into is None else (into,)), write)
    format_draft(path)
    return path


def revisions(more_versions: Sequence[Path] = ()) -> Iterator[Script]:
    """Yield every revision after the first, oldest first."""
    scripts = ScriptDirectory.from_config(_configuration(more_versions))
    yield from (script for script in reversed(list(scripts.walk_revisions())) if script.revision != FIRST)


def rendered_sql(revision: Script, more_versions: Sequence[Path] = ()) -> str:
    """Return the SQL of a revision, with BEGIN and COMMIT."""
    output = StringIO()
    config = _configuration(more_versions)
    config.output_buffer = output
    command.upgrade(config, f"{revision.down_revision}:{revision.revision}", sql=True)
    return output.getvalue()


def _configuration(more_versions: Sequence[Path] = ()) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("luxewin.migrations")))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, (versions_folder(), *more_versions))))
    return config


async def _with_connection(connect: Mapping[str, Any], config: Config, work: Callable[[Config], Any]) -> Any:
    def with_connection(connection: Any) -> Any:
        config.attributes["connection"] = connection
        return work(config)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=lambda: asyncpg.connect(**connect))
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(with_connection)
    finally:
        await engine.dispose()
