"""Orphans: servers whose program was killed, which are ended before the next one starts."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock

_STOP_SIGNALS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
_EXIT_SECONDS = 2.0
_KILL_SECONDS = 10.0


async def end(layout: Layout, lock: FolderLock, *, report: Callable[[str], None]) -> None:
    """Acquire the server's lock, end a server that holds it, and delete its leftover files.

    Only processes whose working directory is the folder of the cluster are ended; a process id alone is no proof.

    Raises:
        StartupError: the lock is held by a process that is not visible here.
    """
    if not lock.acquire():
        report("Ending the database server of an earlier run that was killed")
        await _end_holders(layout.cluster, layout.status, lock)
    for leftover in layout.leftovers:
        leftover.unlink(missing_ok=True)


async def _end_holders(cluster: Path, status: Path, lock: FolderLock) -> None:
    server = _server(cluster, status)
    for number, timeout_seconds in _STOP_SIGNALS if server is not None else ():
        _send(server, number)
        if await lock.acquire_within(timeout_seconds):
            return
    if await lock.acquire_within(_EXIT_SECONDS):  # the processes of a dead server end by themselves
        return
    for process in _processes_in(cluster):
        _send(process, signal.SIGKILL)
    if not await lock.acquire_within(_KILL_SECONDS):
        raise StartupError(
            f"The database in {cluster} is used by a process that is not visible here, perhaps in another "
            "container: stop it, or set LUXEWIN_DATA_DIR to another folder"
        )


def _server(cluster: Path, status: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int(status.read_text(encoding="utf-8").split("\n", 1)[0]))
        return process if _works_in(process, cluster) else None
    except (OSError, ValueError, psutil.Error):
        return None


def _processes_in(cluster: Path) -> Iterator[psutil.Process]:
    return (process for process in psutil.process_iter() if _works_in(process, cluster))


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return os.path.realpath(process.cwd()) == os.path.realpath(cluster)
    except (OSError, psutil.Error):
        return False


def _send(process: psutil.Process | None, number: signal.Signals) -> None:
    try:
        if process is not None:
            process.send_signal(number)
    except psutil.NoSuchProcess:
        pass
