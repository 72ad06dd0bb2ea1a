import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import psutil
import pytest

from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres import EmbeddedPostgres, database_address, database_server, installation
from luxewin.runtime.postgres.installation import Account, Installation
from luxewin.runtime.postgres.layout import Layout
from luxewin.runtime.postgres.locks import FolderLock
from tests.servers import connected, fetch_value, running_database, server_pid, settings_for, startup_error

AS_ROOT = os.geteuid() == 0


@contextmanager
def small_disk(folder: Path, *, megabytes: int) -> Iterator[Path]:
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


async def fill(disk: Path) -> None:
    """Fill the disk to the last byte, including space that is freed later by a start or by an ending process."""
    server_lock = FolderLock(Layout.of(disk).server_lock)
    assert await server_lock.acquire_within(10), "processes of the stopped server still run"
    server_lock.release()
    (disk / "postgres" / "data" / "current_logfiles").unlink()
    (disk / "log" / "postgres-start.log").unlink()
    with (disk / "ballast").open("wb") as ballast:
        while free_bytes := shutil.disk_usage(disk).free:
            os.posix_fallocate(ballast.fileno(), ballast.seek(0, os.SEEK_END), free_bytes)


def may_list(folder: Path, user: str) -> bool:
    return subprocess.run(["/bin/ls", folder], user=user, capture_output=True, check=False).returncode == 0


def exists(folder: str) -> bool:
    return Path(folder).exists()


def mode_of(folder: str | Path) -> int:
    return stat.S_IMODE(Path(folder).stat().st_mode)


async def test_the_first_start_creates_what_later_starts_find(tmp_path: Path) -> None:
    async with running_database(tmp_path) as address, connected(address) as connection:
        await connection.execute("CREATE TABLE running_database AS SELECT 'still here' AS word")
    async with running_database(tmp_path) as address:
        assert await fetch_value(address, "SELECT word FROM running_database") == "still here"
        assert await fetch_value(address, "SHOW data_directory") == str(tmp_path / "postgres" / "data")


async def test_text_is_unicode_sorted_by_code_point_and_pages_have_checksums(tmp_path: Path) -> None:
    async with running_database(tmp_path) as address, connected(address) as connection:
        assert await connection.fetchval("SELECT lower('ÄÖÜ') || current_setting('server_encoding')") == "äöüUTF8"
        assert await connection.fetchval("SELECT 'Z' < 'a' AND 'a' < 'ä'")
        assert await connection.fetchval("SHOW data_checksums") == "on"


async def test_a_commit_is_on_the_disk(tmp_path: Path) -> None:
    async with running_database(tmp_path) as address, connected(address) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert await connection.fetchval(f"SHOW {setting}") == "on"


async def test_connections_need_a_password_and_the_socket(tmp_path: Path) -> None:
    async with running_database(tmp_path) as address, connected(address) as connection:
        assert await connection.fetchval("SHOW listen_addresses") == ""
        methods = await connection.fetch("SELECT DISTINCT auth_method FROM pg_hba_file_rules")
        assert [row["auth_method"] for row in methods] == ["scram-sha-256"]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(**{**address.connect_arguments(), "password": "guessed"})
        for folder in (address.host, tmp_path / "postgres" / "data", tmp_path / "secrets"):
            assert mode_of(folder) == 0o700


async def test_the_server_does_not_run_as_root(tmp_path: Path) -> None:
    async with running_database(tmp_path):
        assert 0 not in psutil.Process(server_pid(tmp_path)).uids()


async def test_values_of_rows_are_not_logged(tmp_path: Path) -> None:
    async with running_database(tmp_path) as address, connected(address) as connection:
        await connection.execute("CREATE TABLE people (email text UNIQUE)")
        await connection.execute("INSERT INTO people VALUES ($1)", "canary@example.com")
        with pytest.raises(asyncpg.UniqueViolationError):
            await connection.execute("INSERT INTO people VALUES ($1)", "canary@example.com")
    log = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "log" / "postgres").iterdir())
    assert "duplicate key" in log
    assert "canary" not in log


