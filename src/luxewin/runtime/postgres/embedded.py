"""The embedded PostgreSQL: created, started, supervised and stopped by the program, in folders of its own.

The wheel contains the programs. Its Python API is not used, because it allows every local user to connect without a
password, opens parent folders to every user, aborts a recovery after ten seconds, and ties the server to `atexit`.

Two locks show which processes are alive, and the operating system releases both when a process is killed. The
*supervisor's* lock is held by the program that runs the server. The *server's* lock is inherited by the server and all
its processes: while it is free, no process uses the files; if it is held and the supervisor's is not, the server is an
orphan.
"""

import asyncio
import contextlib
import shutil
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from threading import Thread

import asyncpg

from luxewin.kit.cancellation import run_in_thread_uninterrupted
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.driver_errors import DRIVER_ERRORS
from luxewin.kit.startup import StartupError, disk_error, ensure_folder
from luxewin.runtime.postgres import orphans
from luxewin.runtime.postgres.cluster import create_cluster, require_same_version
from luxewin.runtime.postgres.configuration import start_arguments
from luxewin.runtime.postgres.installation import Account, Installation, last_line
from luxewin.runtime.postgres.layout import PORT, Layout
from luxewin.runtime.postgres.locks import FolderLock
from luxewin.runtime.postgres.reachability import require_reachable

ADMIN_ROLE = "luxewin_admin"
DATABASE = "shop"
CONNECTIONS = 100
_LOCK_SECONDS = 1.0
"""The timeout for the lock of a supervisor that was just killed."""
_LONGEST_START_SECONDS = 600.0
_RECOVERY_SECONDS = 1.0
_POLL_SECONDS = 0.01
_STATE_LINE = 7
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.5, 10.0
_DISK_FULL_BYTES = 16 * 1024 * 1024
_STOP_SIGNALS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 15.0))


def embedded_address(data_dir: Path, password: str) -> DatabaseAddress:
    """Return the address of a data folder's embedded server, as its administrator; the server need not run."""
    return DatabaseAddress(
        host=str(Layout.of(data_dir).sockets), port=PORT, database=DATABASE, user=ADMIN_ROLE, password=password
    )


