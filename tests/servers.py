"""Private PostgreSQL servers for tests, each with its own folder and socket, removed at the end.

`verify_identity` checks with `SHOW data_directory` that a connection leads to the server of that folder.
"""

import asyncio
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar

import asyncpg
import pytest

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres import EmbeddedPostgres, Installation, database_server, orphans
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock

T = TypeVar("T")

DEBIAN_15 = Installation(Path("/usr/lib/postgresql/15/bin"))
_FOLDERS = Path("/tmp")  # noqa: S108 - short enough for a socket, and every user can pass through it
_PREFIX = "luxewin-test-"
_PASSWORD = "only-in-tests"
_CONNECTIONS = 300
_LONGEST_START_SECONDS = 60.0


def new_folder() -> Path:
    """Make a folder that the user of a database server can reach."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=_FOLDERS))
    folder.chmod(0o711)
    return folder


class TestServer:
    """A running server; `address` is its default database, as its administrator.

    It can be started and stopped from any thread, inside and outside of event loops.
    """

    __test__ = False

    def __init__(self, folder: Path | None, installation: Installation | None, *, durable: bool) -> None:
        self._owns_folder = folder is None
        self.folder = new_folder() if folder is None else folder
        self._server = EmbeddedPostgres(
            self.folder,
            password=_PASSWORD,
            installation=installation,
            connections=_CONNECTIONS,
            durable=durable,
            report=_discard,
        )
        try:
            _run(self._server.start())
        except BaseException:
            self.stop()
            raise
        self.address = self._server.address

    def connect_arguments(self) -> dict[str, Any]:
        """Return the arguments of `asyncpg.connect` for the default database, as the administrator."""
        return self.address.connect_arguments()

    async def verify_identity(self, connection: Any) -> None:
        """Assert that a connection leads to this server."""
        served = await connection.fetchval("SHOW data_directory")
        assert Path(served) == Layout.of(self.folder).cluster, f"this is the server of {served}"

    def create_database(self, name: str, *, template: str = "template1") -> DatabaseAddress:
        """Create a database as a copy of the template, which must have no connections, and return its address."""
        _run(fetch_value(self.address.of_database("postgres"), f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
        return self.address.of_database(name)

    def drop_database(self, name: str) -> None:
        """Drop a database and end its connections."""
        _run(fetch_value(self.address.of_database("postgres"), f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def stop(self) -> None:
        """Stop the server, and remove its folder if it was created for it."""
        _run(self._server.stop())
        if self._owns_folder:
            shutil.rmtree(self.folder, ignore_errors=True)  # another session may be removing it as well

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start_embedded(folder: Path | None = None, *, durable: bool = False) -> TestServer:
    """Start the embedded server, in a new folder by default."""
    _clear_dead_sessions()
    return TestServer(folder, None, durable=durable)


def start_debian(folder: Path | None = None, *, durable: bool = False) -> TestServer:
    """Start the oldest supported PostgreSQL, 15 from Debian 12, in a new folder by default."""
    if not DEBIAN_15.programs.exists():
        raise RuntimeError("PostgreSQL 15 is not installed: run `apt-get install postgresql-15`")
    _clear_dead_sessions()
    return TestServer(folder, DEBIAN_15, durable=durable)


def settings_for(folder: Path, **environ: str) -> tuple[Settings, Secrets]:
    """Return the settings and secrets of a data folder."""
    settings = Settings.load({"LUXEWIN_DATA_DIR": str(folder), **environ}, SETTINGS_EXTENSIONS)
    return settings, Secrets.open(settings)


@asynccontextmanager
async def running_database(folder: Path, *, report: Callable[[str], None] = print) -> AsyncIterator[DatabaseAddress]:
    """Keep the database of a data folder as the program itself does, while the block runs."""
    settings, secrets = settings_for(folder)
    async with database_server(settings, secrets, report=report) as address:
        yield address


async def startup_error(folder: Path) -> str:
    """Start the database of a data folder, which must fail, and return its one-line error message."""
    with pytest.raises(StartupError) as refused:
        async with running_database(folder):
            pass
    assert "\n" not in str(refused.value)
    return str(refused.value)


def server_pid(folder: Path) -> int:
    """Return the process id of the server of a data folder."""
    return int(Layout.of(folder).status.read_text(encoding="utf-8").splitlines()[0])


@asynccontextmanager
async def connected(address: DatabaseAddress) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """Yield a connection, closed when the block ends."""
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        yield connection
    finally:
        await connection.close()


async def fetch_value(address: DatabaseAddress, statement: str) -> object:
    """Connect, run one statement, and return the first value of its result."""
    async with connected(address) as connection:
        return await connection.fetchval(statement)


def stop_orphan(folder: Path) -> None:
    """Stop the server that a killed program has left running in its data folder, if there is one."""
    _run(_stopped_orphan(Layout.of(folder)))


async def _stopped_orphan(layout: Layout) -> bool:
    keeper, server = FolderLock(layout.supervisor_lock), FolderLock(layout.server_lock)
    try:
        if not keeper.acquire():
            return False
        await orphans.end(layout, server, report=_discard)
    finally:
        server.release()
        keeper.release()
    return True


def _clear_dead_sessions() -> None:
    """Stop and remove the servers of killed test sessions."""
    for folder in _FOLDERS.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError, PermissionError):  # it may have been removed, or belong to another user
            layout = Layout.of(folder)
            # Not the time of modification, which a copied folder has from its original.
            begun_seconds_ago = time.time() - layout.supervisor_lock.stat().st_ctime
            if begun_seconds_ago > _LONGEST_START_SECONDS and _run(_stopped_orphan(layout)):
                shutil.rmtree(folder)


def _run(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _discard(_: str) -> None:
    pass
