"""Refusals of backups and restores: one line each, with the remedy, fit to be printed as it stands."""

import errno
from pathlib import Path

from luxewin.kit.startup import StartupError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class BackupError(StartupError):
    """A backup or restore cannot go on as things are; nothing that was there before has been touched."""


def refused_to_write(error: OSError, path: Path) -> BackupError:
    """Put what the operating system said about a place that was to be written into one line with the remedy."""
    if error.errno in _FULL:
        return BackupError(f"The disk that holds {path} is full: free some space, or name a folder on another disk")
    return BackupError(f"{path} does not take what is written to it ({error.strerror or error}): name another place")
