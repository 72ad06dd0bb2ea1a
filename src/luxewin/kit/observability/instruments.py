"""Counter, Gauge and Histogram of prometheus_client; import them from here, never from the library.

Each process writes a file that is named after its process id. The library calls getpid() for every increment, which
costs more than the increment; here the id is read once, and again in a forked child.
"""

import os

from prometheus_client import Counter, Gauge, Histogram, values

__all__ = ["Counter", "Gauge", "Histogram"]

_process = {"id": os.getpid()}


def _read_process_id() -> None:
    _process["id"] = os.getpid()


os.register_at_fork(after_in_child=_read_process_id)
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    values.ValueClass = values.MultiProcessValue(lambda: _process["id"])  # type: ignore[no-untyped-call]  # untyped there
