"""A supervised group of programs: one socket, one start, one end."""

from luxewin.kit.supervision.child import Child, Show, print_line
from luxewin.kit.supervision.link import SupervisorLink, watch_parent
from luxewin.kit.supervision.listening import listen
from luxewin.kit.supervision.nursery import Nursery
from luxewin.kit.supervision.supervisor import GRACE_SECONDS, StopRequest, stop_on_signals, supervise

__all__ = [
    "GRACE_SECONDS",
    "Child",
    "Nursery",
    "Show",
    "StopRequest",
    "SupervisorLink",
    "listen",
    "print_line",
    "stop_on_signals",
    "supervise",
    "watch_parent",
]
