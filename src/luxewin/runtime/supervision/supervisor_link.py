"""The child's side: say when it is ready, and end with its supervisor, however that ends.

One socket joins the two. What the child writes is its readiness; what it reads is nothing, until the supervisor is
gone: then the system closes the socket, which needs nobody's good will.
"""

import os
import signal
import sys
from pathlib import Path
from threading import Thread

LINK_VARIABLE = "SUPERVISOR_FD"
READY = b"ready\n"


class SupervisorLink:
    """The link to the supervisor, or to nobody where the program was started by hand."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    @property
    def is_supervised(self) -> bool:
        """Whether there is a supervisor."""
        return self._descriptor is not None

    def report_ready(self) -> None:
        """Tell the supervisor that this program does its work from now on."""
        if self._descriptor is not None:
            os.write(self._descriptor, READY)


def watch_parent() -> SupervisorLink:
    """End this process at once when its supervisor is gone; call it first of all, and announce readiness through it.

    At once, because whoever starts anew must find the field clear; what was not yet acknowledged is redone, as after
    any crash. Works while the event loop is busy or stuck, and leaves the link to no program that is started from here.
    """
    number = os.environ.pop(LINK_VARIABLE, None)
    if number is None:
        return SupervisorLink(None)
    descriptor = int(number)
    os.set_inheritable(descriptor, False)  # noqa: FBT003 - takes no keyword
    Thread(target=_end_with_supervisor, args=(descriptor,), name="watch-parent", daemon=True).start()
    return SupervisorLink(descriptor)


def set_process_name(name: str) -> None:
    """Choose what `ps`, `top` and `pgrep` call this process, where the system lets it."""
    if sys.platform == "linux":
        Path("/proc/self/comm").write_text(f"luxewin-{name}", encoding="ascii")


def _end_with_supervisor(descriptor: int) -> None:
    try:
        while os.read(descriptor, 1):
            pass
    except ConnectionResetError:
        pass  # the supervisor left without having read everything
    os.kill(os.getpid(), signal.SIGKILL)
