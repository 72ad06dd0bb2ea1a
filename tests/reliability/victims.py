"""The processes of a running program, and what may be done to them."""

import os
import signal
from pathlib import Path

import psutil

from tests.program import Program
from tests.reliability.lab import until
from tests.servers import server_pid

ROLES = ("api", "worker", "relay")


def database(folder: Path) -> list[psutil.Process]:
    """Return the database server of a data folder with each of its processes."""
    server = psutil.Process(server_pid(folder))
    return [server, *server.children(recursive=True)]


def suspend(victims: list[psutil.Process]) -> None:
    """Let processes stand still, as a machine does that is out of breath."""
    _signal(victims, signal.SIGSTOP)


def resume(victims: list[psutil.Process]) -> None:
    """Let processes go on."""
    _signal(victims, signal.SIGCONT)


async def until_replaced(program: Program, role: str, victim: psutil.Process, *, count: int) -> None:
    """Wait until the victim is gone and its role is filled again."""

    def is_replaced() -> bool:
        living = program.processes(role)
        return victim not in living and len(living) == count

    await until(is_replaced)


def _signal(victims: list[psutil.Process], number: signal.Signals) -> None:
    for victim in victims:
        try:
            os.kill(victim.pid, number)
        except ProcessLookupError:
            continue
