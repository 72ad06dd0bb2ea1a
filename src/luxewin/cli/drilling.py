"""`luxewin restore --drill`: test an archive by restoring it to a temporary server."""

import asyncio
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

import asyncpg

from luxewin.cli import proving
from luxewin.cli.backing_up import describe_archive
from luxewin.cli.progress import megabytes, report
from luxewin.cli.unpacking import check, key_for, load_and_migrate, require_disk_space
from luxewin.configuration import LOGIN_ROLES
from luxewin.installed import INVARIANT_CHECKS, installed_services
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.invariants import Violation
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import ensure_folder
from luxewin.migrations.revisions import newest_revision
from luxewin.runtime.backup.archive import Archive
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres import EmbeddedPostgres
from luxewin.runtime.postgres.staging import clear, drill_folder


async def drill(settings: Settings, file: Path, passphrase_file: Path | None) -> bool:
    """Restore an archive to a temporary server, migrate it, check every invariant, and delete it.

    Returns whether all invariants hold. An installation in the data folder is not changed.

    Raises:
        StartupError: the archive cannot be restored.
    """
    started = time.monotonic()
    archive = Archive.open(file)
    key = key_for(settings, archive, passphrase_file)
    folder, data_dir_existed = drill_folder(settings), settings.data_dir.exists()
    await clear(folder)
    with _cancel_on_sigterm():
        try:
            require_disk_space(archive.manifest, folder)
            await check(archive)
            ensure_folder(ensure_folder(settings.data_dir, mode=0o711) / folder.name, mode=0o711)
            found = await _restore_and_check(settings, archive, key, folder)
        finally:
            await clear(folder)
            if not data_dir_existed:
                with suppress(OSError):
                    settings.data_dir.rmdir()
    proving.report(found)
    report(describe_archive(archive.manifest))
    report(f"The drill took {time.monotonic() - started:.1f} s, and its files are deleted")
    return not found


async def _restore_and_check(settings: Settings, archive: Archive, key: bytes, folder: Path) -> list[Violation]:
    started = time.monotonic()
    server = EmbeddedPostgres(folder, password=secrets.token_urlsafe(), report=report)
    try:
        await server.start()
        installation = _installation(settings, key, server.address)
        await load_and_migrate(archive, server.address, installation)
        size = megabytes(archive.manifest.database_bytes)
        report(f"Restored {size} at schema {newest_revision()} in {time.monotonic() - started:.1f} s")
        await _fix_time(datetime.fromisoformat(archive.manifest.made_at), server.address)
        database = await installation.open_database()
        try:
            async with installed_services(installation, database, base_url=settings.http.base_url) as services:
                return await INVARIANT_CHECKS.violations(services)
        finally:
            await database.close()
    finally:
        await server.stop()


def _installation(settings: Settings, key: bytes, address: DatabaseAddress) -> Installation:
    """Return an installation with these settings and a temporary database and folder."""
    database = settings.database.model_copy(update={"address": None, "app_password": None, "system_password": None})
    private = settings.model_copy(update={"data_dir": drill_folder(settings), "database": database})
    return Installation(private, Secrets(drill_folder(settings) / "secrets", key, {}), address, LOGIN_ROLES)


async def _fix_time(moment: datetime, address: DatabaseAddress) -> None:
    """Make `now()` return the time of the snapshot.

    Some invariants limit for how long a row may wait. They held at the time of the snapshot, and the age of the archive
    must not violate them.
    """
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        at = await connection.fetchval("SELECT quote_literal($1::timestamptz)", moment)
        await connection.execute(
            "CREATE SCHEMA moment; GRANT USAGE ON SCHEMA moment TO PUBLIC;"
            f" CREATE FUNCTION moment.now() RETURNS timestamptz STABLE LANGUAGE sql AS $$ SELECT {at}::timestamptz $$;"
            f' ALTER DATABASE "{address.database}" SET search_path = moment, pg_catalog, public'
        )
    finally:
        await connection.close()


@contextmanager
def _cancel_on_sigterm() -> Iterator[None]:
    """Cancel the drill on SIGTERM, as on Ctrl-C, so that it cleans up."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
