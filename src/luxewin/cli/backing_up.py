"""`luxewin backup`: write an archive of the installation, or check one."""

import asyncio
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from luxewin import __version__
from luxewin.cli.database import NO_INSTALLATION
from luxewin.cli.progress import megabytes, progress_of, report
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.runtime.backup.archive import CHUNK_BYTES, DUMP, FILES, KEY, Advance, Archive, ArchiveDraft
from luxewin.runtime.backup.archive_folder import ArchiveFolder
from luxewin.runtime.backup.dumping import Snapshot, dump, export_snapshot
from luxewin.runtime.backup.encrypted_key import encrypt_key, passphrase_in
from luxewin.runtime.backup.errors import BackupError
from luxewin.runtime.backup.loading import read_through
from luxewin.runtime.backup.manifest import Manifest
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.staging import PRIVATE, refuse_interrupted_restore
from luxewin.runtime.postgres.tools import Tools

_NOT_COPIED = frozenset({"postgres", "secrets", "run", "log", *PRIVATE})
"""Folders that are not copied: the dump contains the database, and the others belong to this machine."""


async def back_up(installation: Installation, folder: Path, *, keep: int | None, passphrase_file: Path | None) -> Path:
    """Write an archive to the folder, check it, delete old ones except for `keep`, and return its path.

    Raises:
        StartupError: there is no installation, or the archive could not be written.
    """
    settings = installation.settings
    refuse_interrupted_restore(settings)
    if settings.database.address is None and not Layout.of(settings.data_dir).cluster.exists():
        raise BackupError(NO_INSTALLATION)
    passphrase = None if passphrase_file is None else passphrase_in(passphrase_file)
    archives = ArchiveFolder(folder)
    async with installation.database_server(report=report, join=True) as address:
        with archives.draft() as draft:
            async with export_snapshot(address) as snapshot:
                tools = Tools.at_least(snapshot.server_version)
                files = _files(settings.data_dir, archives.folder)
                manifest = await _write_archive(
                    installation, draft, snapshot, tools, files=files, passphrase=passphrase
                )
            archive = Archive(draft.path, manifest)
            await _check(archive, tools)
            path = archives.publish(draft, snapshot.made_at)
    report(f"Backed up to {path} ({megabytes(path.stat().st_size)}), as of {manifest.made_at}")
    if passphrase is None:
        report("A restore needs the master key of this installation, which it does not contain: keep a copy elsewhere")
    if keep is not None:
        archives.delete_old(keep=keep, fingerprint=manifest.fingerprint, report=report)
    return path


async def verify(settings: Settings, file: Path) -> None:
    """Check that an archive is complete and unchanged.

    Raises:
        StartupError: it is damaged, or belongs to another master key.
    """
    archive = Archive.open(file)
    key = Secrets.existing_master_key(settings)
    if key is not None:
        archive.require_key(key)
    await _check(archive, Tools.at_least(archive.manifest.tools_version))
    seal = "its seal is valid" if key is not None else "its seal was not checked, because there is no master key here"
    report(f"{file} is complete; {seal}")
    report(describe_archive(archive.manifest))


def describe_archive(manifest: Manifest) -> str:
    """Return a description of an archive."""
    return (
        f"State of {manifest.made_at}, schema {manifest.schema_revision}, "
        f"written by LuxeWin {manifest.program_version} from PostgreSQL {manifest.server_version}"
    )


async def _write_archive(
    installation: Installation,
    draft: ArchiveDraft,
    snapshot: Snapshot,
    tools: Tools,
    *,
    files: Mapping[str, Path],
    passphrase: bytes | None,
) -> Manifest:
    key = installation.secrets.master_key
    total_bytes = snapshot.size_bytes + sum(path.stat().st_size for path in files.values())

    def write(advance: Advance) -> Manifest:
        draft.add(DUMP, dump(snapshot, tools, advance=advance))
        for name, path in files.items():
            draft.add(name, _chunks(path, advance))
        if passphrase is not None:
            draft.add(KEY, [encrypt_key(key, passphrase)])
        manifest = Manifest(
            program_version=__version__,
            schema_revision=snapshot.schema_revision,
            made_at=snapshot.made_at.isoformat(),
            server_version=snapshot.server_version,
            tools_version=tools.version,
            database=snapshot.address.database,
            database_bytes=snapshot.database_bytes,
            roles=snapshot.roles,
            owned=snapshot.owned,
            members=draft.members,
        ).sealed(key)
        draft.finish(manifest)
        return manifest

    with progress_of("Backing up", total_bytes) as advance:
        return await asyncio.to_thread(write, advance)


async def _check(archive: Archive, tools: Tools) -> None:
    size_bytes = archive.size_bytes + archive.manifest.members[DUMP].size_bytes
    with progress_of("Checking", size_bytes) as advance:
        await asyncio.to_thread(partial(archive.require_intact, advance=advance))
        await asyncio.to_thread(partial(read_through, archive, tools, advance=advance))


def _files(data_dir: Path, archives: Path) -> dict[str, Path]:
    """Return the files of an installation outside the database, without archives in its data folder."""
    tops = [top for top in data_dir.iterdir() if top.name not in _NOT_COPIED] if data_dir.exists() else []
    found = (path for top in tops for path in ([top] if top.is_file() else sorted(top.rglob("*"))))
    return {
        f"{FILES}{path.relative_to(data_dir)}": path
        for path in found
        if path.is_file() and not path.is_symlink() and not path.resolve().is_relative_to(archives)
    }


def _chunks(path: Path, advance: Advance) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
            advance(len(chunk))
