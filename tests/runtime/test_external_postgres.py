import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode

import pytest

from luxewin.kit.database_address import DatabaseAddress
from luxewin.kit.secrets import Secrets
from luxewin.kit.settings import Settings
from luxewin.kit.startup import StartupError
from luxewin.runtime.postgres import OLDEST_VERSION, check_external, database_server, external
from tests.servers import TestServer, connected, fetch_value, start_debian, start_embedded


@pytest.fixture(scope="module")
def debian() -> Iterator[TestServer]:
    with start_debian() as server:
        yield server


async def test_the_oldest_supported_version_is_driven_by_the_same_code(debian: TestServer) -> None:
    assert str(await fetch_value(debian.address, "SHOW server_version")).startswith(f"{OLDEST_VERSION}.")
    assert await fetch_value(debian.address, "SELECT lower('ÄÖÜ')") == "äöü"


async def test_a_test_server_hands_out_databases_of_its_own(debian: TestServer) -> None:
    address = debian.create_database("copy")
    assert await fetch_value(address, "SELECT current_database()") == "copy"
    debian.drop_database("copy")
    async with connected(debian.address) as connection:
        await debian.verify_identity(connection)


async def test_an_external_server_is_used_and_left_running(tmp_path: Path, debian: TestServer) -> None:
    theirs = debian.address
    query = urlencode({"host": theirs.host, "user": theirs.user, "password": theirs.password})
    environ = {"LUXEWIN_DATA_DIR": str(tmp_path), "LUXEWIN_DATABASE_URL": f"postgresql:///{theirs.database}?{query}"}
    settings = Settings.load(environ)
    async with database_server(settings, Secrets.open(settings), report=print) as address:
        assert address == theirs
    assert await fetch_value(theirs, "SELECT 1") == 1
    assert not (tmp_path / "postgres").exists()


async def error_of(address: DatabaseAddress, *, roles: tuple[str, ...] = ()) -> str:
    with pytest.raises(StartupError) as refused:
        await check_external(address, roles=roles)
    text = str(refused.value)
    assert text.startswith("LUXEWIN_DATABASE_URL: ")
    assert "\n" not in text
    return text


async def test_a_missing_server_is_refused(debian: TestServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert "was refused" in await error_of(replace(debian.address, host="127.0.0.1", port=port))
    assert "was refused" in await error_of(replace(debian.address, host=str(debian.folder)))


async def test_a_server_that_does_not_answer_is_refused(debian: TestServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(external, "_TIMEOUT_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = replace(debian.address, host="127.0.0.1", port=silent.getsockname()[1])
        assert "does not answer" in await error_of(address)


async def test_a_server_that_rejects_the_login_is_refused(debian: TestServer) -> None:
    assert "check user, password" in await error_of(debian.address.as_role(debian.address.user, "guessed"))
    assert "check user, password" in await error_of(debian.address.as_role("nobody_known", "guessed"))


async def test_a_database_that_does_not_exist_or_is_not_unicode_is_refused(debian: TestServer) -> None:
    assert "the database absent" in await error_of(debian.address.of_database("absent"))
    statement = "CREATE DATABASE bytes TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'"
    async with connected(debian.address.of_database("postgres")) as connection:
        await connection.execute(statement)
    assert "has the encoding SQL_ASCII" in await error_of(debian.address.of_database("bytes"))


async def test_a_role_without_the_needed_privileges_is_refused(debian: TestServer) -> None:
    address = debian.create_database("guarded")
    async with connected(address) as connection:
        await connection.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'; CREATE ROLE made_by_hand")
    weak = address.as_role("weak", "weak")
    assert 'ALTER DATABASE "guarded" OWNER TO "weak"' in await error_of(weak)
    async with connected(address) as connection:
        await connection.execute("ALTER DATABASE guarded OWNER TO weak")
    assert "may not create the roles missing;" in await error_of(weak, roles=("missing", "made_by_hand"))
    await check_external(weak, roles=("made_by_hand",))
    async with connected(address) as connection:
        await connection.execute("ALTER ROLE weak CREATEROLE")
    await check_external(weak, roles=("missing", "made_by_hand"))


async def test_a_replica_is_refused(tmp_path: Path) -> None:
    start_embedded(tmp_path).stop()
    (tmp_path / "postgres" / "data" / "standby.signal").touch()
    with start_embedded(tmp_path) as server:
        assert "is a read-only replica" in await error_of(server.address)


@pytest.mark.parametrize(("version", "refused"), [(14, True), (OLDEST_VERSION, False), (19, False)])
def test_a_version_that_is_too_old_is_refused(version: int, refused: bool) -> None:
    seen = {"version": version, "is_replica": False, "encoding": "UTF8", "may_create": True, "missing_roles": []}
    address = DatabaseAddress(host="db", database="shop", user="ann")
    fault = external.fault(address, seen)
    assert (fault == f"shop at db:5432 runs PostgreSQL {version}; use version 15 or later") is refused
