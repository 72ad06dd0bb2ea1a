import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

import psutil
import pytest

from luxewin.runtime.postgres import embedded, orphans
from luxewin.runtime.postgres.installation import Account
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock
from tests.servers import fetch_value, running_database, server_pid, settings_for, startup_error, stop_orphan

KEEPER = textwrap.dedent("""
    import asyncio, sys, asyncpg, uvloop
    from luxewin.runtime.postgres import database_server
    from luxewin.kit.secrets import Secrets
    from luxewin.kit.settings import Settings

    async def main():
        settings = Settings.load({"LUXEWIN_DATA_DIR": sys.argv[1]})
        async with database_server(settings, Secrets.open(settings), report=lambda line: None) as address:
            connection = await asyncpg.connect(**address.connect_arguments())
            await connection.execute("CREATE TABLE IF NOT EXISTS entries (id int PRIMARY KEY)")
            number = await connection.fetchval("SELECT coalesce(max(id), 0) FROM entries")
            while True:
                print(number, flush=True)
                number += 1
                await connection.execute("INSERT INTO entries VALUES ($1)", number)

    asyncio.Runner(loop_factory=uvloop.new_event_loop).run(main())
""")


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start programs that run the database of the test's folder and print each number after its commit."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        program = subprocess.Popen(
            [sys.executable, "-c", KEEPER, str(tmp_path)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        started.append(program)
        return program

    yield start
    for program in started:
        program.kill()
        program.communicate()
    stop_orphan(tmp_path)


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@contextmanager
def stranger(account: Account) -> Iterator[subprocess.Popen[bytes]]:
    """An unrelated process of the server's user."""
    with subprocess.Popen(["/bin/cat"], **{**account.spawn_arguments(), "stdin": subprocess.PIPE}) as process:
        yield process
        process.communicate()


@pytest.mark.parametrize("killed", ["keeper", "server", "keeper and server"])
def test_a_kill_loses_nothing_that_was_acknowledged(
    tmp_path: Path, keeper: Callable[[], subprocess.Popen[str]], killed: str
) -> None:
    acknowledged = 0
    for _ in range(3):
        program = keeper()
        assert program.stdout is not None
        stored = int(program.stdout.readline())
        assert acknowledged <= stored <= acknowledged + 1  # the last one may have lost its answer only
        for _ in range(20):
            acknowledged = int(program.stdout.readline())
        if "server" in killed:
            os.kill(server_pid(tmp_path), signal.SIGKILL)
        program.kill()
        acknowledged = max([acknowledged, *map(int, program.stdout)])
        program.wait()


async def test_an_orphan_is_ended_before_the_next_server_starts(
    tmp_path: Path, keeper: Callable[[], subprocess.Popen[str]]
) -> None:
    program = keeper()
    assert program.stdout is not None
    program.stdout.readline()
    orphan = psutil.Process(server_pid(tmp_path))
    program.kill()
    program.wait()
    assert is_alive(orphan)
    told: list[str] = []
    async with running_database(tmp_path, report=told.append):
        assert not is_alive(orphan)
        assert server_pid(tmp_path) != orphan.pid
    assert told == ["Ending the database server of an earlier run that was killed"]


async def test_a_process_of_a_dead_server_that_hangs_is_ended(
    tmp_path: Path, keeper: Callable[[], subprocess.Popen[str]]
) -> None:
    program = keeper()
    assert program.stdout is not None
    program.stdout.readline()
    server = psutil.Process(server_pid(tmp_path))
    hanging = next(process for process in server.children() if "checkpointer" in " ".join(process.cmdline()))
    hanging.suspend()
    server.kill()
    program.kill()
    async with running_database(tmp_path) as address:
        assert not is_alive(hanging)
        assert await fetch_value(address, "SELECT 1") == 1


async def test_files_that_an_invisible_process_uses_are_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_database(tmp_path):
        pass
    monkeypatch.setattr(orphans, "_EXIT_SECONDS", 0)
    monkeypatch.setattr(orphans, "_KILL_SECONDS", 0)
    holder = FolderLock(Layout.of(tmp_path).server_lock)
    assert holder.acquire()
    assert "is not visible here" in await startup_error(tmp_path)
    holder.release()
    async with running_database(tmp_path) as address:
        assert await fetch_value(address, "SELECT 1") == 1


async def test_a_server_that_ends_is_restarted(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with running_database(tmp_path, report=told.put_nowait) as address:
        first = psutil.Process(server_pid(tmp_path))
        while "Creating" not in await told.get():
            pass
        first.kill()
        assert await told.get() == "The database server ended with status -9; restarting it"
        while await told.get() != "The database server is running again":
            pass
        assert await fetch_value(address, "SELECT 1") == 1


async def test_a_failing_restart_is_retried_until_it_succeeds(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    version = tmp_path / "postgres" / "data" / "PG_VERSION"
    async with running_database(tmp_path, report=told.put_nowait) as address:
        version.write_text("17\n", encoding="ascii")
        psutil.Process(server_pid(tmp_path)).kill()
        while "was created by PostgreSQL 17" not in await told.get():
            pass
        version.write_text("18\n", encoding="ascii")
        while "is running again" not in await told.get():
            pass
        assert await fetch_value(address, "SELECT 1") == 1


async def test_leftovers_of_a_dead_server_whose_process_id_is_reused_are_ignored(tmp_path: Path) -> None:
    async with running_database(tmp_path):
        account = Account.for_folder(tmp_path / "postgres")
    layout = Layout.of(tmp_path)
    with stranger(account) as process:
        layout.status.write_text(f"{process.pid}\n{layout.cluster}\n", encoding="utf-8")
        layout.sockets.joinpath(".s.PGSQL.5432.lock").write_text(f"{process.pid}\n", encoding="utf-8")
        async with running_database(tmp_path) as address:
            assert await fetch_value(address, "SELECT 1") == 1
        assert process.poll() is None


async def test_an_interrupted_creation_starts_over(tmp_path: Path) -> None:
    settings_for(tmp_path)
    home = Account.for_folder(tmp_path / "postgres").own(tmp_path / "postgres")
    (home / "draft" / "base").mkdir(parents=True)
    (home / "draft" / "PG_VERSION").write_text("18\n", encoding="ascii")
    (home / "password").write_text("left behind", encoding="ascii")
    async with running_database(tmp_path) as address:
        assert await fetch_value(address, "SELECT 1") == 1
    assert sorted(path.name for path in home.iterdir()) == ["data", "socket"]


async def test_a_cancelled_first_start_ends_after_its_cluster_was_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end, ended = Event(), Event(), Event()

    def make(*_: object, **__: object) -> None:
        begun.set()
        may_end.wait()
        ended.set()

    monkeypatch.setattr(embedded, "create_cluster", make)
    server = embedded.EmbeddedPostgres(tmp_path, password="of nobody", report=lambda _line: None)
    starting = asyncio.create_task(server.start())
    await asyncio.to_thread(begun.wait)
    starting.cancel()
    await asyncio.wait({starting}, timeout=0.05)
    still_waits = not starting.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await server.stop()
    assert (still_waits, ended.is_set()) == (True, True)
