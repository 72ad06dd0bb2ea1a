"""Metrics of several processes: each writes its own files in a shared folder, and a scrape sums them.

The files of a process that ended are merged: its counters and histograms into one file for all ended processes. Its
gauges describe a process that no longer exists, and are deleted.
"""

import fcntl
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest, multiprocess
from prometheus_client.mmap_dict import MmapedDict

_MERGE: dict[str, Callable[[float, float], float]] = {
    "counter": operator.add,
    "histogram": operator.add,
    "gauge_max": max,
}
_ENDED = 0
"""Replaces the process id in the file names of all ended processes."""


def exposition(folder: Path | None) -> bytes:
    """Return the metrics of all processes that share the folder; without a folder, only of this process."""
    if folder is None:
        return generate_latest()
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # untyped there
    with _lock(folder, fcntl.LOCK_SH):
        return generate_latest(registry)


def merge_ended_process(folder: Path, pid: int) -> None:
    """Merge the counters of a process that ended and delete its gauges; no scrape sees a partial merge."""
    with _lock(folder, fcntl.LOCK_EX):
        for kind, merge in _MERGE.items():
            own = folder / f"{kind}_{pid}.db"
            if own.exists():
                _add(own, folder / f"{kind}_{_ENDED}.db", merge)
                own.unlink()
        for own in folder.glob(f"gauge_live*_{pid}.db"):
            own.unlink()


def _add(own: Path, ended: Path, merge: Callable[[float, float], float]) -> None:
    merged = MmapedDict(str(ended))  # type: ignore[no-untyped-call]  # untyped there
    try:
        for key, value, timestamp, _ in MmapedDict.read_all_values_from_file(str(own)):  # type: ignore[no-untyped-call]  # untyped there
            before, _ = merged.read_value(key)  # type: ignore[no-untyped-call]  # untyped there
            merged.write_value(key, merge(before, value), timestamp)  # type: ignore[no-untyped-call]  # untyped there
    finally:
        merged.close()  # type: ignore[no-untyped-call]  # untyped there


@contextmanager
def _lock(folder: Path, mode: int) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, mode)
        yield
