"""The child's connection to its supervisor: it reports readiness, and ends the child when the supervisor ends.

The child writes to a socket when it is ready. It reads nothing from it until the supervisor ends: then the operating
system closes the other side, also after a kill.
"""

import os
import signal
import sys
from pathlib import Path
from threading import Thread

LINK_VARIABLE = "SUPERVISOR_FD"
READY = b"ready\n"


class SupervisorLink:
    """The connection to the supervisor; without a descriptor the program was started by hand."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @property
    def is_supervised(self) -> bool:
        """True if there is a supervisor."""
        return self._descriptor is not None

    def report_ready(self) -> None:
        """Report to the supervisor that this program is ready."""
        if self._descriptor is not None:
            os.write(self._descriptor, READY)


def watch_parent() -> SupervisorLink:
    """Kill this process when its supervisor ends, from a thread; call it first, and use the result to report readiness.

    A kill, because the next start must not find old processes; unacknowledged work is repeated as after any crash. It
    also works while the event loop is blocked. Programs that are started from here do not inherit the connection.
    """
    number = os.environ.pop(LINK_VARIABLE, None)
    if number is None:
        return SupervisorLink(None)
    descriptor = int(number)
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no keyword
    Thread(target=_end_with_supervisor, args=(descriptor,), name="watch-parent", daemon=True).start()
    return SupervisorLink(descriptor)


def set_process_name(name: str) -> None:
    """Set the name of this process in `ps`, `top` and `pgrep`, on Linux."""
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text(f"luxewin-{name}", encoding="ascii")


def _end_with_supervisor(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    except ConnectionResetError:
        pass  # the supervisor ended before it had read everything
    os.kill(os.getpid(), signal.SIGKILL)
