"""The staging folder in which a restore prepares an installation. While it exists, the program does not start.

It exists from the first step of a restore to the last, and so marks an interrupted restore. An embedded database is
created inside it and moved in one step. After that step the restore is complete, even if the folder still exists.
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
"""Folders below the data folder with temporary content."""


def refuse_interrupted_restore(settings: Settings) -> None:
    """Check that no restore was interrupted.

    Raises:
        StartupError: a restore was started and not completed.
    """
    folder = staging_folder(settings)
    if folder.exists() and not (settings.database.address is None and Layout.of(settings.data_dir).cluster.exists()):
        raise StartupError(
            f"A restore into {settings.data_dir} was interrupted: run `luxewin restore` again, "
            f"or remove {folder} to start without it"
        )


def staging_folder(settings: Settings) -> Path:
    """Return the data folder in which a restore prepares an embedded database."""
    return settings.data_dir / _RESTORING


def drill_folder(settings: Settings) -> Path:
    """Return the data folder of a restore drill."""
    return settings.data_dir / _DRILL


async def clear(folder: Path) -> None:
    """Delete a staging folder, and end the server that a killed program has left in it.

    Raises:
        StartupError: another program uses it.
    """
    layout = Layout.of(folder)
    if not layout.data_dir.exists():
        return
    ensure_folder(layout.locks)
    supervisor, server = FolderLock(layout.supervisor_lock), FolderLock(layout.server_lock)
    if not supervisor.acquire():
        raise StartupError(f"Another restore is running in {folder}: wait until it ends, or stop it")
    try:
        await orphans.end(layout, server, report=lambda _line: None)
        shutil.rmtree(folder)
    except OSError as error:
        raise disk_error(error, folder) from error
    finally:
        server.release()
        supervisor.release()


def move_into_place(staging: Path, data_dir: Path) -> None:
    """Move a prepared database to the data folder, in one step.

    Raises:
        StartupError: it cannot be moved.
    """
    prepared, own = Layout.of(staging), Layout.of(data_dir)
    try:
        Account.for_folder(prepared.home).own(own.home)
        prepared.cluster.rename(own.cluster)
    except OSError as error:
        raise disk_error(error, own.home) from error
