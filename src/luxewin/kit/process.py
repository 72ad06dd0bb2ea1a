"""A process of the group: finds its installation, works until it is told to stop, and ends when its parent does."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable

import uvloop

from luxewin.kit.installation import Installation
from luxewin.kit.observability.logs import configure
from luxewin.kit.startup import StartupRefused
from luxewin.kit.supervision.link import watch_parent

Work = Callable[[Installation, Callable[[], None]], Awaitable[None]]
"""What a process does, until it is cancelled; it calls the second argument once it does its work."""


def run_process(work: Work) -> None:
    """Run a process's work on the fast event loop; SIGTERM and SIGINT end it by cancelling."""
    link = watch_parent()
    try:
        installation = Installation.find(os.environ)
    except StartupRefused as refused:
        sys.exit(f"luxewin: {refused}")
    configure(human=not installation.settings.is_production and sys.stdout.isatty())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told_to_stop(work, installation, link.announce_ready))


async def _until_told_to_stop(work: Work, installation: Installation, ready: Callable[[], None]) -> None:
    working = asyncio.ensure_future(work(installation, ready))
    loop = asyncio.get_running_loop()
    for stop in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(stop, working.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await working
