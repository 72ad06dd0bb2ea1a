import asyncio
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import asyncpg
import psutil
import pytest

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.postgres import OLDEST_VERSION, check_external, database_address, database_server, external
from luxewin.kit.postgres.installation import Account
from luxewin.kit.postgres.layout import Layout
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import StartupRefused
from tests.servers import TestServer, end_orphan, start_debian

AS_ROOT = os.geteuid() == 0
KEEPER = textwrap.dedent("""
    import asyncio, sys, asyncpg
    from luxewin.kit.postgres import database_server
    from luxewin.kit.secrets import Secrets
    from luxewin.kit.settings import Settings

    async def main():
        settings = Settings.load({"LUXEWIN_DATA_DIR": sys.argv[1]})
        async with database_server(settings, Secrets.open(settings), tell=lambda line: None) as address:
            connection = await asyncpg.connect(**address.connect_arguments())
            await connection.execute("CREATE TABLE IF NOT EXISTS entries (id int PRIMARY KEY)")
            number = await connection.fetchval("SELECT coalesce(max(id), 0) FROM entries")
            while True:
                print(number, flush=True)
                number += 1
                await connection.execute("INSERT INTO entries VALUES ($1)", number)

    asyncio.run(main())
""")


def settings_for(folder: Path, **environ: str) -> tuple[Settings, Secrets]:
    settings = Settings.load({"LUXEWIN_DATA_DIR": str(folder), **environ})
    return settings, Secrets.open(settings)


@asynccontextmanager
async def kept(folder: Path, *, tell: Callable[[str], None] = print) -> AsyncIterator[DatabaseAddress]:
    settings, secrets = settings_for(folder)
    async with database_server(settings, secrets, tell=tell) as address:
        yield address


@asynccontextmanager
async def connected(address: DatabaseAddress) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await asyncpg.connect(**address.connect_arguments())
    try:
        yield connection
    finally:
        await connection.close()


async def answered(address: DatabaseAddress, question: str) -> object:
    async with connected(address) as connection:
        return await connection.fetchval(question)


async def refusal_to_start(folder: Path) -> str:
    with pytest.raises(StartupRefused) as refused:
        async with kept(folder):
            pass
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Start programs that keep the database of the test's folder and say each number once it is committed."""
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
    end_orphan(tmp_path)


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.fixture(scope="module")
def debian() -> Iterator[TestServer]:
    with start_debian() as server:
        yield server


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@contextmanager
def stranger(account: Account) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the server's own user that has nothing to do with it."""
    with subprocess.Popen(["/bin/cat"], **{**account.spawn_arguments(), "stdin": subprocess.PIPE}) as process:
        yield process
        process.communicate()


def may_list(folder: Path, user: str) -> bool:
    return subprocess.run(["/bin/ls", folder], user=user, capture_output=True, check=False).returncode == 0


def mode_of(folder: str | Path) -> int:
    return stat.S_IMODE(Path(folder).stat().st_mode)


def server_pid(folder: Path) -> int:
    return int(Layout.of(folder).status.read_text(encoding="utf-8").splitlines()[0])


async def test_the_first_start_creates_what_later_starts_find(tmp_path: Path) -> None:
    async with kept(tmp_path) as address, connected(address) as connection:
        await connection.execute("CREATE TABLE kept AS SELECT 'still here' AS word")
    async with kept(tmp_path) as address:
        assert await answered(address, "SELECT word FROM kept") == "still here"
        assert await answered(address, "SHOW data_directory") == str(tmp_path / "postgres" / "data")


async def test_text_is_unicode_sorted_by_code_point_and_pages_have_checksums(tmp_path: Path) -> None:
    async with kept(tmp_path) as address, connected(address) as connection:
        assert await connection.fetchval("SELECT lower('ÄÖÜ') || current_setting('server_encoding')") == "äöüUTF8"
        assert await connection.fetchval("SELECT 'Z' < 'a' AND 'a' < 'ä'")
        assert await connection.fetchval("SHOW data_checksums") == "on"


