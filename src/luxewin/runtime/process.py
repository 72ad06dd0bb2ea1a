"""A process of the program: it opens the installation, runs until it is stopped, and ends when its parent ends."""

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
from luxewin.kit.observability.metrics import register_process
from luxewin.kit.settings import SettingsExtension
from luxewin.kit.startup import StartupError
from luxewin.runtime.installation import Installation
from luxewin.runtime.supervision.supervisor_link import watch_parent

_GC_THRESHOLDS = 10_000, 20, 20
"""Thresholds of the garbage collector.

The oldest generation holds the objects of thousands of connections, and its collection stops all requests: with the
default thresholds for a third of a second, twice a minute. Most objects of a request are freed before.
"""

log = structlog.get_logger("process")
Work = Callable[[Installation, Callable[[], None]], Awaitable[None]]
"""The main function of a process; it runs until cancelled, and calls its second argument when it is ready."""


def run_process(work: Work, *, role: str, extensions: Sequence[SettingsExtension]) -> None:
    """Run the main function of a process on uvloop; SIGTERM and SIGINT cancel it."""
    gc.set_threshold(*_GC_THRESHOLDS)
    link = watch_parent()
    try:
        installation = Installation.find(os.environ, extensions)
    except StartupError as error:
        sys.exit(f"luxewin: {error}")
    settings = installation.settings
    crash_points.enable(settings.crash_points)
    configure(human=not settings.is_production and sys.stdout.isatty())
    register_process(role, __version__)
    tracing.configure(settings.monitoring.otlp_endpoint, os.environ, role=role)
    failures.configure(settings.monitoring.tracker, role=role, environment=settings.environment)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_stopped(work, installation, link.report_ready))
    except Exception:
        log.exception("the process failed")
        raise
    finally:
        tracing.close()
        failures.close()


async def _until_stopped(work: Work, installation: Installation, ready: Callable[[], None]) -> None:
    working = asyncio.ensure_future(work(installation, ready))
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop() -> None:
        # The supervisor and a service manager may both send a signal; a second one must not interrupt the shutdown.
        if not stopping.is_set():
            stopping.set()
            working.cancel()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    with contextlib.suppress(asyncio.CancelledError):
        await working