class EmbeddedPostgres:
    """The server of a data folder.

    `durable=False` disables crash safety, for servers of tests. `connections` is the limit of open connections.
    `report` receives a line for each step that may take a while.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        password: str,
        report: Callable[[str], None],
        installation: Installation | None = None,
        connections: int = CONNECTIONS,
        durable: bool = True,
    ) -> None:
        self.layout = Layout.of(data_dir)
        self.address = embedded_address(data_dir, password)
        self._installation = installation
        self._connections = connections
        self._durable = durable
        self._report = report
        self._supervisor = FolderLock(self.layout.supervisor_lock)
        self._process: subprocess.Popen[bytes] | None = None
        self._ended: Future[int] = Future()

    async def start(self) -> None:
        """Start the server; create its files, end an orphan and recover from a crash if necessary.

        Raises:
            StartupError: another program runs this server, or it cannot start; one line with the remedy.
        """
        try:
            self._prepare_folders()
            if not await self._supervisor.acquire_within(_LOCK_SECONDS):
                raise StartupError(
                    f"The data folder {self.layout.data_dir} is in use by another LuxeWin: "
                    "stop that one, or set LUXEWIN_DATA_DIR to another folder"
                )
            await self._launch()
        except OSError as error:
            raise disk_error(error, self.layout.data_dir) from error
        await self._until_ready()
        await self._verify()

    async def stop(self) -> None:
        """Stop the server, first with a fast shutdown; committed data are on disk in any case."""
        process = self._process
        for number, timeout_seconds in _STOP_SIGNALS:
            if process is None or process.poll() is not None:
                break
            process.send_signal(number)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), timeout_seconds)
        self._process = None
        if not self.layout.sockets.is_relative_to(self.layout.data_dir):
            with contextlib.suppress(OSError):
                self.layout.sockets.rmdir()
        self._supervisor.release()

    async def ended(self) -> int:
        """Wait until the server ends, and return its exit status."""
        return await asyncio.shield(asyncio.wrap_future(self._ended))

    async def keep_running(self) -> None:
        """Restart the server whenever it ends, until cancelled; the pause doubles with each failed start."""
        while True:
            status = await self.ended()
            self._report(f"The database server ended with status {status}; restarting it")
            pause_seconds = _FIRST_PAUSE_SECONDS
            while not await self._restart():
                await asyncio.sleep(pause_seconds)
                pause_seconds = min(2 * pause_seconds, _LONGEST_PAUSE_SECONDS)

    async def is_running_elsewhere(self) -> bool:
        """Return whether another program runs this server, and it answers."""
        if not self.layout.locks.exists():
            return False
        if self._supervisor.acquire():
            self._supervisor.release()
            return False
        try:
            await self._verify()
        except StartupError:
            return False
        return True

    async def _restart(self) -> bool:
        try:
            await self.start()
        except StartupError as error:
            self._report(str(error))
            return False
        self._report("The database server is running again")
        return True

    def _prepare_folders(self) -> None:
        ensure_folder(self.layout.data_dir, mode=0o711)
        ensure_folder(self.layout.locks)
        ensure_folder(self.layout.logs, mode=0o711)

    async def _launch(self) -> None:
        layout = self.layout
        account = Account.for_folder(layout.home)
        installation = self._installation or Installation.embedded()
        for folder in (layout.home, layout.sockets, layout.server_log):
            account.own(folder)
        require_reachable(account, programs=installation.programs, data=(layout.home, layout.server_log))
        version = installation.major_version(account)
        lock = FolderLock(layout.server_lock)
        try:
            await orphans.end(layout, lock, report=self._report)
            if layout.cluster.exists():
                require_same_version(layout, version)
            else:
                self._report(f"Creating the database in {layout.home}")
                await run_in_thread_uninterrupted(
                    partial(
                        create_cluster,
                        layout,
                        installation,
                        account,
                        version=version,
                        administrator=self.address,
                        durable=self._durable,
                        lock=lock,
                    )
                )
            self._spawn(installation, account, lock)
        finally:
            lock.release()

    def _spawn(self, installation: Installation, account: Account, lock: FolderLock) -> None:
        arguments = start_arguments(self.layout, connections=self._connections, durable=self._durable)
        with self.layout.start_log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - PostgreSQL itself
                [installation.program("postgres"), *arguments],
                stdout=log,
                stderr=log,
                pass_fds=(lock.descriptor,),
                **account.spawn_arguments(),
            )
        self._ended = Future()
        Thread(target=_report_end, args=(self._process, self._ended), name="postgres", daemon=True).start()

    async def _until_ready(self) -> None:
        """Wait until the server is ready; it offers no event, only a line in its status file."""
        assert self._process is not None
        loop = asyncio.get_running_loop()
        started = loop.time()
        recovery_reported = False
        ended = asyncio.ensure_future(self.ended())
        try:
            while not _is_ready(self.layout.status, self._process.pid):
                waited_seconds = loop.time() - started
                if waited_seconds > _LONGEST_START_SECONDS:
                    raise StartupError(f"The database is still not ready after ten minutes: see {self.layout.logs}")
                if waited_seconds > _RECOVERY_SECONDS and not recovery_reported:
                    self._report("The database is recovering after a crash")
                    recovery_reported = True
                await asyncio.wait({ended}, timeout=_POLL_SECONDS)
                if ended.done():
                    raise self._failure(ended.result())
        finally:
            ended.cancel()

    async def _verify(self) -> None:
        """Check that the server that answers uses our files, and create the database if it is missing."""
        try:
            connection = await self._connection()
        except asyncpg.InvalidPasswordError:
            raise StartupError(
                f"The password in {self.layout.data_dir / 'secrets'} does not fit the database in {self.layout.home}: "
                "restore the secrets that belong to it"
            ) from None
        except DRIVER_ERRORS as error:
            raise StartupError(f"The database does not answer ({error}): see {self.layout.logs}") from error
        try:
            data_directory = Path(await connection.fetchval("SHOW data_directory"))
        finally:
            await connection.close()
        if data_directory != self.layout.cluster:
            raise StartupError(
                f"The socket in {self.layout.sockets} belongs to the database in {data_directory}: stop that server"
            )

    async def _connection(self) -> "asyncpg.Connection[asyncpg.Record]":
        arguments = self.address.connect_arguments()
        try:
            return await asyncpg.connect(**arguments)
        except asyncpg.InvalidCatalogNameError:
            maintenance = await asyncpg.connect(**self.address.of_database("postgres").connect_arguments())
            try:
                await maintenance.execute(f'CREATE DATABASE "{DATABASE}"')
            finally:
                await maintenance.close()
            return await asyncpg.connect(**arguments)

    def _failure(self, status: int) -> StartupError:
        if shutil.disk_usage(self.layout.data_dir).free < _DISK_FULL_BYTES:
            return StartupError(
                f"The disk that holds {self.layout.data_dir} is full, and the database cannot start: "
                "free some space, then start again"
            )
        return StartupError(
            f"The database did not start, status {status} ({_last_error(self.layout)}): "
            f"see {self.layout.logs}, or set LUXEWIN_DATABASE_URL to another PostgreSQL"
        )


def _report_end(process: subprocess.Popen[bytes], ended: Future[int]) -> None:
    ended.set_result(process.wait())


def _is_ready(status: Path, pid: int) -> bool:
    try:
        lines = status.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > _STATE_LINE and lines[0] == str(pid) and lines[_STATE_LINE].strip() == "ready"


def _last_error(layout: Layout) -> str:
    """Return the last error in the logs of the server."""
    logs = sorted(layout.server_log.glob("*.log"), key=lambda log: log.stat().st_mtime)
    errors = [
        line.partition(": ")[2].strip()
        for log in (*logs[-1:], layout.start_log)
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
        if "FATAL:" in line or "PANIC:" in line
    ]
    return errors[-1] if errors else last_line(layout.start_log.read_text(encoding="utf-8", errors="replace"))
