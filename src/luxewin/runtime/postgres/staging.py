"""Where a restore prepares an installation: aside, until it is whole. While it lies there, nothing starts.

The folder is there from the first step of a restore to its last, so a restore that was killed is known by it. An
embedded database is made inside, and moved to its place in one step: once that is done the restore is done, whatever of
the folder is still there.
"""

import shutil
from pathlib import Path

from luxewin.kit.settings import Settings
from luxewin.kit.startup import StartupError, disk_error, ensure_folder
from luxewin.runtime.postgres import orphans
from luxewin.runtime.postgres.installation import Account
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock

_RESTORING = "restoring"
_DRILL = "drill"
PRIVATE = frozenset({_RESTORING, _DRILL})
"""Folders of a data folder that hold nothing worth keeping."""


def refuse_half_restored(settings: Settings) -> None:
    """Make sure that no restore has begun here and not ended.

    Raises:
        StartupError: one has.
    """
    folder = staging_folder(settings)
    if folder.exists() and not (settings.database.address is None and Layout.of(settings.data_dir).cluster.exists()):
        raise StartupError(
            f"A restore into {settings.data_dir} has begun and not ended: run `luxewin restore` again, "
            f"or remove {folder} to begin without it"
        )


def staging_folder(settings: Settings) -> Path:
    """Return the data folder in which a restore prepares an embedded database."""
    return settings.data_dir / _RESTORING


def drill_folder(settings: Settings) -> Path:
    """Return the data folder in which a restore is tried out."""
    return settings.data_dir / _DRILL


async def clear(folder: Path) -> None:
    """Remove a folder of ours with the database in it, ending the server that a killed program has left there.

    Raises:
        StartupError: a program is at work in it.
    """
    layout = Layout.of(folder)
    if not layout.data_dir.exists():
        return
    ensure_folder(layout.locks)
    keeper, server = FolderLock(layout.supervisor_lock), FolderLock(layout.server_lock)
    if not keeper.acquire():
        raise StartupError(f"Another restore is at work in {folder}: wait for it, or stop it")
    try:
        await orphans.end(layout, server, report=lambda _line: None)
        shutil.rmtree(folder)
    except OSError as error:
        raise disk_error(error, folder) from error
    finally:
        server.release()
        keeper.release()


def move_into_place(staging: Path, data_dir: Path) -> None:
    """Make a prepared database the data folder's own, in one step.

    Raises:
        StartupError: it cannot be moved there.
    """
    prepared, own = Layout.of(staging), Layout.of(data_dir)
    try:
        Account.for_folder(prepared.home).own(own.home)
        prepared.cluster.rename(own.cluster)
    except OSError as error:
        raise disk_error(error, own.home) from error
