"""Metrics of several processes: each writes files of its own in a shared folder, and a scrape adds them up.

A process that has ended leaves its files. What it counted stays true and is added to one file of all that have ended;
what it measured of itself is no longer so and goes.
"""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.mmap_dict import MmapedDict

_KEPT: dict[str, Callable[[float, float], float]] = {
    "counter": lambda before, more: before + more,
    "histogram": lambda before, more: before + more,
    "gauge_max": max,
}
_THE_ENDED = 0
"""Stands for a process id in the names of the files of all that have ended."""


def exposition(folder: Path | None) -> bytes:
    """Return the metrics of all processes that share the folder, or of this one."""
    if folder is None:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # untyped there
    with _locked(folder, fcntl.LOCK_SH):
        return generate_latest(registry)


def bury(folder: Path, pid: int) -> None:
    """Keep what an ended process counted, and forget what it measured; no scrape sees half of it."""
    with _locked(folder, fcntl.LOCK_EX):
        for kind, together in _KEPT.items():
            left = folder / f"{kind}_{pid}.db"
            if left.exists():
                _add(left, folder / f"{kind}_{_THE_ENDED}.db", together)
                left.unlink()
        for left in folder.glob(f"gauge_live*_{pid}.db"):
            left.unlink()


def _add(left: Path, ended: Path, together: Callable[[float, float], float]) -> None:
    kept = MmapedDict(str(ended))  # type: ignore[no-untyped-call]  # untyped there
    try:
        for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(left)):  # type: ignore[no-untyped-call]  # untyped there
            before, _ = kept.read_value(key)  # type: ignore[no-untyped-call]  # untyped there
            kept.write_value(key, together(before, value), timestamp)  # type: ignore[no-untyped-call]  # untyped there
    finally:
        kept.close()  # type: ignore[no-untyped-call]  # untyped there


@contextmanager
def _locked(folder: Path, how: int) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, how)
        yield