async def test_several_instances_run_side_by_side(tmp_path: Path) -> None:
    async with running_database(tmp_path / "one") as one, running_database(tmp_path / "two") as two:
        assert await fetch_value(one, "SHOW data_directory") != await fetch_value(two, "SHOW data_directory")


async def test_a_folder_in_use_is_refused_in_one_line(tmp_path: Path) -> None:
    async with running_database(tmp_path) as address:
        assert "in use by another LuxeWin" in await startup_error(tmp_path)
        assert await fetch_value(address, "SELECT 1") == 1


async def test_a_command_joins_the_server_that_runs_and_leaves_it_running(tmp_path: Path) -> None:
    settings, secrets = settings_for(tmp_path)
    async with running_database(tmp_path) as address:
        async with database_server(settings, secrets, report=print, join=True) as joined:
            assert joined == address == database_address(settings, secrets)
        assert await fetch_value(address, "SELECT 1") == 1


async def test_a_command_starts_the_server_where_none_runs(tmp_path: Path) -> None:
    settings, secrets = settings_for(tmp_path)
    async with database_server(settings, secrets, report=print, join=True) as address:
        assert await fetch_value(address, "SELECT 1") == 1
    with pytest.raises(OSError, match=r"No such file|refused"):
        await fetch_value(address, "SELECT 1")


async def test_a_command_does_not_join_a_server_that_does_not_answer(tmp_path: Path) -> None:
    settings, secrets = settings_for(tmp_path)
    (tmp_path / "run").mkdir()
    holder = FolderLock(Layout.of(tmp_path).supervisor_lock)
    assert holder.acquire()
    with pytest.raises(StartupError, match="in use by another LuxeWin"):
        async with database_server(settings, secrets, report=print, join=True):
            pass
    holder.release()


async def test_a_path_too_long_for_a_socket_works(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*['folder with, a comma and "quotes"'] * 5)
    async with running_database(deep) as address:
        assert await fetch_value(address, "SHOW data_directory") == str(deep / "postgres" / "data")
        assert len(os.fsencode(f"{address.host}/.s.PGSQL.5432")) <= 103
        assert mode_of(address.host) == 0o700
    assert not exists(address.host)


