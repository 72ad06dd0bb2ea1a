"""The shelf: the folder that archives are written to, what they are called there, and which ones may go."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from luxewin.runtime.backup.archive import Archive, ArchiveDraft
from luxewin.runtime.backup.errors import BackupError, refused_to_write
from luxewin.runtime.postgres.locks import FolderLock

_PREFIX, _SUFFIX = "luxewin-", ".zip"
_DRAFT = ".draft"
_LOCK = ".luxewin-backup.lock"


class ArchiveFolder:
    """A folder with archives; one backup at a time writes to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @contextmanager
    def draft(self) -> Iterator[ArchiveDraft]:
        """Begin an archive, while nobody else does; it is gone at the end, unless it was published.

        Raises:
            BackupError: the folder cannot be written, or another backup is at work in it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FolderLock(self.folder / _LOCK)
            if not lock.acquire():
                raise BackupError(f"Another backup is being written to {self.folder}: wait for it, or stop it")
        except OSError as error:
            raise refused_to_write(error, self.folder) from error
        try:
            for left_behind in self.folder.glob(f"{_PREFIX}*{_DRAFT}"):
                left_behind.unlink(missing_ok=True)
            draft = ArchiveDraft(self.folder / f"{_PREFIX}{os.getpid()}{_DRAFT}")
            try:
                yield draft
            finally:
                draft.discard()
        except OSError as error:
            raise refused_to_write(error, self.folder) from error
        finally:
            lock.release()

    def publish(self, draft: ArchiveDraft, made_at: datetime) -> Path:
        """Give a finished draft its name, after the moment that it holds; nothing is ever written over."""
        final = self.folder / f"{_PREFIX}{made_at:%Y%m%dT%H%M%S.%fZ}{_SUFFIX}"
        draft.path.rename(final)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return final

    def forget(self, *, keep: int, fingerprint: str, report: Callable[[str], None]) -> None:
        """Delete the oldest archives of the installation with this fingerprint, but for `keep`; others stay."""
        for archive in self._archives(fingerprint)[:-keep]:
            archive.path.unlink(missing_ok=True)
            report(f"Deleted {archive.path}, because newer ones are kept")

    def _archives(self, fingerprint: str) -> list[Archive]:
        found = []
        for path in sorted(self.folder.glob(f"{_PREFIX}*{_SUFFIX}")):
            with suppress(BackupError):  # what is no archive of ours is not ours to delete
                archive = Archive.open(path)
                if archive.manifest.fingerprint == fingerprint:
                    found.append(archive)
        return sorted(found, key=lambda archive: archive.manifest.made_at)
