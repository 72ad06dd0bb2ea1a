"""Refusals to start: each is one line that names the cause and the remedy, fit to be printed as it stands."""

import errno
import os
from pathlib import Path

_MISPLACED = (FileExistsError, NotADirectoryError)


class StartupError(Exception):
    """The program cannot start as things are; the message is one line with the remedy."""


def open_folder(path: Path, *, mode: int = 0o700) -> Path:
    """Return the folder, made with `mode` where it was absent, once it is sure that files can be written there.

    Raises:
        StartupError: the folder cannot be made, is no folder, or cannot be written.
    """
    try:
        made = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        if made:
            path.chmod(mode)
    except OSError as error:
        raise refused_by_disk(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise refused_by_disk(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), path)
    return path


def refused_by_disk(error: OSError, path: Path) -> StartupError:
    """Put what the operating system said about a file or folder into one line with the remedy."""
    if isinstance(error, _MISPLACED):
        return StartupError(f"{path} must be a folder: move the file that is in its way, or set LUXEWIN_DATA_DIR")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StartupError(f"The disk that holds {path} is full: free some space, then start again")
    if error.errno == errno.EROFS:
        return StartupError(f"{path} lies on a read-only file system: set LUXEWIN_DATA_DIR to a folder elsewhere")
    if isinstance(error, PermissionError):
        return StartupError(
            f"{path} cannot be written by the user {_own_name()}: run `sudo chown -R {_own_name()} {path}`, "
            "or set LUXEWIN_DATA_DIR to a folder of your own"
        )
    return StartupError(f"{path} cannot be used ({error.strerror or error}): set LUXEWIN_DATA_DIR to another folder")


def _own_name() -> str:
    return os.environ.get("USER") or str(os.geteuid())
