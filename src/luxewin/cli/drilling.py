"""`luxewin restore --drill`: an archive restored into a private server, proved there, and nothing of it left."""

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
from luxewin.cli.backing_up import described
from luxewin.cli.progress import megabytes, report
from luxewin.cli.unpacking import check, key_for, load_and_migrate, refuse_without_room
from luxewin.configuration import LOGIN_ROLES
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.invariants import Violation
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import ensure_folder
from luxewin.migrations.revisions import newest_revision
from luxewin.modules.payments.public import open_gateways
from luxewin.runtime.backup.archive import Archive
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres import EmbeddedPostgres
from luxewin.runtime.postgres.staging import clear, drill_folder
from luxewin.workflows.prove_invariants.workflow import all_breaches


async def drill(settings: Settings, file: Path, passphrase_file: Path | None) -> bool:
    """Restore an archive, migrate it, prove every law on it, and remove it again; tell whether all laws hold.

    The installation in the data folder, if there is one, is not touched.

    Raises:
        StartupError: the archive cannot be restored.
    """
    begun = time.monotonic()
    archive = Archive.open(file)
    key = key_for(settings, archive, passphrase_file)
    folder, was_there = drill_folder(settings), settings.data_dir.exists()
    await clear(folder)
    with _ended_gently():
        try:
            refuse_without_room(archive.manifest, folder)
            await check(archive)
            ensure_folder(ensure_folder(settings.data_dir, mode=0o711) / folder.name, mode=0o711)
            found = await _drilled(settings, archive, key, folder)
        finally:
            await clear(folder)
            if not was_there:
                with suppress(OSError):
                    settings.data_dir.rmdir()
    proving.report(found)
    report(f"{described(archive.manifest)}; as of that moment")
    report(f"The drill took {time.monotonic() - begun:.1f} s, and nothing of it is left")
    return not found


async def _drilled(settings: Settings, archive: Archive, key: bytes, folder: Path) -> list[Violation]:
    begun = time.monotonic()
    server = EmbeddedPostgres(folder, password=secrets.token_urlsafe(), report=report)
    try:
        await server.start()
        installation = _installation(settings, key, server.address)
        await load_and_migrate(archive, server.address, installation)
        size = megabytes(archive.manifest.database_bytes)
        report(f"Restored {size} at schema {newest_revision()} in {time.monotonic() - begun:.1f} s")
        await _stand_at(datetime.fromisoformat(archive.manifest.made_at), server.address)
        database = await installation.open_database()
        try:
            async with open_gateways(installation) as gateways:
                return await all_breaches(database, gateways.offered)
        finally:
            await database.close()
    finally:
        await server.stop()


def _installation(settings: Settings, key: bytes, address: DatabaseAddress) -> Installation:
    """Return the installation that is tried out: these settings, on a database and in a folder of its own."""
    database = settings.database.model_copy(update={"address": None, "app_password": None, "system_password": None})
    private = settings.model_copy(update={"data_dir": drill_folder(settings), "database": database})
    return Installation(private, Secrets(drill_folder(settings) / "secrets", key, {}), address, LOGIN_ROLES)


async def _stand_at(moment: datetime, address: DatabaseAddress) -> None:
    """Let every `now()` of the proof be the moment that the archive holds.

    Some laws say that nothing waits for longer than so many seconds. They were kept at that moment, and an archive that
    has lain on a shelf since must not break them.
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
def _ended_gently() -> Iterator[None]:
    """Let SIGTERM, while the block runs, end the drill as Ctrl-C does: after it has cleaned up."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