async def test_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    async with kept(tmp_path) as address, connected(address) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await connection.fetchval(f"SHOW {setting}") == "on"


async def test_nobody_enters_without_a_password_nor_over_the_network(tmp_path: Path) -> None:
    async with kept(tmp_path) as address, connected(address) as connection:
        assert await connection.fetchval("SHOW listen_addresses") == ""
        methods = await connection.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert [row["auth_method"] for row in methods] == ["scram-sha-256"]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(**{**address.connect_arguments(), "password": "guessed"})
        for folder in (address.host, tmp_path / "postgres" / "data", tmp_path / "secrets"):
            assert mode_of(folder) == 0o700


async def test_the_server_does_not_run_as_root(tmp_path: Path) -> None:
    async with kept(tmp_path):
        assert 0 not in psutil.Process(server_pid(tmp_path)).uids()


async def test_values_of_rows_stay_out_of_the_log(tmp_path: Path) -> None:
    async with kept(tmp_path) as address, connected(address) as connection:
        await connection.execute("CREATE TABLE people (email text UNIQUE)")
        await connection.execute("INSERT INTO people VALUES ($1)", "canary@example.com")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO people VALUES ($1)", "canary@example.com")
    log = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "log" / "postgres").iterdir())
    assert "duplicate key" in log
    assert "canary" not in log


async def test_several_instances_run_side_by_side(tmp_path: Path) -> None:
    async with kept(tmp_path / "one") as one, kept(tmp_path / "two") as two:
        assert await answered(one, "SHOW data_directory") != await answered(two, "SHOW data_directory")


async def test_a_folder_that_is_kept_already_is_refused_in_one_line(tmp_path: Path) -> None:
    async with kept(tmp_path) as address:
        assert "in use by another LuxeWin" in await refusal_to_start(tmp_path)
        assert await answered(address, "SELECT 1") == 1


async def test_a_command_joins_the_server_that_runs_and_leaves_it_running(tmp_path: Path) -> None:
    settings, secrets = settings_for(tmp_path)
    async with kept(tmp_path) as address:
        async with database_server(settings, secrets, tell=print, join=True) as joined:
            assert joined == address == database_address(settings, secrets)
        assert await answered(address, "SELECT 1") == 1


async def test_a_command_starts_the_server_where_none_runs(tmp_path: Path) -> None:
    settings, secrets = settings_for(tmp_path)
    async with database_server(settings, secrets, tell=print, join=True) as address:
        assert await answered(address, "SELECT 1") == 1
    with pytest.raises(OSError, match=r"No such file|refused"):
        await answered(address, "SELECT 1")


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
    async with kept(tmp_path, tell=told.append):
        assert not is_alive(orphan)
        assert server_pid(tmp_path) != orphan.pid
    assert told == ["Ending the database server that an earlier run has left behind"]


async def test_a_server_that_dies_is_started_again(tmp_path: Path) -> None:
    told: asyncio.Queue[str] = asyncio.Queue()
    async with kept(tmp_path, tell=told.put_nowait) as address:
        first = psutil.Process(server_pid(tmp_path))
        while "Creating" not in await told.get():
            pass
        first.kill()
        assert await told.get() == "The database server has ended with status -9; starting it again"
        assert await told.get() == "The database server runs again"
        assert await answered(address, "SELECT 1") == 1


async def test_traces_of_a_dead_server_whose_process_id_somebody_else_has_now_are_no_obstacle(tmp_path: Path) -> None:
    async with kept(tmp_path):
        account = Account.for_folder(tmp_path / "postgres")
    layout = Layout.of(tmp_path)
    with stranger(account) as process:
        layout.status.write_text(f"{process.pid}\n{layout.cluster}\n", encoding="utf-8")
        layout.sockets.joinpath(".s.PGSQL.5432.lock").write_text(f"{process.pid}\n", encoding="utf-8")
        async with kept(tmp_path) as address:
            assert await answered(address, "SELECT 1") == 1
        assert process.poll() is None


