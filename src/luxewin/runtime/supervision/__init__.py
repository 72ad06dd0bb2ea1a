"""Supervision of a group of processes: they share a socket, start together and stop in order."""

from luxewin.runtime.supervision.child import Child, PrintLine, print_line
from luxewin.runtime.supervision.fork_server import ForkServer
from luxewin.runtime.supervision.listening import listen
from luxewin.runtime.supervision.supervisor import GRACE_SECONDS, StopRequest, stop_on_signals, supervise
from luxewin.runtime.supervision.supervisor_link import SupervisorLink, watch_parent

__all__ = [
    "GRACE_SECONDS",
    "Child",
    "ForkServer",
    "PrintLine",
    "StopRequest",
    "SupervisorLink",
    "listen",
    "print_line",
    "stop_on_signals",
    "supervise",
    "watch_parent",
]
