"""`luxewin backup`: everything that an installation is, at one moment, in one file; and the check of such a file."""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from luxewin import __version__
from luxewin.cli.database import NOTHING_HERE
from luxewin.cli.progress import megabytes, report, watched
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.runtime.backup.archive import CHUNK_BYTES, DUMP, FILES, KEY, Advance, Archive, ArchiveDraft
from luxewin.runtime.backup.archive_folder import ArchiveFolder
from luxewin.runtime.backup.dumping import Snapshot, dump, take_snapshot
from luxewin.runtime.backup.encrypted_key import encrypt_key, passphrase_in
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.backup.loading import read_through
from luxewin.runtime.backup.manifest import Manifest
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.staging import PRIVATE, refuse_half_restored
from luxewin.runtime.postgres.tools import Tools

_NOT_COPIED = frozenset({"postgres", "secrets", "run", "log", *PRIVATE})
"""What of a data folder is no file of the installation: the dump holds the database, the rest is this machine's."""


async def back_up(installation: Installation, folder: Path, *, keep: int | None, passphrase_file: Path | None) -> Path:
    """Write an archive into the folder, check it, and delete older ones but for `keep`; return its path.

    Raises:
        StartupError: there is no installation, or the archive could not be written; none is left behind then.
    """
    settings = installation.settings
    refuse_half_restored(settings)
    if settings.database.address is None and not Layout.of(settings.data_dir).cluster.exists():
        raise BackupError(NOTHING_HERE)
    passphrase = None if passphrase_file is None else passphrase_in(passphrase_file)
    shelf = ArchiveFolder(folder)
    async with installation.database_server(report=report, join=True) as address:
        with shelf.draft() as draft:
            async with take_snapshot(address) as moment:
                tools = Tools.at_least(moment.server_version)
                files = _files(settings.data_dir, shelf.folder)
                manifest = await _written(installation, draft, moment, tools, files=files, passphrase=passphrase)
            whole = Archive(draft.path, manifest)
            await _checked(whole, tools)
            path = shelf.publish(draft, moment.made_at)
    report(f"Backed up to {path} ({megabytes(path.stat().st_size)}), as of {manifest.made_at}")
    if passphrase is None:
        report("It opens with this installation's master key, which is not in it: keep a copy elsewhere")
    if keep is not None:
        shelf.forget(keep=keep, fingerprint=manifest.fingerprint, report=report)
    return path


async def verify(settings: Settings, file: Path) -> None:
    """Read an archive to its end and say whether it is as it was written.

    Raises:
        StartupError: it is not, or belongs to another master key than the one at hand.
    """
    archive = Archive.open(file)
    key = Secrets.existing_master_key(settings)
    if key is not None:
        archive.require_key(key)
    await _checked(archive, Tools.at_least(archive.manifest.tools_version))
    sealed = (
        "nothing was altered" if key is not None else "without the master key nobody can say whether it was altered"
    )
    report(f"{file} is whole, and {sealed}")
    report(described(archive.manifest))


def described(manifest: Manifest) -> str:
    """Say what an archive holds."""
    return (
        f"State of {manifest.made_at}, schema {manifest.schema_revision}, "
        f"written by LuxeWin {manifest.program_version} from PostgreSQL {manifest.server_version}"
    )


async def _written(
    installation: Installation,
    draft: ArchiveDraft,
    moment: Snapshot,
    tools: Tools,
    *,
    files: Mapping[str, Path],
    passphrase: bytes | None,
) -> Manifest:
    key = installation.secrets.master_key
    total_bytes = moment.size_bytes + sum(path.stat().st_size for path in files.values())

    def write(advance: Advance) -> Manifest:
        draft.add(DUMP, dump(moment, tools, advance=advance))
        for name, path in files.items():
            draft.add(name, _chunks(path, advance))
        if passphrase is not None:
            draft.add(KEY, [encrypt_key(key, passphrase)])
        manifest = Manifest(
            program_version=__version__,
            schema_revision=moment.schema_revision,
            made_at=moment.made_at.isoformat(),
            server_version=moment.server_version,
            tools_version=tools.version,
            database=moment.address.database,
            database_bytes=moment.database_bytes,
            roles=moment.roles,
            owned=moment.owned,
            members=draft.members,
        ).sealed(key)
        draft.finish(manifest)
        return manifest

    with watched("Backing up", total_bytes) as advance:
        return await asyncio.to_thread(write, advance)


async def _checked(archive: Archive, tools: Tools) -> None:
    size_bytes = archive.size_bytes + archive.manifest.members[DUMP].size_bytes
    with watched("Checking", size_bytes) as advance:
        await asyncio.to_thread(partial(archive.require_whole, advance=advance))
        await asyncio.to_thread(partial(read_through, archive, tools, advance=advance))


def _files(data_dir: Path, shelf: Path) -> dict[str, Path]:
    """Return the files that an installation keeps beside its database; archives are not archived again."""
    tops = [top for top in data_dir.iterdir() if top.name not in _NOT_COPIED] if data_dir.exists() else []
    found = (path for top in tops for path in ([top] if top.is_file() else sorted(top.rglob("*"))))
    return {
        f"{FILES}{path.relative_to(data_dir)}": path
        for path in found
        if path.is_file() and not path.is_symlink() and not path.resolve().is_relative_to(shelf)
    }


def _chunks(path: Path, advance: Advance) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
            advance(len(chunk))
