"""One program of a group: started, joined to its supervisor by a link, its output passed on line by line."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Self

from luxewin.kit.supervision.link import LINK_VARIABLE, READY

Show = Callable[[str, str], None]
"""Receives the name of a child and a line of its output."""

_LONGEST_LINE_BYTES = 64 * 1024
_LAST_OUTPUT_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A program that the supervisor keeps running.

    `environment` is added to the supervisor's own, `pass_fds` are open files that the program inherits under the same
    numbers. It is ready when it has `announced` so through its link, for which it is given `ready_seconds`, or as soon
    as it is `started`.
    """

    name: str
    argv: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    pass_fds: Sequence[int] = ()
    ready_when: Literal["announced", "started"] = "announced"
    ready_seconds: float = 60.0


class RunningChild:
    """A started program, in a session of its own: Ctrl-C reaches the supervisor alone, which keeps the order."""

    def __init__(self, child: Child, process: asyncio.subprocess.Process, link: socket.socket, show: Show) -> None:
        self._child = child
        self._process = process
        self._link = link
        self._output = asyncio.create_task(self._forward(show))
        self._is_ready = child.ready_when == "started"

    @classmethod
    async def start(cls, child: Child, show: Show) -> Self:
        """Start the program.

        Raises:
            OSError: it cannot be started.
        """
        ours, theirs = socket.socketpair()
        ours.settimeout(0)
        try:
            process = await asyncio.create_subprocess_exec(
                *child.argv,
                env={**os.environ, **child.environment, LINK_VARIABLE: str(theirs.fileno())},
                pass_fds=(theirs.fileno(), *child.pass_fds),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
        return cls(child, process, ours, show)

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
        self._kill_group()
        await asyncio.wait({self._output}, timeout=_LAST_OUTPUT_SECONDS)
        self._link.close()
        return status

    async def end(self, *, grace_seconds: float, hurry: asyncio.Event) -> int:
        """Ask the program to end, end it after `grace_seconds` or on `hurry`, and return its exit status."""
        if self._process.returncode is None:
            # Not by the process object's own method: it takes the exit status of one that has just ended away from the
            # event loop, which then reports 255.
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
        return await self.ended()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _forward(self, show: Show) -> None:
        output = self._process.stdout
        assert output is not None
        rest = b""
        while chunk := await output.read(_LONGEST_LINE_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _LONGEST_LINE_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                show(self._child.name, line.decode(errors="replace").rstrip("\r"))
        if rest:
            show(self._child.name, rest.decode(errors="replace"))


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
