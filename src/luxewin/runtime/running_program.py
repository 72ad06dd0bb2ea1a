"""The running program of a data folder, as other commands find it: who it is, and where it answers."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from luxewin.kit.startup import disk_error, ensure_folder
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningProgram:
    """A program that runs: its first process, the address of its API, and its number of API processes."""

    pid: int
    address: str
    port: int
    processes: int
    version: str


@contextmanager
def announce(data_dir: Path, program: RunningProgram) -> Iterator[None]:
    """Announce the program to other commands during the block.

    The lock tells whether the announcement is true: a killed program leaves the file, and no lock. A second program
    with the same folder is not announced.

    Raises:
        StartupError: the data folder cannot be written.
    """
    lock = _lock(data_dir)
    try:
        ensure_folder(ensure_folder(data_dir, mode=0o711) / lock.path.parent.name)
        if not lock.acquire():
            yield
            return
        lock.path.write_text(json.dumps(asdict(program)), encoding="utf-8")
    except OSError as error:
        raise disk_error(error, lock.path) from error
    try:
        yield
    finally:
        lock.path.write_text("", encoding="utf-8")
        lock.release()


def find_running(data_dir: Path) -> RunningProgram | None:
    """Return the program that runs in a data folder, or None."""
    lock = _lock(data_dir)
    try:
        if not lock.path.exists():
            return None
        if lock.acquire():
            lock.release()
            return None
        announced: dict[str, Any] = json.loads(lock.path.read_text(encoding="utf-8"))
        return RunningProgram(**announced)
    except (OSError, ValueError, TypeError):
        return None


def _lock(data_dir: Path) -> FolderLock:
    return FolderLock(Layout.of(data_dir).locks / "program.json")