async def test_a_creation_that_was_cut_short_is_begun_anew(tmp_path: Path) -> None:
    settings_for(tmp_path)
    home = Account.for_folder(tmp_path / "postgres").own(tmp_path / "postgres")
    (home / "draft" / "base").mkdir(parents=True)
    (home / "draft" / "PG_VERSION").write_text("18\n", encoding="ascii")
    (home / "password").write_text("left behind", encoding="ascii")
    async with kept(tmp_path) as address:
        assert await answered(address, "SELECT 1") == 1
    assert sorted(path.name for path in home.iterdir()) == ["data", "socket"]


async def test_a_folder_too_deep_for_a_socket_is_served_all_the_same(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*['folder with, a comma and "quotes"'] * 5)
    async with kept(deep) as address:
        assert await answered(address, "SHOW data_directory") == str(deep / "postgres" / "data")
        assert len(os.fsencode(f"{address.host}/.s.PGSQL.5432")) <= 103
        assert mode_of(address.host) == 0o700
    shutil.rmtree(address.host)


async def test_a_socket_folder_of_somebody_else_is_refused(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a folder far down"] * 6)
    elsewhere = Layout.of(deep).sockets
    elsewhere.symlink_to(tmp_path)
    try:
        assert "somebody else's" in await refusal_to_start(deep)
    finally:
        elsewhere.unlink()


async def test_files_of_another_major_version_are_refused(tmp_path: Path) -> None:
    async with kept(tmp_path):
        pass
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("17\n", encoding="ascii")
    assert "made by PostgreSQL 17, and this is 18" in await refusal_to_start(tmp_path)


async def test_secrets_that_do_not_fit_the_database_are_refused(tmp_path: Path) -> None:
    async with kept(tmp_path):
        pass
    (tmp_path / "secrets" / "database_admin").unlink()
    assert "does not open the database" in await refusal_to_start(tmp_path)


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    async with kept(tmp_path):
        pass
    with (tmp_path / "postgres" / "data" / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("shared_buffers = 'plenty'\n")
    assert 'postgresql.conf" contains errors' in await refusal_to_start(tmp_path)


@pytest.mark.skipif(not AS_ROOT, reason="needs root, who can mount a small disk")
async def test_a_full_disk_is_refused_in_one_line_and_a_freed_one_is_used_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=50) as disk:
        assert "MB left, and a new database needs" in await refusal_to_start(disk)
    with small_disk(tmp_path / "disk", megabytes=300) as disk:
        async with kept(disk) as address:
            await answered(address, "CREATE TABLE kept AS SELECT 1 AS one")
        free_bytes = shutil.disk_usage(disk).free
        with (disk / "ballast").open("wb") as ballast:
            os.posix_fallocate(ballast.fileno(), 0, free_bytes)
        assert "is full" in await refusal_to_start(disk)
        (disk / "ballast").unlink()
        async with kept(disk) as address:
            assert await answered(address, "SELECT one FROM kept") == 1


@pytest.mark.skipif(not AS_ROOT, reason="only root's server runs as somebody else")
async def test_a_closed_folder_on_the_way_lets_the_server_pass_and_nobody_else(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "deeper").mkdir(parents=True)
    (closed / "deeper").chmod(0o700)
    closed.chmod(0o700)
    told: list[str] = []
    async with kept(closed / "deeper" / "var", tell=told.append) as address:
        assert await answered(address, "SELECT 1") == 1
    account = Account.for_folder(closed / "deeper" / "var" / "postgres")
    granted = [line for line in told if line.startswith("Granted")]
    assert any(line.endswith(f"pass through {closed}, and no more") for line in granted)
    assert not may_list(closed, account.name)
    assert not may_list(closed / "deeper" / "var" / "log", "daemon")


async def test_the_oldest_supported_version_is_driven_by_the_same_code(debian: TestServer) -> None:
    assert str(await answered(debian.address, "SHOW server_version")).startswith(f"{OLDEST_VERSION}.")
    assert await answered(debian.address, "SELECT lower('ÄÖÜ')") == "äöü"


async def test_a_test_server_hands_out_databases_of_its_own(debian: TestServer) -> None:
    address = debian.create_database("copy")
    assert await answered(address, "SELECT current_database()") == "copy"
    debian.drop_database("copy")
    async with connected(debian.address) as connection:
        await debian.must_be_ours(connection)


async def test_a_server_that_somebody_else_runs_is_used_and_left_running(tmp_path: Path, debian: TestServer) -> None:
    theirs = debian.address
    query = urlencode({"host": theirs.host, "user": theirs.user, "password": theirs.password})
    settings, secrets = settings_for(tmp_path, LUXEWIN_DATABASE_URL=f"postgresql:///{theirs.database}?{query}")
    async with database_server(settings, secrets, tell=print) as address:
        assert address == theirs
    assert await answered(theirs, "SELECT 1") == 1
    assert not (tmp_path / "postgres").exists()


async def refusal_of(address: DatabaseAddress, *, roles: tuple[str, ...] = ()) -> str:
    with pytest.raises(StartupRefused) as refused:
        await check_external(address, roles=roles)
    text = str(refused.value)
    assert text.startswith("LUXEWIN_DATABASE_URL: ")
    assert "\n" not in text
    return text


async def test_a_server_that_is_not_there_is_refused(debian: TestServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "nothing answers" in await refusal_of(replace(debian.address, host="127.0.0.1", port=port))
    assert "nothing answers" in await refusal_of(replace(debian.address, host=str(debian.folder)))


async def test_a_server_that_keeps_silent_is_refused(debian: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "_PATIENCE_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = replace(debian.address, host="127.0.0.1", port=silent.getsockname()[1])
        assert "does not answer" in await refusal_of(address)


async def test_a_server_that_does_not_let_us_in_is_refused(debian: TestServer) -> None:
    assert "check user, password" in await refusal_of(debian.address.as_role(debian.address.user, "guessed"))
    assert "check user, password" in await refusal_of(debian.address.as_role("nobody_known", "guessed"))


async def test_a_database_that_does_not_exist_or_is_not_unicode_is_refused(debian: TestServer) -> None:
    assert "there is no absent" in await refusal_of(debian.address.of_database("absent"))
    statement = "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    async with connected(debian.address.of_database("postgres")) as connection:
        await connection.execute(statement)
    assert "stores SQL_ASCII" in await refusal_of(debian.address.of_database("bytes"))


async def test_a_role_that_may_not_do_what_the_program_needs_is_refused(debian: TestServer) -> None:
    address = debian.create_database("guarded")
    async with connected(address) as connection:
        await connection.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE ROLE made_by_hand")
    weak = address.as_role("weak", "weak")
    assert 'ALTER DATABASE "guarded" OWNER TO "weak"' in await refusal_of(weak)
    async with connected(address) as connection:
        await connection.execute("ALTER DATABASE guarded OWNER TO weak")
    assert "may not create the roles missing;" in await refusal_of(weak, roles=("missing", "made_by_hand"))
    await check_external(weak, roles=("made_by_hand",))
    async with connected(address) as connection:
        await connection.execute("ALTER ROLE weak CREATEROLE")
    await check_external(weak, roles=("missing", "made_by_hand"))


async def test_a_replica_is_refused(tmp_path: Path) -> None:
    async with kept(tmp_path):
        pass
    (tmp_path / "postgres" / "data" / "standby.signal").touch()
    async with kept(tmp_path) as address:
        assert "is a replica" in await refusal_of(address)


@pytest.mark.parametrize(("version", "refused"), [(14, True), (OLDEST_VERSION, False), (19, False)])
def test_a_version_that_is_too_old_is_refused(version: int, refused: bool) -> None:
    seen = {"version": version, "is_replica": False, "encoding": "UTF8", "may_create": True, "missing_roles": []}
    address = DatabaseAddress(host="db", database="shop", user="ann")
    fault = external.fault(address, seen)
    assert (fault == f"shop at db:5432 runs PostgreSQL {version}; give one of version 15 or later") is refused
