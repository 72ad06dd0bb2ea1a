"""What restoring and drilling have in common: an archive that is trusted, and a database that is made from it."""

import asyncio
import shutil
from functools import partial
from pathlib import Path

import asyncpg

from luxewin import __version__
from luxewin.cli.progress import report, watched
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.migrations.migrating import migrate
from luxewin.migrations.revisions import newest_revision
from luxewin.runtime.backup.archive import DUMP, KEY, Archive
from luxewin.runtime.backup.encrypted_key import decrypt_key, passphrase_in
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.backup.loading import load
from luxewin.runtime.backup.manifest import Manifest
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.tools import Tools

_SPARE_BYTES = 200 * 2**20


def key_for(settings: Settings, archive: Archive, passphrase_file: Path | None) -> bytes:
    """Return the master key that an archive belongs to: the one at hand, or the one that it holds itself.

    Raises:
        StartupError: there is none, or a wrong one; or the archive is of a newer schema than this program's.
    """
    key = Secrets.existing_master_key(settings)
    if passphrase_file is not None:
        if KEY not in archive.manifest.members:
            raise BackupError(
                f"{archive.path} holds no master key: leave out --passphrase-file, and give the key in "
                "LUXEWIN_MASTER_KEY or in secrets/master_key of the data folder"
            )
        boxed = decrypt_key(b"".join(archive.chunks(KEY)), passphrase_in(passphrase_file))
        archive.require_key(boxed)
        key = key or boxed
    if key is None:
        raise BackupError(
            f"The master key that belongs to {archive.path} is not at hand: give it in LUXEWIN_MASTER_KEY, put it into "
            f"{settings.data_dir / 'secrets' / 'master_key'}, or name the --passphrase-file that it was backed up with"
        )
    archive.require_key(key)
    _refuse_newer(archive.manifest)
    return key


async def check(archive: Archive) -> None:
    """Read all of an archive, and compare it with its manifest.

    Raises:
        BackupError: it is damaged or was altered.
    """
    with watched("Checking", archive.size_bytes) as advance:
        await asyncio.to_thread(partial(archive.require_whole, advance=advance))


async def load_and_migrate(
    archive: Archive, address: DatabaseAddress, installation: Installation, *, is_there: bool = False
) -> None:
    """Load an archive into an empty database, and bring its schema and its login roles up to date.

    Where `is_there`, an interrupted run has loaded it already.

    Raises:
        StartupError: the database would not take it.
    """
    if not is_there:
        await _load(archive, address)
    await migrate(address.connect_arguments(), installation.logins(), report=report)


async def _load(archive: Archive, address: DatabaseAddress) -> None:
    version = await _server_version(address)
    if version < archive.manifest.server_version:
        raise BackupError(
            f"The archive is of PostgreSQL {archive.manifest.server_version}, and {address} runs {version}: "
            "give a server that is as new, for PostgreSQL does not restore backwards"
        )
    tools = Tools.at_least(archive.manifest.tools_version)
    with watched("Restoring", archive.manifest.members[DUMP].size_bytes) as advance:
        await asyncio.to_thread(partial(load, archive, address, tools, server_version=version, advance=advance))


async def _server_version(address: DatabaseAddress) -> int:
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        version: int = await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000")
    finally:
        await connection.close()
    return version


def refuse_without_room(manifest: Manifest, folder: Path) -> None:
    """Make sure that the database of an archive fits on a disk.

    Raises:
        BackupError: it does not.
    """
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free_bytes, needed_bytes = shutil.disk_usage(existing).free, manifest.database_bytes + _SPARE_BYTES
    if free_bytes < needed_bytes:
        raise BackupError(
            f"The disk that holds {folder} has {free_bytes // 2**20} MB left, and the restored database needs about "
            f"{needed_bytes // 2**20} MB: free some space, or set LUXEWIN_DATA_DIR to a folder on another disk"
        )


def _refuse_newer(manifest: Manifest) -> None:
    if manifest.schema_revision > newest_revision():
        raise BackupError(
            f"The archive's schema is {manifest.schema_revision}, and this is LuxeWin {__version__}, which knows "
            f"{newest_revision()}: restore it with LuxeWin {manifest.program_version} or later"
        )
