"""A child process: started by the fork server, connected to the supervisor, its output forwarded line by line."""

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

PrintLine = Callable[[str, str], None]
"""Receives the name of a child and a line of its output."""

_LONGEST_LINE_BYTES = 64 * 1024
_OUTPUT_TIMEOUT_SECONDS = 1.0
_KILL_TIMEOUT_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program that the supervisor keeps running: `module.run(*arguments)` in its own process.

    Arguments may be open sockets; `environment` is added to that of the supervisor. The program must report that it is
    ready within `ready_seconds`.
    """

    name: str
    module: str
    arguments: Sequence[Any] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_seconds: float = 60.0


class RunningChild:
    """A running child process."""

    def __init__(self, child: Child, process: ForkedProcess, link: socket.socket, output: asyncio.Task[None]) -> None:
        self._child = child
        self._process = process
        self._link = link
        self._output = output
        self._is_ready = False

    @classmethod
    async def start(cls, child: Child, fork_server: ForkServer, on_line: PrintLine) -> Self:
        """Start the process.

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
        return cls(child, process, link, asyncio.create_task(_forward(output, child.name, on_line)))

    @property
    def pid(self) -> int:
        """The process id, as in metrics and logs."""
        return self._process.pid

    async def ready(self) -> bool:
        """Wait until the process is ready; return False if it ended before, or took too long."""
        if not self._is_ready:
            with contextlib.suppress(TimeoutError):
                self._is_ready = await asyncio.wait_for(_is_reported_ready(self._link), self._child.ready_seconds)
        return self._is_ready

    async def ended(self) -> int:
        """Wait until the process has ended, kill the processes that it started, and return its exit status."""
        status = await self._process.wait()
        await self._clean_up()
        return status

    async def end(self, *, grace_seconds: float, kill_now: asyncio.Event) -> int:
        """Send SIGTERM, SIGKILL after `grace_seconds` or on `kill_now`, and return the exit status."""
        if self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGTERM)
        waiting = [asyncio.create_task(self._process.wait()), asyncio.create_task(kill_now.wait())]
        try:
            await asyncio.wait(waiting, timeout=grace_seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            if self._process.returncode is None:
                self._kill_group()
        try:
            status = await asyncio.wait_for(self._process.wait(), _KILL_TIMEOUT_SECONDS)
        except TimeoutError:  # the fork server, which reports the status, was stopped
            status = -signal.SIGKILL
        await self._clean_up()
        return status

    async def _clean_up(self) -> None:
        self._kill_group()
        await asyncio.wait({self._output}, timeout=_OUTPUT_TIMEOUT_SECONDS)
        self._link.close()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


async def _forward(output: socket.socket, name: str, on_line: PrintLine) -> None:
    reader, writer = await asyncio.open_connection(sock=output)
    rest = b""
    try:
        while chunk := await reader.read(_LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                on_line(name, line.decode(errors="replace").rstrip("\r"))
        if rest:
            on_line(name, rest.decode(errors="replace"))
    finally:
        writer.close()


def print_line(name: str, line: str) -> None:
    """Print a line of a child after its name; a closed terminal is ignored."""
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{name:<8}│ {line}\n")
        sys.stdout.flush()


async def _is_reported_ready(link: socket.socket) -> bool:
    loop = asyncio.get_running_loop()
    received = b""
    while not received.endswith(READY):
        try:
            part = await loop.sock_recv(link, len(READY) - len(received))
        except ConnectionResetError:
            return False
        if not part:
            return False
        received += part
    return True
