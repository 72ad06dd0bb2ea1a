"""The archive: a ZIP file with the dump of the database, the files of the installation and the manifest.

It is written under a temporary name, read back, and renamed after that, so that a file with the final name is complete.
Members are not compressed: PostgreSQL compresses its dump, and so do the formats of pictures.
"""

import hashlib
import os
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from luxewin.runtime.backup.errors import BackupError, write_error
from luxewin.runtime.backup.manifest import Manifest, Member, fingerprint_of

DUMP = "database.dump"
KEY = "master_key.json"
FILES = "files/"
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST_BYTES = 16 * 2**20
CHUNK_BYTES = 2**18
_UNREADABLE = (zipfile.BadZipFile, EOFError, KeyError, OverflowError, RuntimeError, ValueError, struct.error)
"""Raised by `zipfile` for a file that is not a valid ZIP file."""

Advance = Callable[[int], None]
"""Receives the number of bytes processed since the last call."""


def no_progress(_: int) -> None:
    """Ignore progress."""


class ArchiveDraft:
    """An archive that is being written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.members: dict[str, Member] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a member in chunks."""
        sha256, size_bytes = hashlib.sha256(), 0
        with self._zip.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                sha256.update(chunk)
                size_bytes += len(chunk)
        self.members[name] = Member(size_bytes, sha256.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and flush the archive to disk."""
        self._zip.writestr(zipfile.ZipInfo(_MANIFEST), manifest.encoded())
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Close and delete the draft, unless it was published."""
        with suppress(OSError, ValueError):  # closing writes the directory of the ZIP file, which fails on a full disk
            self._zip.close()
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Archive:
    """A complete archive, open for reading."""

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read the manifest of an archive; its members are not checked yet.

        Raises:
            BackupError: it is missing, truncated, or of a later version.
        """
        try:
            with zipfile.ZipFile(path) as file, _open_zip(file, _MANIFEST) as manifest:
                return cls(path, Manifest.read(manifest.read(_LARGEST_MANIFEST_BYTES)))
        except _UNREADABLE as error:
            raise BackupError(f"{path} is not an archive of LuxeWin, or is truncated: use another one") from error
        except OSError as error:
            raise BackupError(
                f"{path} cannot be read ({error.strerror or error}): give the path of an archive"
            ) from error

    def require_key(self, key: bytes) -> None:
        """Check that this master key sealed the archive, and that the manifest is unchanged.

        Raises:
            BackupError: it is another key, or the manifest was altered.
        """
        if self.manifest.fingerprint != fingerprint_of(key):
            raise BackupError(
                f"The master key does not belong to {self.path}: give the right one in LUXEWIN_MASTER_KEY "
                "or in secrets/master_key of the data folder; another key cannot decrypt its data"
            )
        if not self.manifest.is_sealed_by(key):
            raise self._alteration_error("manifest.json")

    def require_intact(self, *, advance: Advance = no_progress) -> None:
        """Read every member and compare it with the manifest.

        Raises:
            BackupError: a member is missing, unexpected, altered or unreadable.
        """
        with zipfile.ZipFile(self.path) as file:
            found = set(file.namelist()) - {_MANIFEST}
        for name in sorted(found ^ self.manifest.members.keys()):
            raise self._alteration_error(name)
        for name, member in self.manifest.members.items():
            sha256, size_bytes = hashlib.sha256(), 0
            for chunk in self.chunks(name, advance=advance):
                sha256.update(chunk)
                size_bytes += len(chunk)
            if Member(size_bytes, sha256.hexdigest()) != member:
                raise self._alteration_error(name)

    def chunks(self, name: str, *, advance: Advance = no_progress) -> Iterator[bytes]:
        """Yield a member in chunks.

        Raises:
            BackupError: it cannot be read.
        """
        with self._member(name) as member:
            while chunk := member.read(CHUNK_BYTES):
                yield chunk
                advance(len(chunk))

    @property
    def files(self) -> list[str]:
        """The names of the members that are files of the data folder."""
        return [name for name in self.manifest.members if name.startswith(FILES)]

    @property
    def size_bytes(self) -> int:
        """The total size of the members."""
        return sum(member.size_bytes for member in self.manifest.members.values())

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with zipfile.ZipFile(self.path) as file, _open_zip(file, name) as member:
                yield member
        except (*_UNREADABLE, OSError) as error:
            raise self._alteration_error(name) from error

    def _alteration_error(self, name: str) -> BackupError:
        return BackupError(f"{self.path} is damaged or was altered ({name}): use another archive")


def _open_zip(file: zipfile.ZipFile, name: str) -> IO[bytes]:
    if file.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile(f"{name} is compressed, which no archive is")
    return file.open(name)


def extract(archive: Archive, folder: Path, *, advance: Advance = no_progress) -> None:
    """Write the archive's files into the data folder.

    Raises:
        BackupError: a file would be outside the folder, or cannot be written.
    """
    for name in archive.files:
        target = folder / name.removeprefix(FILES)
        if not target.resolve().is_relative_to(folder.resolve()):
            raise BackupError(f"{archive.path} holds {name}, which is outside the data folder: use another archive")
        draft = target.with_name(f".{target.name}.draft")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with draft.open("wb") as output:
                for chunk in archive.chunks(name, advance=advance):
                    output.write(chunk)
                output.flush()
                os.fsync(output.fileno())
            draft.replace(target)
        except OSError as error:
            raise write_error(error, target) from error
