"""The kinds of metrics, for whoever counts or measures something; nobody takes them from the library itself.

Each process writes a file under its own number. The library asks the system for that number at each count, which costs
more than counting; here it is asked for once, and again in a child that was forked.
"""

import os

from prometheus_client import Counter, Gauge, Histogram, values

__all__ = ["Counter", "Gauge", "Histogram"]

_process = {"number": os.getpid()}


def _ask_again() -> None:
    _process["number"] = os.getpid()


os.register_at_fork(after_in_child=_ask_again)
if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
    values.ValueClass = values.MultiProcessValue(lambda: _process["number"])  # type: ignore[no-untyped-call]  # untyped there
