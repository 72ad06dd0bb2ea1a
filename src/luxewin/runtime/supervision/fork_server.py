"""The fork server: a process that imports the program once and forks the worker processes.

Importing takes more than a second, a fork some milliseconds, and the processes share the memory of the imported
modules. It is the fork server of the standard library, which runs no threads and no event loop.
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

_PRELOAD = "luxewin.runtime.supervision.fork_server_preload"


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
        """Wait until the process has ended, and return its exit status; it is negative after a signal."""
        return await asyncio.shield(self._ended)

    async def _end(self) -> int:
        loop = asyncio.get_running_loop()
        has_ended = asyncio.Event()
        loop.add_reader(self._process.sentinel, has_ended.set)
        try:
            await has_ended.wait()
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
    """Forks processes after importing `modules` once for all of them."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._context = mp.get_context("forkserver")
        self._context.set_forkserver_preload([_PRELOAD, __name__, *modules])
        # Only one thread may use the fork server: two would receive each other's exit statuses.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fork-server")

    def __enter__(self) -> Self:
        """Start importing, with the current environment."""
        forkserver.ensure_running()
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the fork server: it may still be importing."""
        server: Any = forkserver._forkserver  # noqa: SLF001 - there is no public API
        pid: int | None = server._forkserver_pid  # noqa: SLF001 - as above
        if pid is not None:
            os.kill(pid, signal.SIGKILL)
        self._thread.shutdown()  # wakes a caller that still waits for a fork
        if pid is not None:
            server._stop()  # noqa: SLF001 - as above; waits for the end of the process

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
        """Run `module.run(*arguments)` in a new process; arguments may be open sockets.

        Raises:
            OSError: the process could not be forked.
        """
        main = partial(_run_child, name, dict(environment), link=link, output=output)
        process = self._context.Process(target=main, args=(module, *arguments), name=name)
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, process.start)
        except EOFError as error:
            raise ChildProcessError("the fork server has ended") from error
        return ForkedProcess(process, self._thread)


def _run_child(
    name: str,
    environment: Mapping[str, str],
    module: str,
    *arguments: Any,
    link: socket.socket,
    output: socket.socket,
) -> None:
    """Run a program in its own session, so that Ctrl-C reaches the supervisor only."""
    gc.freeze()  # imported objects stay: no collection visits them, which would copy their memory
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
