"""Errors of backups and restores: one line each, with the remedy."""

import errno
from pathlib import Path

from luxewin.kit.startup import StartupError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class BackupError(StartupError):
    """A backup or restore cannot continue; existing data were not changed."""


def write_error(error: OSError, path: Path) -> BackupError:
    """Return the error for a path that cannot be written, as one line with the remedy."""
    if error.errno in _FULL:
        return BackupError(f"The disk that holds {path} is full: free some space, or use a folder on another disk")
    return BackupError(f"{path} cannot be written ({error.strerror or error}): use another folder")
