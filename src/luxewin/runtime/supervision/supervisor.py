"""The supervisor: starts a group of child processes together, restarts each that ends, and stops them in order."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from luxewin.kit.startup import StartupError
from luxewin.runtime.supervision.child import Child, PrintLine, RunningChild, print_line
from luxewin.runtime.supervision.fork_server import ForkServer

GRACE_SECONDS = 30.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 3.0
"""A killed child is running again within five seconds, also after earlier failures."""
_STABLE_SECONDS = 1.0
"""A child that ran for this time after it was ready has started successfully: the pause is reset."""
_FAILED_START_GRACE_SECONDS = 1.0
ProcessEnded = Callable[[int], None]
"""Receives the id of a child process that ended without being stopped."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class StopRequest:
    """A request to stop the group; a second request sets `at_once`."""

    requested: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self) -> None:
        """Request the stop; the second time without grace."""
        (self.at_once if self.requested.is_set() else self.requested).set()


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Convert SIGINT, SIGTERM and SIGHUP to a stop request, during a block in an event loop.

    A SIGHUP that is ignored already, as under nohup, stays ignored.
    """
    loop = asyncio.get_running_loop()
    request = StopRequest()
    handled = [number for number in _SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    for number in handled:
        loop.add_signal_handler(number, request.ask)
    try:
        yield request
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


async def supervise(
    children: Sequence[Child],
    *,
    fork_server: ForkServer,
    stop: StopRequest,
    when_ready: Callable[[], None] = lambda: None,
    on_line: PrintLine = print_line,
    when_ended: ProcessEnded = lambda _pid: None,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Keep the children running until `stop`, then stop them in reverse order.

    All start at the same time, and `when_ready` is called when all are ready. After that a child that ends is
    restarted, after a pause that doubles with each failure up to three seconds, and `when_ended` receives the id of the
    process that ended. Each child gets `grace_seconds` to stop.

    Raises:
        StartupError: a child ended, or could not be started, before the group was ready.
    """
    if stop.requested.is_set():
        return
    supervised = [_SupervisedChild(child, fork_server, on_line, when_ended) for child in children]
    try:
        if await _run_unless(_start_all(supervised), unless=stop.requested):
            when_ready()
            await _run_unless(_keep_all(supervised), unless=stop.requested)
    finally:
        for child in reversed(supervised):
            await child.end(grace_seconds=grace_seconds, kill_now=stop.at_once)


class _SupervisedChild:
    """Starts, restarts and stops a child."""

    def __init__(self, child: Child, fork_server: ForkServer, on_line: PrintLine, when_ended: ProcessEnded) -> None:
        self._child = child
        self._fork_server = fork_server
        self._on_line = on_line
        self._when_ended = when_ended
        self._running: RunningChild | None = None

    async def start(self) -> None:
        """Start the child for the first time and wait until it is ready."""
        running = await self._start()
        if not await running.ready():
            status = await running.end(grace_seconds=_FAILED_START_GRACE_SECONDS, kill_now=asyncio.Event())
            raise StartupError(
                f"{self._child.name} did not become ready and ended with status {status}: see its last lines above"
            )

    async def keep(self) -> None:
        """Restart the child whenever it ends."""
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            outcome, ready_seconds = await self._wait_until_ended()
            if ready_seconds > _STABLE_SECONDS:
                pause_seconds = _FIRST_PAUSE_SECONDS
            self._on_line(self._child.name, f"{outcome}; restarting in {pause_seconds:g} s")
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
            with contextlib.suppress(StartupError):
                await self._start()

    async def end(self, *, grace_seconds: float, kill_now: asyncio.Event) -> None:
        """Stop the child, if it is running."""
        if self._running is not None:
            await self._running.end(grace_seconds=grace_seconds, kill_now=kill_now)
            self._running = None

    async def _start(self) -> RunningChild:
        try:
            self._running = await RunningChild.start(self._child, self._fork_server, self._on_line)
        except OSError as error:
            raise StartupError(
                f"{self._child.name} cannot be started ({error}): check the limits of memory and processes"
            ) from error
        return self._running

    async def _wait_until_ended(self) -> tuple[str, float]:
        """Wait until the child has ended; return a description, and for how many seconds it was ready."""
        if self._running is None:
            return "could not be started", 0
        is_ready = await self._running.ready()
        ready_at = asyncio.get_running_loop().time()
        status = await self._running.ended()
        self._when_ended(self._running.pid)
        self._running = None
        return f"ended with status {status}", asyncio.get_running_loop().time() - ready_at if is_ready else 0


async def _start_all(children: Sequence[_SupervisedChild]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for child in children:
                group.create_task(child.start())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the other tasks were cancelled because of it


async def _keep_all(children: Sequence[_SupervisedChild]) -> None:
    async with asyncio.TaskGroup() as group:
        for child in children:
            group.create_task(child.keep())


async def _run_unless(work: Coroutine[Any, Any, None], *, unless: asyncio.Event) -> bool:
    """Run the work; return False if the event came first and the work was cancelled."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(unless.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            await working
        return working.done()
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
