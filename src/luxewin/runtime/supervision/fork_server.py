"""Where children are born: forked from a process that has imported everything once.

A child of it starts in a moment, where importing takes more than a second, and shares the memory of what was imported.
The process is the standard library's fork server, which runs no threads and no event loop.
"""

import asyncio
import gc
import multiprocessing as mp
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib import import_module
from multiprocessing import forkserver
from typing import Any, Self

from luxewin.runtime.supervision.supervisor_link import LINK_VARIABLE, set_process_name

_APART = "luxewin.runtime.supervision.fork_server_preload"


class ForkedProcess:
    """A forked process."""

    def __init__(self, process: mp.process.BaseProcess, thread: ThreadPoolExecutor) -> None:
        assert process.pid is not None
        self.pid: int = process.pid
        self.returncode: int | None = None
        self._process = process
        self._thread = thread
        self._ended = asyncio.create_task(self._end())

    async def wait(self) -> int:
        """Wait until it has ended, and return its exit status, which is negative where a signal ended it."""
        return await asyncio.shield(self._ended)

    async def _end(self) -> int:
        loop = asyncio.get_running_loop()
        is_over = asyncio.Event()
        loop.add_reader(self._process.sentinel, is_over.set)
        try:
            await is_over.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self.returncode = await loop.run_in_executor(self._thread, self._status)
        return self.returncode

    def _status(self) -> int:
        self._process.join()
        status = self._process.exitcode
        self._process.close()
        assert status is not None
        return status


class ForkServer:
    """Forks children, after `modules` have been imported once for all of them."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._context = mp.get_context("forkserver")
        self._context.set_forkserver_preload([_APART, __name__, *modules])
        # One thread asks the fork server: two would take each other's exit statuses away.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="nursery")

    def __enter__(self) -> Self:
        """Begin to import, with the environment as it is now."""
        forkserver.ensure_running()
        return self

    def __exit__(self, *_: object) -> None:
        """End the process that forks, at once: it may still be importing, and nobody needs it any more."""
        server: Any = forkserver._forkserver  # noqa: SLF001 - there is no public way
        pid: int | None = server._forkserver_pid  # noqa: SLF001 - as above
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        self._thread.shutdown()  # whoever waits in it for an answer is told now that none comes
        if pid is not None:
            server._stop()  # noqa: SLF001 - as above; waits for its end

    async def fork(
        self,
        name: str,
        module: str,
        arguments: Sequence[Any],
        environment: Mapping[str, str],
        *,
        link: socket.socket,
        output: socket.socket,
    ) -> ForkedProcess:
        """Run `module.run(*arguments)` in a process of its own; open sockets may be among the arguments.

        Raises:
            OSError: the process could not be forked.
        """
        live = partial(_live, name, dict(environment), link=link, output=output)
        process = self._context.Process(target=live, args=(module, *arguments), name=name)
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, process.start)
        except EOFError as error:
            raise ChildProcessError("the process that forks the others has ended") from error
        return ForkedProcess(process, self._thread)


def _live(
    name: str,
    environment: Mapping[str, str],
    module: str,
    *arguments: Any,
    link: socket.socket,
    output: socket.socket,
) -> None:
    """Be a program of one's own: in a session of one's own, so that Ctrl-C reaches the supervisor alone."""
    gc.freeze()  # what was imported stays for good: no collection walks through it, nor copies its memory
    gc.enable()
    os.setsid()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for standard in (sys.stdout, sys.stderr):
        standard.flush()
        os.dup2(output.fileno(), standard.fileno())
    output.close()
    set_process_name(name)
    os.environ.update(environment)
    os.environ[LINK_VARIABLE] = str(link.detach())
    import_module(module).run(*arguments)
