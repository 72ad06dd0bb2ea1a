"""A process of the group: finds its installation, works until it is told to stop, and ends when its parent does."""

import asyncio
import contextlib
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence

import structlog
import uvloop

from luxewin import __version__
from luxewin.kit import crash_points
from luxewin.kit.observability import failures, tracing
from luxewin.kit.observability.logs import configure
from luxewin.kit.observability.metrics import announce_process
from luxewin.kit.settings import SettingsExtension
from luxewin.kit.startup import StartupError
from luxewin.runtime.installation import Installation
from luxewin.runtime.supervision.supervisor_link import watch_parent

_COLLECT_AFTER = 10_000, 20, 20
"""New objects, and younger collections, before a collection of each generation.

The oldest holds what thousands of connections consist of, and nobody is answered while it is walked through: with the
interpreter's own thresholds a third of a second, twice a minute. Most of what a request leaves behind is gone before.
"""

log = structlog.get_logger("process")
Work = Callable[[Installation, Callable[[], None]], Awaitable[None]]
"""What a process does, until it is cancelled; it calls the second argument once it does its work."""


def run_process(work: Work, *, role: str, extensions: Sequence[SettingsExtension]) -> None:
    """Run a process's work on the fast event loop; SIGTERM and SIGINT end it by cancelling."""
    gc.set_threshold(*_COLLECT_AFTER)
    link = watch_parent()
    try:
        installation = Installation.find(os.environ, extensions)
    except StartupError as refused:
        sys.exit(f"luxewin: {refused}")
    settings = installation.settings
    crash_points.wake(settings.crash_points)
    configure(human=not settings.is_production and sys.stdout.isatty())
    announce_process(role, __version__)
    tracing.configure(settings.monitoring.otlp_endpoint, os.environ, role=role)
    failures.configure(settings.monitoring.tracker, role=role, environment=settings.environment)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_told_to_stop(work, installation, link.announce_ready))
    except Exception:
        log.exception("the process failed")
        raise
    finally:
        tracing.close()
        failures.close()


async def _until_told_to_stop(work: Work, installation: Installation, ready: Callable[[], None]) -> None:
    working = asyncio.ensure_future(work(installation, ready))
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop() -> None:
        # Asked once by the supervisor, and maybe by a service manager as well: what is in flight is finished once.
        if not stopping.is_set():
            stopping.set()
            working.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await working
