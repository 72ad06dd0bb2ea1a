"""`luxewin restore`: an installation as an archive holds it, made anew where there is none."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

from luxewin.cli.backing_up import described
from luxewin.cli.progress import report
from luxewin.cli.unpacking import check, key_for, load_and_migrate, refuse_without_room
from luxewin.configuration import LOGIN_ROLES
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import ensure_folder
from luxewin.migrations.migrating import current_revision
from luxewin.runtime.backup.archive import Archive, extract
from luxewin.runtime.backup.errors import BackupError, refused_to_write
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres import EmbeddedPostgres, check_external, role_names
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock
from luxewin.runtime.postgres.staging import clear, move_into_place, staging_folder

_MARK = "archive"
"""In the staging folder: the seal of the archive that a restore has begun with."""
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
    """Make the installation that the settings name from an archive, whole or not at all, and say how long it took.

    Raises:
        StartupError: the archive or the place will not do, or something failed; nothing half-made starts then.
    """
    begun = time.monotonic()
    archive = Archive.open(file)
    key = key_for(settings, archive, passphrase_file)
    if settings.database.address is None:
        await _restore_embedded(settings, archive, key)
    else:
        await _restore_elsewhere(settings, settings.database.address, archive, key)
    report(f"Restored {file} in {time.monotonic() - begun:.1f} s. {described(archive.manifest)}")
    report("Start it with `luxewin start`; then let `luxewin prove` check every law")


async def _restore_embedded(settings: Settings, archive: Archive, key: bytes) -> None:
    own, staging = Layout.of(settings.data_dir), staging_folder(settings)
    with _kept_from_others(own):
        if own.cluster.exists():
            raise BackupError(
                f"There is a database in {own.home} already: move that folder away, "
                "or set LUXEWIN_DATA_DIR to another folder"
            )
        refuse_without_room(archive.manifest, settings.data_dir)
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


async def _restore_elsewhere(settings: Settings, address: DatabaseAddress, archive: Archive, key: bytes) -> None:
    await check_external(address, roles=role_names(address.database, LOGIN_ROLES))
    with _kept_from_others(Layout.of(settings.data_dir)):
        staging = staging_folder(settings)
        is_there = _begun_with(staging) == archive.manifest.seal and await _was_committed(address)
        if not is_there:
            await _refuse_occupied(address)
        await check(archive)
        installation = _with_key(settings, key)
        await clear(staging)
        try:
            _begin(staging, archive)
            extract(archive, settings.data_dir)
            await load_and_migrate(archive, address, installation, is_there=is_there)
        finally:
            await clear(staging)


@contextmanager
def _kept_from_others(own: Layout) -> Iterator[None]:
    """Keep every other program from the data folder while the block runs.

    Raises:
        BackupError: one is at work in it.
    """
    ensure_folder(own.data_dir, mode=0o711)
    ensure_folder(own.locks)
    keeper = FolderLock(own.supervisor_lock)
    if not keeper.acquire():
        raise BackupError(f"Another LuxeWin is at work in {own.data_dir}: stop it, or set LUXEWIN_DATA_DIR")
    try:
        yield
    finally:
        keeper.release()


def _with_key(settings: Settings, key: bytes) -> Installation:
    Secrets.store_master_key(settings, key)
    return Installation.of(settings, login_roles=LOGIN_ROLES)


async def _refuse_occupied(address: DatabaseAddress) -> None:
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        if await connection.fetchval(_OTHER_SESSIONS):
            raise BackupError(f"Others are connected to {address}: stop every program that uses it, then restore")
        if await connection.fetchval(_OBJECTS):
            raise BackupError(f"{address} is not empty: give a new database, made by CREATE DATABASE")
    finally:
        await connection.close()


def _begun_with(staging: Path) -> Any:
    """Return the seal of the archive that an interrupted restore has begun with, None where there was none."""
    mark = staging / _MARK
    return mark.read_text(encoding="ascii") if mark.exists() else None


def _begin(staging: Path, archive: Archive) -> None:
    ensure_folder(staging, mode=0o711)
    try:
        (staging / _MARK).write_text(archive.manifest.seal, encoding="ascii")
    except OSError as error:
        raise refused_to_write(error, staging) from error


async def _was_committed(address: DatabaseAddress) -> bool:
    """Whether an interrupted restore came as far as its commit: a database has all of an archive, or nothing."""
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        return await current_revision(connection) is not None
    finally:
        await connection.close()