async def test_a_socket_folder_of_another_user_is_refused(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a folder far down"] * 6)
    elsewhere = Layout.of(deep).sockets
    elsewhere.symlink_to(tmp_path)
    try:
        assert "belongs to another user" in await startup_error(deep)
    finally:
        elsewhere.unlink()


async def test_files_of_another_major_version_are_refused(tmp_path: Path) -> None:
    async with running_database(tmp_path):
        pass
    (tmp_path / "postgres" / "data" / "PG_VERSION").write_text("17\n", encoding="ascii")
    assert "created by PostgreSQL 17, and this is 18" in await startup_error(tmp_path)


async def test_secrets_that_do_not_fit_the_database_are_refused(tmp_path: Path) -> None:
    async with running_database(tmp_path):
        pass
    (tmp_path / "secrets" / "database_admin").unlink()
    assert "does not fit the database" in await startup_error(tmp_path)


async def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    async with running_database(tmp_path):
        pass
    with (tmp_path / "postgres" / "data" / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("shared_buffers = 'plenty'\n")
    assert 'postgresql.conf" contains errors' in await startup_error(tmp_path)


def imitation(folder: Path, **programs: str) -> Installation:
    """PostgreSQL's programs, some of them replaced by a script."""
    folder.mkdir(mode=0o755)
    for name in ("postgres", "initdb"):
        if name in programs:
            (folder / name).write_text(f"#!/bin/sh\n{programs[name]}\n", encoding="ascii")
            (folder / name).chmod(0o755)
        else:
            (folder / name).symlink_to(Installation.embedded().program(name))
    return Installation(folder)


@pytest.mark.parametrize(
    ("programs", "remedy"),
    [
        ({"postgres": "echo 'GLIBC_2.99 not found' >&2; exit 1"}, "does not run on this machine .GLIBC_2.99 not found"),
        ({"initdb": "echo 'initdb: error: the stars are against it' >&2; exit 1"}, "the stars are against it"),
        ({"initdb": "echo 'FATAL: No space left on device' >&2; exit 1"}, "is full: free some space"),
    ],
)
async def test_a_failing_program_is_reported_in_one_line(tmp_path: Path, programs: dict[str, str], remedy: str) -> None:
    broken = imitation(tmp_path / "programs", **programs)
    server = EmbeddedPostgres(tmp_path / "var", password="x", report=print, installation=broken)
    with pytest.raises(StartupError, match=rf"^[^\n]*{remedy}[^\n]*$"):
        await server.start()
    await server.stop()
    assert not Layout.of(tmp_path / "var").cluster.exists()


async def test_a_program_that_cannot_be_run_is_reported_in_one_line(tmp_path: Path) -> None:
    broken = imitation(tmp_path / "programs", postgres="exit 0")
    (broken.programs / "postgres").chmod(0o644)
    server = EmbeddedPostgres(tmp_path / "var", password="x", report=print, installation=broken)
    with pytest.raises(StartupError, match=r"^[^\n]*cannot run [^\n]*LUXEWIN_DATABASE_URL[^\n]*$"):
        await server.start()
    await server.stop()


def test_a_platform_without_a_build_gets_the_alternative(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "_WHEEL", "a_package_that_nobody_has")
    with pytest.raises(StartupError, match="no build for this platform: set LUXEWIN_DATABASE_URL"):
        Installation.embedded()


@pytest.mark.skipif(not AS_ROOT, reason="needs root, who can mount a small disk")
async def test_a_full_disk_is_refused_in_one_line_and_a_freed_one_is_used_again(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", megabytes=50) as disk:
        assert "MB left, and a new database needs" in await startup_error(disk)
    with small_disk(tmp_path / "disk", megabytes=300) as disk:
        async with running_database(disk) as address:
            await fetch_value(address, "CREATE TABLE running_database AS SELECT 1 AS one")
        await fill(disk)
        assert "is full" in await startup_error(disk)
        (disk / "ballast").unlink()
        async with running_database(disk) as address:
            assert await fetch_value(address, "SELECT one FROM running_database") == 1


@pytest.mark.skipif(not AS_ROOT, reason="only a server that root starts runs as another user")
async def test_a_closed_directory_above_the_data_is_refused_and_left_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    account = Account.for_folder(closed / "var")
    assert await startup_error(closed / "var") == (
        f"The database server runs as the user {account.name}, which cannot enter the directory {closed}: "
        f"run `chmod o+x {closed}`, start LuxeWin as an ordinary user, "
        "or set LUXEWIN_DATA_DIR to a folder that every user can reach"
    )
    assert mode_of(closed) == 0o700
    closed.chmod(0o701)
    async with running_database(closed / "var") as address:
        assert await fetch_value(address, "SELECT 1") == 1
    assert not may_list(closed, account.name)
    assert not may_list(closed / "var" / "log", "daemon")


@pytest.mark.skipif(not AS_ROOT, reason="only a server that root starts runs as another user")
async def test_closed_programs_are_refused_with_their_own_remedy(tmp_path: Path) -> None:
    programs = imitation(tmp_path / "programs")
    programs.programs.chmod(0o700)
    server = EmbeddedPostgres(tmp_path / "var", password="x", report=print, installation=programs)
    with pytest.raises(StartupError, match=rf"enter the directory {programs.programs}: .* install LuxeWin in a folder"):
        await server.start()
    await server.stop()
