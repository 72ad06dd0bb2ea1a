"""A draft passes the style checks as it is written."""

import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from luxewin.migrations import driving
from luxewin.migrations.formatting import split_long_strings
from luxewin.migrations.migrating import migrate
from luxewin.migrations.tables import all_tables
from tests.conftest import LOGINS
from tests.servers import TestServer

ROOT = Path(__file__).parents[2]
RUFF = Path(sys.executable).with_name("ruff")


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """Return a folder of revisions under the rules of the project."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    folder = tmp_path / "src" / "luxewin" / "migrations" / "versions"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("nothing is new", "SELECT"),
        ("find users by their addresses", "ALTER TABLE identity_users DROP COLUMN email CASCADE"),
        (
            "tables of many kinds.",
            "DROP TABLE simulator.webhooks, ledger_transfers, catalog_imports CASCADE",
        ),
    ],
)
async def test_a_draft_passes_the_style_checks(server: TestServer, versions: Path, name: str, changes: str) -> None:
    database = f"draft_{name.split(maxsplit=1)[0]}"
    all_tables()
    server.create_database(database)
    address = server.address.of_database(database).connect_arguments()
    await migrate(address, LOGINS)
    connection = await asyncpg.connect(**address)
    try:
        await connection.execute(changes)
    finally:
        await connection.close()
    draft = await driving.draft(address, name, into=versions)
    for arguments in (["check", "--no-cache"], ["format", "--check", "--no-cache"]):
        result = subprocess.run([RUFF, *arguments, draft], capture_output=True, text=True, check=False)  # noqa: ASYNC221 - a development tool, for some milliseconds
        assert result.returncode == 0, result.stdout + draft.read_text(encoding="utf-8")
    assert ("op." in draft.read_text(encoding="utf-8")) == (changes != "SELECT")


def test_a_long_string_is_split_and_stays_the_same() -> None:
    text = "SELECT 'a' AS \"b\", " + ", ".join(f"column_{number}" for number in range(40))
    arguments: list[str] = []
    source = split_long_strings(f"execute({text!r})\nexecute('short')\n")
    exec(source, {"execute": arguments.append})  # noqa: S102 - the program above
    assert arguments == [text, "short"]
    assert max(map(len, source.splitlines())) <= 110
