"""A server that outlived the program that kept it, after a kill: ended before the next one starts."""

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock

_GENTLE_TO_HARD = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
_LEFTOVERS_SECONDS = 2.0
_KILLED_SECONDS = 10.0


async def end(layout: Layout, lock: FolderLock, *, report: Callable[[str], None]) -> None:
    """Take the server's lock, ending the server that holds it, and clear what it left behind.

    Only processes that work in our cluster's folder are ended; a process id on its own proves nothing.

    Raises:
        StartupError: the lock is held, and not by anybody that can be seen from here.
    """
    if not lock.acquire():
        report("Ending the database server that an earlier run has left behind")
        await _end_holders(layout.cluster, layout.status, lock)
    for trace in layout.traces:
        trace.unlink(missing_ok=True)


async def _end_holders(cluster: Path, status: Path, lock: FolderLock) -> None:
    server = _server(cluster, status)
    for how, patience_seconds in _GENTLE_TO_HARD if server is not None else ():
        _send(server, how)
        if await lock.acquire_within(patience_seconds):
            return
    if await lock.acquire_within(_LEFTOVERS_SECONDS):  # processes of a dead server follow it by themselves
        return
    for process in _at_work_in(cluster):
        _send(process, signal.SIGKILL)
    if not await lock.acquire_within(_KILLED_SECONDS):
        raise StartupError(
            f"The database in {cluster} is served by a program that cannot be seen from here, perhaps in another "
            "container: stop it, or set LUXEWIN_DATA_DIR to another folder"
        )


def _server(cluster: Path, status: Path) -> psutil.Process | None:
    try:
        process = psutil.Process(int(status.read_text(encoding="utf-8").split("\n", 1)[0]))
        return process if _works_in(process, cluster) else None
    except (OSError, ValueError, psutil.Error):
        return None


def _at_work_in(cluster: Path) -> Iterator[psutil.Process]:
    return (process for process in psutil.process_iter() if _works_in(process, cluster))


def _works_in(process: psutil.Process, cluster: Path) -> bool:
    try:
        return os.path.realpath(process.cwd()) == os.path.realpath(cluster)
    except (OSError, psutil.Error):
        return False


def _send(process: psutil.Process | None, how: signal.Signals) -> None:
    try:
        if process is not None:
            process.send_signal(how)
    except psutil.NoSuchProcess:
        pass
