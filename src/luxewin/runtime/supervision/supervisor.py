"""A group of programs that live and die together: started at once, kept running, ended in order."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from luxewin.kit.startup import StartupError
from luxewin.runtime.supervision.child import Child, RunningChild, Show, print_line
from luxewin.runtime.supervision.fork_server import ForkServer

GRACE_SECONDS = 30.0
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.2, 3.0
"""Short enough that a killed child, whatever happened to it before, is back within five seconds."""
_STEADY_SECONDS = 1.0
"""Who has worked for so long after it was ready does not fail at its start: its next pause is the first again."""
_LATE_SECONDS = 1.0
Gone = Callable[[int], None]
"""Receives the id of a process that has ended by itself."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class StopRequest:
    """Somebody wants the group to end; asked a second time, `at_once`."""

    asked: asyncio.Event = field(default_factory=asyncio.Event)
    at_once: asyncio.Event = field(default_factory=asyncio.Event)

    def ask(self) -> None:
        """Ask, or insist."""
        (self.at_once if self.asked.is_set() else self.asked).set()


@contextmanager
def stop_on_signals() -> Iterator[StopRequest]:
    """Turn Ctrl-C, SIGTERM and the end of the terminal into a request, while the block runs in an event loop.

    Where the terminal's end is ignored already, as under nohup, it stays so.
    """
    loop = asyncio.get_running_loop()
    request = StopRequest()
    heard = [number for number in _SIGNALS if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    for number in heard:
        loop.add_signal_handler(number, request.ask)
    try:
        yield request
    finally:
        for number in heard:
            loop.remove_signal_handler(number)


async def supervise(
    children: Sequence[Child],
    *,
    fork_server: ForkServer,
    stop: StopRequest,
    when_ready: Callable[[], None] = lambda: None,
    show: Show = print_line,
    when_gone: Gone = lambda _pid: None,
    grace_seconds: float = GRACE_SECONDS,
) -> None:
    """Keep the children running until `stop`, then end them, the last one first; tell of each process that is gone.

    All start at once, unless `stop` was asked for already, and `when_ready` is called when all are ready. From then on
    a child that ends is started again, after a pause that doubles with each failure up to three seconds, until it has
    worked for a while. Each is given `grace_seconds` to end.

    Raises:
        StartupError: a child ended, or could not be started, before the group was ready.
    """
    if stop.asked.is_set():
        return
    keepers = [_Keeper(child, fork_server, show, when_gone) for child in children]
    try:
        if await _completed(_all_ready(keepers), unless=stop.asked):
            when_ready()
            await _completed(_keep_all(keepers), unless=stop.asked)
    finally:
        for keeper in reversed(keepers):
            await keeper.end(grace_seconds=grace_seconds, hurry=stop.at_once)


class _Keeper:
    """Keeps one child running."""

    def __init__(self, child: Child, fork_server: ForkServer, show: Show, when_gone: Gone) -> None:
        self._child = child
        self._nursery = fork_server
        self._show = show
        self._when_gone = when_gone
        self._running: RunningChild | None = None

    async def start(self) -> None:
        """Start the child for the first time and wait until it is ready."""
        running = await self._start()
        if not await running.ready():
            status = await running.end(grace_seconds=_LATE_SECONDS, hurry=asyncio.Event())
            raise StartupError(
                f"{self._child.name} did not become ready and ended with status {status}: its last lines say why"
            )

    async def keep(self) -> None:
        """Start the child again whenever it ends."""
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            how, worked_seconds = await self._ended()
            if worked_seconds > _STEADY_SECONDS:
                pause_seconds = _FIRST_PAUSE_SECONDS
            self._show(self._child.name, f"{how}; starting again in {pause_seconds:g} s")
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)
            with contextlib.suppress(StartupError):
                await self._start()

    async def end(self, *, grace_seconds: float, hurry: asyncio.Event) -> None:
        """End the child, if it runs."""
        if self._running is not None:
            await self._running.end(grace_seconds=grace_seconds, hurry=hurry)
            self._running = None

    async def _start(self) -> RunningChild:
        try:
            self._running = await RunningChild.start(self._child, self._nursery, self._show)
        except OSError as error:
            raise StartupError(
                f"{self._child.name} cannot be started ({error}): see that memory and processes are to be had"
            ) from error
        return self._running

    async def _ended(self) -> tuple[str, float]:
        """Wait until the child has ended; tell how, and for how many seconds it had been ready."""
        if self._running is None:
            return "could not be started", 0
        is_ready = await self._running.ready()
        ready_at = asyncio.get_running_loop().time()
        status = await self._running.ended()
        self._when_gone(self._running.pid)
        self._running = None
        return f"ended with status {status}", asyncio.get_running_loop().time() - ready_at if is_ready else 0


async def _all_ready(keepers: Sequence[_Keeper]) -> None:
    try:
        async with asyncio.TaskGroup() as group:
            for keeper in keepers:
                group.create_task(keeper.start())
    except ExceptionGroup as failures:
        raise failures.exceptions[0] from None  # the others were told to stop because of it


async def _keep_all(keepers: Sequence[_Keeper]) -> None:
    async with asyncio.TaskGroup() as group:
        for keeper in keepers:
            group.create_task(keeper.keep())


async def _completed(work: Coroutine[Any, Any, None], *, unless: asyncio.Event) -> bool:
    """Do the work; False where the event came first, and the work was given up."""
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
