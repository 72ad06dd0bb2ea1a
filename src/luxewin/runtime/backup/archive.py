"""The archive: a ZIP file of the database's dump, the installation's files and the manifest.

It is written under another name, read back, and only then given its own, so that whatever bears that name is whole. The
members are stored as they are: PostgreSQL has packed its dump already, and pictures cannot be packed any further.
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

from luxewin.runtime.backup.errors import BackupError, refused_to_write
from luxewin.runtime.backup.manifest import Manifest, Member, fingerprint_of

DUMP = "database.dump"
KEY = "master_key.json"
FILES = "files/"
_MANIFEST = "manifest.json"
_LARGEST_MANIFEST_BYTES = 16 * 2**20
CHUNK_BYTES = 2**18
_UNREADABLE = (zipfile.BadZipFile, EOFError, KeyError, OverflowError, RuntimeError, ValueError, struct.error)
"""What `zipfile` raises about a file that is no ZIP file, or no longer."""

Advance = Callable[[int], None]
"""Is told how many more bytes are done."""


def nowhere(_: int) -> None:
    """Nobody watches."""


class ArchiveDraft:
    """An archive while it is written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(descriptor, "w+b")
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_STORED, allowZip64=True)
        self.members: dict[str, Member] = {}

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a member, piece by piece."""
        sha256, size_bytes = hashlib.sha256(), 0
        with self._zip.open(zipfile.ZipInfo(name), "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)
                sha256.update(chunk)
                size_bytes += len(chunk)
        self.members[name] = Member(size_bytes, sha256.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, and see to it that all of it is on the disk."""
        self._zip.writestr(zipfile.ZipInfo(_MANIFEST), manifest.written())
        self._zip.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def discard(self) -> None:
        """Give up what was written; nothing is left of it, unless it was published meanwhile."""
        with suppress(OSError, ValueError):  # it would like to finish what is given up, on a disk that may be full
            self._zip.close()
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive that can be read."""

    path: Path
    manifest: Manifest

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read what an archive says of itself; its members are not looked at yet.

        Raises:
            BackupError: there is none, it was cut short, or it is of a later program.
        """
        try:
            with zipfile.ZipFile(path) as file, _opened(file, _MANIFEST) as manifest:
                return cls(path, Manifest.read(manifest.read(_LARGEST_MANIFEST_BYTES)))
        except _UNREADABLE as error:
            raise BackupError(f"{path} is no archive of LuxeWin, or was cut short: take another one") from error
        except OSError as error:
            raise BackupError(f"{path} cannot be read ({error.strerror or error}): name an archive") from error

    def require_key(self, key: bytes) -> None:
        """Make sure that this master key sealed the archive, and that the manifest is as it was then.

        Raises:
            BackupError: the key is another one, or the manifest was altered.
        """
        if self.manifest.fingerprint != fingerprint_of(key):
            raise BackupError(
                f"The master key is not the one that belongs to {self.path}: give that one, in LUXEWIN_MASTER_KEY "
                "or in secrets/master_key of the data folder; another could not read what is encrypted"
            )
        if not self.manifest.is_sealed_by(key):
            raise self._altered("manifest.json")

    def require_whole(self, *, advance: Advance = nowhere) -> None:
        """Read every member and compare it with the manifest.

        Raises:
            BackupError: one is missing, was altered, or cannot be read; or there is one too many.
        """
        with zipfile.ZipFile(self.path) as file:
            found = set(file.namelist()) - {_MANIFEST}
        for name in sorted(found ^ self.manifest.members.keys()):
            raise self._altered(name)
        for name, member in self.manifest.members.items():
            sha256, size_bytes = hashlib.sha256(), 0
            for chunk in self.chunks(name, advance=advance):
                sha256.update(chunk)
                size_bytes += len(chunk)
            if Member(size_bytes, sha256.hexdigest()) != member:
                raise self._altered(name)

    def chunks(self, name: str, *, advance: Advance = nowhere) -> Iterator[bytes]:
        """Yield a member, piece by piece.

        Raises:
            BackupError: it cannot be read as it was written.
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
        """How much there is to read."""
        return sum(member.size_bytes for member in self.manifest.members.values())

    @contextmanager
    def _member(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with zipfile.ZipFile(self.path) as file, _opened(file, name) as member:
                yield member
        except (*_UNREADABLE, OSError) as error:
            raise self._altered(name) from error

    def _altered(self, name: str) -> BackupError:
        return BackupError(f"{self.path} is damaged or was altered ({name}): take another archive")


def _opened(file: zipfile.ZipFile, name: str) -> IO[bytes]:
    if file.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise zipfile.BadZipFile(f"{name} is packed, which we never do")
    return file.open(name)


def extract(archive: Archive, folder: Path, *, advance: Advance = nowhere) -> None:
    """Write the archive's files into the data folder.

    Raises:
        BackupError: one would lie outside of the folder, or cannot be written.
    """
    for name in archive.files:
        target = folder / name.removeprefix(FILES)
        if not target.resolve().is_relative_to(folder.resolve()):
            raise BackupError(f"{archive.path} holds {name}, which leads out of the data folder: take another archive")
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
            raise refused_to_write(error, target) from error
