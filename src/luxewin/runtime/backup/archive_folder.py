"""The folder of archives: their names, and the deletion of old ones."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from luxewin.runtime.backup.archive import Archive, ArchiveDraft
from luxewin.runtime.backup.errors import BackupError, write_error
from luxewin.runtime.postgres.locks import FolderLock

_PREFIX, _SUFFIX = "luxewin-", ".zip"
_DRAFT = ".draft"
_LOCK = ".luxewin-backup.lock"


class ArchiveFolder:
    """A folder of archives; one backup at a time writes to it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    @contextmanager
    def draft(self) -> Iterator[ArchiveDraft]:
        """Create a draft under a lock; it is deleted at the end, unless it was published.

        Raises:
            BackupError: the folder is not writable, or another backup is running in it.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = FolderLock(self.folder / _LOCK)
            if not lock.acquire():
                raise BackupError(f"Another backup is being written to {self.folder}: wait until it ends, or stop it")
        except OSError as error:
            raise write_error(error, self.folder) from error
        try:
            for leftover in self.folder.glob(f"{_PREFIX}*{_DRAFT}"):
                leftover.unlink(missing_ok=True)
            draft = ArchiveDraft(self.folder / f"{_PREFIX}{os.getpid()}{_DRAFT}")
            try:
                yield draft
            finally:
                draft.discard()
        except OSError as error:
            raise write_error(error, self.folder) from error
        finally:
            lock.release()

    def publish(self, draft: ArchiveDraft, made_at: datetime) -> Path:
        """Rename a finished draft to its final name, which is the time of its snapshot; no archive is overwritten."""
        final = self.folder / f"{_PREFIX}{made_at:%Y%m%dT%H%M%S.%fZ}{_SUFFIX}"
        draft.path.rename(final)
        descriptor = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return final

    def delete_old(self, *, keep: int, fingerprint: str, report: Callable[[str], None]) -> None:
        """Delete archives of the installation with this fingerprint, except for the newest `keep`."""
        for archive in self._archives(fingerprint)[:-keep]:
            archive.path.unlink(missing_ok=True)
            report(f"Deleted {archive.path}; {keep} newer archives are kept")

    def _archives(self, fingerprint: str) -> list[Archive]:
        found = []
        for path in sorted(self.folder.glob(f"{_PREFIX}*{_SUFFIX}")):
            with suppress(BackupError):  # never delete a file that is not an archive of LuxeWin
                archive = Archive.open(path)
                if archive.manifest.fingerprint == fingerprint:
                    found.append(archive)
        return sorted(found, key=lambda archive: archive.manifest.made_at)
