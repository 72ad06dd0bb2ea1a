"""Archives of a PostgreSQL that somebody else runs, and restores into one, under other names."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from luxewin.cli.starting import prepare
from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.startup import StartupError
from luxewin.relay import publish_all
from luxewin.runtime.installation import Installation
from luxewin.runtime.postgres import Installation as Programs
from luxewin.runtime.postgres.tools import Tools
from tests.backup.conftest import backed_up, error, remove
from tests.backup.test_backup_and_restore import schema_of
from tests.program import Program
from tests.servers import DEBIAN_15, TestServer, connected, fetch_value, new_folder

KEY = "bm90IGEgc2VjcmV0OiBhIGtleSBvbmx5IGZvciB0ZXM="


def url_of(address: DatabaseAddress) -> str:
    query = urlencode({"host": address.host, "user": address.user, "password": address.password})
    return f"postgresql:///{address.database}?{query}"


async def owned_database(server: TestServer) -> DatabaseAddress:
    """Create a database as the documentation says: owned by a role that may create roles, and is nothing special."""
    name = f"shop_{uuid4().hex[:8]}"
    address = server.create_database(name)
    async with connected(address) as connection:
        await connection.execute(f"CREATE ROLE {name}_owner LOGIN CREATEROLE PASSWORD 'of a test'")
        await connection.execute(f"ALTER DATABASE {name} OWNER TO {name}_owner")
    return address.as_role(f"{name}_owner", "of a test")


def list_of(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.suffix != ".lock"]


async def let_see_every_row(debian: TestServer, address: DatabaseAddress, right: str) -> None:
    async with connected(debian.address) as connection:
        await connection.execute(f"ALTER ROLE {address.user} {right}")


@pytest.fixture(scope="module")
async def shop(debian: TestServer) -> AsyncIterator[tuple[Program, DatabaseAddress]]:
    """An installation in a database of its own on Debian's PostgreSQL, filled; its owner sees every row."""
    address = await owned_database(debian)
    folder = new_folder()
    program = Program(folder=folder, LUXEWIN_DATABASE_URL=url_of(address), LUXEWIN_MASTER_KEY=KEY)
    installation = Installation.find(program.environment, SETTINGS_EXTENSIONS)
    async with prepare(installation):
        database = await installation.open_database()
        await publish_all(database)
        await database.close()
        await let_see_every_row(debian, address, "BYPASSRLS")
        yield program, address
    remove(folder)


@pytest.fixture
async def elsewhere(debian: TestServer, place: Callable[..., Program]) -> tuple[Program, DatabaseAddress]:
    """An empty database of another name and owner."""
    address = await owned_database(debian)
    return place(LUXEWIN_DATABASE_URL=url_of(address), LUXEWIN_MASTER_KEY=KEY), address


async def test_an_owner_who_does_not_see_every_row_is_refused(
    debian: TestServer, shop: tuple[Program, DatabaseAddress], tmp_path: Path
) -> None:
    program, address = shop
    await let_see_every_row(debian, address, "NOBYPASSRLS")
    assert f'ALTER ROLE "{address.user}" BYPASSRLS' in error(program, "backup", str(tmp_path))
    assert list_of(tmp_path) == []
    await let_see_every_row(debian, address, "BYPASSRLS")


async def test_a_shop_moves_to_a_database_of_another_name_and_owner(
    shop: tuple[Program, DatabaseAddress],
    elsewhere: tuple[Program, DatabaseAddress],
    tmp_path: Path,
) -> None:
    (program, address), (restored, target) = shop, elsewhere
    archive = backed_up(program, tmp_path)
    assert "is not empty: use a new database" in error(program, "restore", str(archive))

    done = restored.command("restore", str(archive))
    assert done.returncode == 0, done.stdout + done.stderr
    async with connected(address) as theirs, connected(target) as ours:
        wanted = {
            what: {row.replace(address.user, target.user) for row in rows}
            for what, rows in (await schema_of(theirs)).items()
        }
        assert await schema_of(ours) == wanted
    proof = restored.command("prove")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    # What the oldest server wrote is proved on the embedded one, which is newer.
    drilled = restored.command("restore", str(archive), "--drill")
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr


async def test_a_database_in_use_is_refused(
    program: Program, elsewhere: tuple[Program, DatabaseAddress], archive: Path
) -> None:
    restored, target = elsewhere
    assert "use a server of the same version or later" in refusal_with_key_of(program, restored, archive)
    async with connected(target):
        assert "Other programs are connected" in refusal_with_key_of(program, restored, archive)
    assert await fetch_value(target, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == 0
    assert not (restored.folder / "restoring").exists()


def refusal_with_key_of(program: Program, restored: Program, archive: Path) -> str:
    key = (program.folder / "secrets" / "master_key").read_text(encoding="ascii").strip()
    restored.environment = {**restored.environment, "LUXEWIN_MASTER_KEY": key}
    return error(restored, "restore", str(archive))


async def test_a_kill_during_the_load_leaves_nothing_or_all_and_a_second_restore_completes_it(
    debian: TestServer,
    shop: tuple[Program, DatabaseAddress],
    elsewhere: tuple[Program, DatabaseAddress],
    tmp_path: Path,
) -> None:
    (program, _), (restored, target) = shop, elsewhere
    archive = backed_up(program, tmp_path)
    with restored.running_command("restore", str(archive)) as command:
        async with connected(debian.address) as observer, asyncio.timeout(60):
            while not await observer.fetchval(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name = 'psql'",
                target.database,
            ):
                continue
        command.kill()
    async with connected(debian.address) as observer, asyncio.timeout(60):
        while await observer.fetchval("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", target.database):
            continue
    tables = await fetch_value(target, "SELECT count(*) FROM pg_class WHERE relname = 'alembic_version'")
    assert tables == 0, "the transaction never came to its end"
    assert "was interrupted: run `luxewin restore` again" in error(restored, "start")
    assert restored.command("restore", str(archive)).returncode == 0
    assert restored.command("prove").returncode == 0


def test_the_tools_are_the_oldest_that_are_not_older_than_the_server(tmp_path: Path) -> None:
    places = [Programs.embedded().programs, tmp_path, DEBIAN_15.programs]
    assert Tools.at_least(15, folders=places).installation == DEBIAN_15
    assert Tools.at_least(16, folders=places).installation == Programs.embedded()
    with pytest.raises(
        StartupError, match="needs a pg_dump of that version or later, and the newest here has version 18"
    ):
        Tools.at_least(19, folders=places)
    with pytest.raises(StartupError, match="and none is installed: install postgresql-client-15"):
        Tools.at_least(15, folders=[tmp_path])
