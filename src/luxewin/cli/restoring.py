"""`luxewin restore`: create an installation from an archive."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from luxewin.cli.backing_up import describe_archive
from luxewin.cli.progress import report
from luxewin.cli.unpacking import check, key_for, load_and_migrate, require_disk_space
from luxewin.configuration import LOGIN_ROLES
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import ensure_folder
from luxewin.migrations.migrating import current_revision
from luxewin.runtime.backup.archive import Archive, extract
from luxewin.runtime.backup.errors import BackupError, write_error
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres import EmbeddedPostgres, check_external, role_names
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock
from luxewin.runtime.postgres.staging import clear, move_into_place, staging_folder

_MARKER = "archive"
"""The file in the staging folder with the seal of the archive that is being restored."""
_OTHER_SESSIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND backend_type = 'client backend'"
)
_OBJECTS = (
    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
)


async def restore(settings: Settings, file: Path, passphrase_file: Path | None) -> None:
    """Restore an archive to the data folder and the database of the settings, completely or not at all.

    Raises:
        StartupError: the archive or the target is not usable, or the restore failed.
    """
    started = time.monotonic()
    archive = Archive.open(file)
    key = key_for(settings, archive, passphrase_file)
    if settings.database.address is None:
        await _restore_embedded(settings, archive, key)
    else:
        await _restore_external(settings, settings.database.address, archive, key)
    report(f"Restored {file} in {time.monotonic() - started:.1f} s. {describe_archive(archive.manifest)}")
    report("Start it with `luxewin start`, then check every invariant with `luxewin prove`")


async def _restore_embedded(settings: Settings, archive: Archive, key: bytes) -> None:
    own, staging = Layout.of(settings.data_dir), staging_folder(settings)
    with _lock_data_folder(own):
        if own.cluster.exists():
            raise BackupError(
                f"There already is a database in {own.home}: move that folder away, "
                "or set LUXEWIN_DATA_DIR to another folder"
            )
        require_disk_space(archive.manifest, settings.data_dir)
        await check(archive)
        installation = _with_key(settings, key)
        await clear(staging)
        try:
            ensure_folder(staging, mode=0o711)
            extract(archive, settings.data_dir)
            server = EmbeddedPostgres(staging, password=installation.owner.password, report=report)
            try:
                await server.start()
                await load_and_migrate(archive, server.address, installation)
            finally:
                await server.stop()
            move_into_place(staging, settings.data_dir)
        finally:
            await clear(staging)


async def _restore_external(settings: Settings, address: DatabaseAddress, archive: Archive, key: bytes) -> None:
    await check_external(address, roles=role_names(address.database, LOGIN_ROLES))
    with _lock_data_folder(Layout.of(settings.data_dir)):
        staging = staging_folder(settings)
        is_loaded = _archive_of_interrupted_restore(staging) == archive.manifest.seal and await _is_restored(address)
        if not is_loaded:
            await _require_empty(address)
        await check(archive)
        installation = _with_key(settings, key)
        await clear(staging)
        try:
            _mark_started(staging, archive)
            extract(archive, settings.data_dir)
            await load_and_migrate(archive, address, installation, is_loaded=is_loaded)
        finally:
            await clear(staging)


@contextmanager
def _lock_data_folder(own: Layout) -> Iterator[None]:
    """Lock the data folder against other programs during the block.

    Raises:
        BackupError: another program uses it.
    """
    ensure_folder(own.data_dir, mode=0o711)
    ensure_folder(own.locks)
    lock = FolderLock(own.supervisor_lock)
    if not lock.acquire():
        raise BackupError(
            f"Another LuxeWin is running in {own.data_dir}: stop it, or set LUXEWIN_DATA_DIR to another folder"
        )
    try:
        yield
    finally:
        lock.release()


def _with_key(settings: Settings, key: bytes) -> Installation:
    Secrets.store_master_key(settings, key)
    return Installation.of(settings, login_roles=LOGIN_ROLES)


async def _require_empty(address: DatabaseAddress) -> None:
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        if await connection.fetchval(_OTHER_SESSIONS):
            raise BackupError(f"Other programs are connected to {address}: stop them, then restore again")
        if await connection.fetchval(_OBJECTS):
            raise BackupError(f"{address} is not empty: use a new database, created with CREATE DATABASE")
    finally:
        await connection.close()


def _archive_of_interrupted_restore(staging: Path) -> Any:
    """Return the seal of the archive of an interrupted restore, or None."""
    marker = staging / _MARKER
    return marker.read_text(encoding="ascii") if marker.exists() else None


def _mark_started(staging: Path, archive: Archive) -> None:
    ensure_folder(staging, mode=0o711)
    try:
        (staging / _MARKER).write_text(archive.manifest.seal, encoding="ascii")
    except OSError as error:
        raise write_error(error, staging) from error


async def _is_restored(address: DatabaseAddress) -> bool:
    """Return whether an interrupted restore was committed: its transaction loads the whole archive or nothing."""
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        return await current_revision(connection) is not None
    finally:
        await connection.close()
