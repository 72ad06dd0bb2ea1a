"""Steps shared by a restore and a restore drill: check the archive, find its key, and load it."""

import asyncio
import shutil
from functools import partial
from pathlib import Path

import asyncpg

from luxewin import __version__
from luxewin.cli.progress import progress_of, report
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
    """Return the master key of an archive: from this installation, or decrypted from the archive.

    Raises:
        StartupError: there is no key, or a wrong one; or the schema of the archive is newer than this version.
    """
    key = Secrets.existing_master_key(settings)
    if passphrase_file is not None:
        if KEY not in archive.manifest.members:
            raise BackupError(
                f"{archive.path} contains no master key: omit --passphrase-file, and give the key in "
                "LUXEWIN_MASTER_KEY or in secrets/master_key of the data folder"
            )
        decrypted = decrypt_key(b"".join(archive.chunks(KEY)), passphrase_in(passphrase_file))
        archive.require_key(decrypted)
        key = key or decrypted
    if key is None:
        raise BackupError(
            f"The master key of {archive.path} is missing: give it in LUXEWIN_MASTER_KEY, put it into "
            f"{settings.data_dir / 'secrets' / 'master_key'}, or give the --passphrase-file of the backup"
        )
    archive.require_key(key)
    _require_known_schema(archive.manifest)
    return key


async def check(archive: Archive) -> None:
    """Compare all members of an archive with its manifest.

    Raises:
        BackupError: it is damaged or was altered.
    """
    with progress_of("Checking", archive.size_bytes) as advance:
        await asyncio.to_thread(partial(archive.require_intact, advance=advance))


async def load_and_migrate(
    archive: Archive, address: DatabaseAddress, installation: Installation, *, is_loaded: bool = False
) -> None:
    """Load an archive into an empty database, and update its schema and its login roles.

    With `is_loaded` an interrupted restore has loaded it already.

    Raises:
        StartupError: the database reported an error.
    """
    if not is_loaded:
        await _load(archive, address)
    await migrate(address.connect_arguments(), installation.logins(), report=report)


async def _load(archive: Archive, address: DatabaseAddress) -> None:
    version = await _server_version(address)
    if version < archive.manifest.server_version:
        raise BackupError(
            f"The archive is of PostgreSQL {archive.manifest.server_version}, and {address} runs {version}: "
            "use a server of the same version or later"
        )
    tools = Tools.at_least(archive.manifest.tools_version)
    with progress_of("Restoring", archive.manifest.members[DUMP].size_bytes) as advance:
        await asyncio.to_thread(partial(load, archive, address, tools, server_version=version, advance=advance))


async def _server_version(address: DatabaseAddress) -> int:
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        version: int = await connection.fetchval("SELECT current_setting('server_version_num')::int / 10000")
    finally:
        await connection.close()
    return version


def require_disk_space(manifest: Manifest, folder: Path) -> None:
    """Check that the disk has space for the database of an archive.

    Raises:
        BackupError: it has not.
    """
    existing = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free_bytes, needed_bytes = shutil.disk_usage(existing).free, manifest.database_bytes + _SPARE_BYTES
    if free_bytes < needed_bytes:
        raise BackupError(
            f"The disk that holds {folder} has {free_bytes // 2**20} MB left, and the restored database needs about "
            f"{needed_bytes // 2**20} MB: free some space, or set LUXEWIN_DATA_DIR to a folder on another disk"
        )


def _require_known_schema(manifest: Manifest) -> None:
    if manifest.schema_revision > newest_revision():
        raise BackupError(
            f"The archive's schema is {manifest.schema_revision}, and this is LuxeWin {__version__}, which supports "
            f"{newest_revision()}: restore it with LuxeWin {manifest.program_version} or later"
        )
