"""The CPU time and memory that processes use."""

from contextlib import suppress
from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Used:
    """CPU time so far, in seconds."""

    server_seconds: float
    database_seconds: float


def tree_of(pid: int) -> list[psutil.Process]:
    """Return a process and all its descendants."""
    root = psutil.Process(pid)
    return [root, *root.children(recursive=True)]


def used_by(server_pid: int, database_pid: int) -> Used:
    """Return the CPU time of a server's own processes, and of the database's."""
    databases = {process.pid for process in tree_of(database_pid)}
    servers = (process for process in tree_of(server_pid) if process.pid not in databases)
    return Used(sum(map(_cpu_seconds, servers)), sum(map(_cpu_seconds, tree_of(database_pid))))


def memory_megabytes(pid: int) -> float:
    """Return the memory that only this process uses (USS), in megabytes."""
    return float(psutil.Process(pid).memory_full_info().uss) / 1_000_000


def _cpu_seconds(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        return float(sum(process.cpu_times()[:4]))  # user and system, of its own and of its children that have ended
    return 0.0
