"""Find, suspend, resume and await the processes of a running program."""

import os
import signal
from pathlib import Path

import psutil

from tests.program import Program
from tests.reliability.harness import until
from tests.servers import server_pid

ROLES = ("api", "worker", "relay")


def database_processes(folder: Path) -> list[psutil.Process]:
    """Return the database server of a data folder with each of its processes."""
    server = psutil.Process(server_pid(folder))
    return [server, *server.children(recursive=True)]


def suspend(processes: list[psutil.Process]) -> None:
    """Suspend processes with SIGSTOP."""
    _signal(processes, signal.SIGSTOP)


def resume(processes: list[psutil.Process]) -> None:
    """Resume suspended processes."""
    _signal(processes, signal.SIGCONT)


async def wait_until_replaced(program: Program, role: str, process: psutil.Process, *, count: int) -> None:
    """Wait until the process has ended and its role has `count` processes again."""

    def is_replaced() -> bool:
        living = program.processes(role)
        return process not in living and len(living) == count

    await until(is_replaced)


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            os.kill(process.pid, number)
        except ProcessLookupError:
            continue
