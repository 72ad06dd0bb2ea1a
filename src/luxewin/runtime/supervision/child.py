"""One program of a group: started, joined to its supervisor by a link, its output passed on line by line."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from luxewin.runtime.supervision.fork_server import ForkedProcess, ForkServer
from luxewin.runtime.supervision.supervisor_link import READY

Show = Callable[[str, str], None]
"""Receives the name of a child and a line of its output."""

_LONGEST_LINE_BYTES = 64 * 1024
_LAST_OUTPUT_SECONDS = 1.0
_KILLED_WITHIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program that the supervisor keeps running: `module.run(*arguments)` in a process of its own.

    Open sockets may be among the arguments; `environment` is added to the supervisor's own. The program is ready when
    it has announced so through its link, for which it is given `ready_seconds`.
    """

    name: str
    module: str
    arguments: Sequence[Any] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_seconds: float = 60.0


class RunningChild:
    """A started program."""

    def __init__(self, child: Child, process: ForkedProcess, link: socket.socket, output: asyncio.Task[None]) -> None:
        self._child = child
        self._process = process
        self._link = link
        self._output = output
        self._is_ready = False

    @classmethod
    async def start(cls, child: Child, fork_server: ForkServer, show: Show) -> Self:
        """Start the program.

        Raises:
            OSError: it cannot be started.
        """
        (link, its_link), (output, its_output) = socket.socketpair(), socket.socketpair()
        link.settimeout(0)
        with its_link, its_output, contextlib.ExitStack() as unless_started:
            unless_started.callback(link.close)
            unless_started.callback(output.close)
            process = await fork_server.fork(
                child.name, child.module, child.arguments, child.environment, link=its_link, output=its_output
            )
            unless_started.pop_all()
        return cls(child, process, link, asyncio.create_task(_forward(output, child.name, show)))

    @property
    def pid(self) -> int:
        """The id of its process, of which metrics and logs speak."""
        return self._process.pid

    async def ready(self) -> bool:
        """Wait until the program is ready; False where it ended before, or took too long."""
        if not self._is_ready:
            with contextlib.suppress(TimeoutError):
                self._is_ready = await asyncio.wait_for(_says_ready(self._link), self._child.ready_seconds)
        return self._is_ready

    async def ended(self) -> int:
        """Wait until the program has ended, and return its exit status; nothing that it has started remains."""
        status = await self._process.wait()
        await self._clear_away()
        return status

    async def end(self, *, grace_seconds: float, hurry: asyncio.Event) -> int:
        """Ask the program to end, end it after `grace_seconds` or on `hurry`, and return its exit status."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)
        waiting = [asyncio.create_task(self._process.wait()), asyncio.create_task(hurry.wait())]
        try:
            await asyncio.wait(waiting, timeout=grace_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            if self._process.returncode is None:
                self._kill_group()
        try:
            status = await asyncio.wait_for(self._process.wait(), _KILLED_WITHIN_SECONDS)
        except TimeoutError:  # nobody says so: the process that forked it has been stopped
            status = -signal.SIGKILL
        await self._clear_away()
        return status

    async def _clear_away(self) -> None:
        self._kill_group()
        await asyncio.wait({self._output}, timeout=_LAST_OUTPUT_SECONDS)
        self._link.close()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


async def _forward(output: socket.socket, name: str, show: Show) -> None:
    lines_of_it, writer = await asyncio.open_connection(sock=output)
    rest = b""
    try:
        while chunk := await lines_of_it.read(_LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                show(name, line.decode(errors="replace").rstrip("\r"))
        if rest:
            show(name, rest.decode(errors="replace"))
    finally:
        writer.close()


def print_line(name: str, line: str) -> None:
    """Print a line of a child behind its name; a terminal that went away stops nobody's work."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{name:<8}│ {line}\n")
        sys.stdout.flush()


async def _says_ready(link: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    said = b""
    while not said.endswith(READY):
        try:
            part = await loop.sock_recv(link, len(READY) - len(said))
        except ConnectionResetError:
            return False
        if not part:
            return False
        said += part
    return True
