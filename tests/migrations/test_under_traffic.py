"""Migrations beside traffic: nobody is refused, a lock is not waited for at length, and an interrupted one goes on."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from bench.migrations import TRIAL, trial
from luxewin.kit.startup import StartupError
from luxewin.migrations import migrating
from luxewin.migrations.migrating import current_revision, migrate
from luxewin.migrations.revisions import newest_revision
from tests.conftest import LOGINS
from tests.program import Program
from tests.servers import TestServer, connected, fetch_value
from tests.waiting import wait_until_blocked

REVISION = """
from luxewin.migrations.online import build_index
from luxewin.migrations.revisions import newest_revision
from alembic import op

revision, down_revision = "9601", newest_revision()


def upgrade():
    {step}
"""


@pytest.fixture
def program() -> Iterator[Program]:
    """A program of its own: its schema is taken further than the others'."""
    with Program(processes=1) as running:
        yield running


async def test_a_shop_keeps_selling_while_it_is_migrated(program: Program) -> None:
    seen = await trial(program, products=2_000, orders=200, clients=2, seconds=0)
    assert all(burst.turns_seconds for burst in seen.beside.values())
    assert len(seen.beside) == 3
    proof = program.command("prove")
    assert proof.returncode == 0, proof.stdout + proof.stderr


def write(folder: Path, step: str) -> None:
    (folder / "9601_more.py").write_text(REVISION.format(step=step), encoding="utf-8")


async def test_a_wait_for_a_lock_is_given_up_and_retried(
    server: TestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "LOCK_SECONDS", 0.1)
    monkeypatch.setattr(migrating, "PAUSES_SECONDS", (0.01, 0.01))
    write(tmp_path, "op.execute('ALTER TABLE orders_orders ADD COLUMN more text')")
    address = server.create_database("held")
    await migrate(address.connect_arguments(), LOGINS)
    told: list[str] = []

    def once_more() -> "asyncio.Task[bool]":
        connect = address.connect_arguments()
        return asyncio.create_task(migrate(connect, LOGINS, report=told.append, more_versions=[tmp_path]))

    async with connected(address) as reader:
        async with reader.transaction():
            await reader.fetch("SELECT FROM orders_orders")
            with pytest.raises(StartupError, match="did not get its lock"):
                await once_more()
        assert len([line for line in told if "retrying" in line]) == 2
        assert await current_revision(reader) == newest_revision()
    assert await once_more()
    assert await fetch_value(address, "SELECT version_num FROM alembic_version") == "9601"


async def test_a_statement_that_takes_too_long_is_ended(
    server: TestServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "STATEMENT_SECONDS", 2.0)
    address = server.create_database("slow")
    await migrate(address.connect_arguments(), LOGINS)
    write(tmp_path, "op.execute('SELECT pg_sleep(600)')")
    with pytest.raises(StartupError, match="took longer than 2 s"):
        await migrate(address.connect_arguments(), LOGINS, more_versions=[tmp_path])
    assert await fetch_value(address, "SELECT version_num FROM alembic_version") == newest_revision()


async def test_an_index_is_built_beside_a_transaction_and_others_who_wait_to_migrate(
    server: TestServer, tmp_path: Path
) -> None:
    write(tmp_path, "build_index('orders_orders_more_idx', 'orders_orders (tenant_id, email, id)')")
    address = server.create_database("indexed")
    await migrate(address.connect_arguments(), LOGINS)
    async with connected(address) as writer, connected(address) as owner:
        await owner.execute("CREATE INDEX orders_orders_more_idx ON orders_orders (tenant_id)")  # of an earlier try
        change = writer.transaction()
        await change.start()
        await writer.execute("UPDATE orders_orders SET updated_at = now()")
        connect = address.connect_arguments()
        building = [asyncio.create_task(migrate(connect, LOGINS, more_versions=[tmp_path])) for _ in range(2)]
        await wait_until_blocked(owner, building[0])
        await owner.execute("UPDATE orders_orders SET updated_at = now()")  # nobody else waits
        await change.commit()
        assert sorted(await asyncio.gather(*building)) == [False, True]
        definition = await owner.fetchval("SELECT pg_get_indexdef('orders_orders_more_idx'::regclass)")
        assert "email" in definition
        assert await owner.fetchval(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'orders_orders_more_idx'::regclass"
        )


async def test_the_trial_can_be_run_again_where_it_was_interrupted(server: TestServer) -> None:
    address = server.create_database("tried")
    connect = address.connect_arguments()
    await migrate(connect, LOGINS, more_versions=[TRIAL])
    async with connected(address) as owner:
        await owner.execute("UPDATE alembic_version SET version_num = '9002'; DROP TABLE trial_notes")
        await owner.execute("ALTER TABLE orders_orders DROP CONSTRAINT trial_note_is_there")
    with pytest.raises(asyncpg.PostgresError):
        await fetch_value(address, "SELECT FROM trial_notes")
    await migrate(connect, LOGINS, more_versions=[TRIAL])
    assert await fetch_value(address, "SELECT version_num FROM alembic_version") == newest_revision(TRIAL)
