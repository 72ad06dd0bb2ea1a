"""Errors that prevent the start: each is one line with the cause and the remedy, ready to be printed."""

import errno
import os
from pathlib import Path

_NOT_A_FOLDER = (FileExistsError, NotADirectoryError)


class StartupError(Exception):
    """The program cannot start; the message is one line with the remedy."""


def ensure_folder(path: Path, *, mode: int = 0o700) -> Path:
    """Return the folder, created with `mode` if it was missing, after checking that it is writable.

    Raises:
        StartupError: the folder cannot be created, is not a folder, or is not writable.
    """
    try:
        is_new = not path.exists()
        path.mkdir(parents=True, exist_ok=True)
        if is_new:
            path.chmod(mode)
    except OSError as error:
        raise disk_error(error, path) from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise disk_error(PermissionError(errno.EACCES, os.strerror(errno.EACCES)), path)
    return path


def disk_error(error: OSError, path: Path) -> StartupError:
    """Return the error for a file or folder, as one line with the remedy."""
    if isinstance(error, _NOT_A_FOLDER):
        return StartupError(f"{path} must be a folder: move the file of that name away, or set LUXEWIN_DATA_DIR")
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StartupError(f"The disk that holds {path} is full: free some space, then start again")
    if error.errno == errno.EROFS:
        return StartupError(f"{path} is on a read-only file system: set LUXEWIN_DATA_DIR to a folder on another one")
    if isinstance(error, PermissionError):
        return StartupError(
            f"{path} cannot be written by the user {_own_name()}: run `sudo chown -R {_own_name()} {path}`, "
            "or set LUXEWIN_DATA_DIR to a folder that this user owns"
        )
    return StartupError(f"{path} cannot be used ({error.strerror or error}): set LUXEWIN_DATA_DIR to another folder")


def _own_name() -> str:
    return os.environ.get("USER") or str(os.geteuid())
