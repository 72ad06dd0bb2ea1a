"""A shop is backed up while it sells, and goes on elsewhere from the moment that the archive holds."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2

from luxewin.runtime.postgres import database_address
from luxewin.runtime.postgres.layout import Layout
from tests.backup.conftest import PICTURE, backed_up
from tests.e2e.shop import fill_cart, order
from tests.migrations.test_schema import described
from tests.program import Program
from tests.servers import connected, settings_for

BUYERS = 4
ORDERS_BEFORE = 6
ORDERS_DURING = 4


async def product_of(admin: httpx2.AsyncClient) -> dict[str, Any]:
    body = {"name": f"Chair {uuid4().hex[:8]}", "price": {"amount": 12_500, "currency": "USD"}, "stock": 10_000}
    answer = await admin.post("/products", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def sell(program: Program, product: dict[str, Any], acknowledged: list[tuple[str, str]], *, orders: int) -> None:
    """Place and pay orders, one after another, and note each when it is acknowledged."""
    for _ in range(orders):
        async with program.client() as guest:
            await fill_cart(guest, product)
            answer = await order(guest, email="ada@example.com")
            assert (answer.status_code, answer.json()["status"]) == (201, "paid"), answer.text
            acknowledged.append((answer.json()["id"], answer.json()["order_token"]))


async def all_settled(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Return once the relay has published every fact."""
    async with asyncio.timeout(30):
        while await connection.fetchval("SELECT count(*) FROM kit_outbox, pg_sleep(0.02)"):
            continue


async def schema_of(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[str, set[str]]:
    """Describe tables, rules, rights and owners, without brackets: PostgreSQL leaves out some when it reads its own."""
    brackets = str.maketrans("", "", "()")
    return {what: {row.translate(brackets) for row in rows} for what, rows in (await described(connection)).items()}


def owner_of(program: Program) -> Any:
    return database_address(*settings_for(program.folder))


async def events(connection: "asyncpg.Connection[asyncpg.Record]") -> dict[Any, tuple[int, int]]:
    rows = await connection.fetch("SELECT tenant_id, max(sequence), count(*) FROM kit_event_log GROUP BY tenant_id")
    return {row["tenant_id"]: (row["max"], row["count"]) for row in rows}


async def test_a_shop_that_was_backed_up_while_running_is_restored_elsewhere(
    program: Program, place: Callable[..., Program], passphrase_file: Path, tmp_path: Path
) -> None:
    admin = await program.admin()
    product = await product_of(admin)
    before: list[tuple[str, str]] = []
    during: list[tuple[str, str]] = []
    await sell(program, product, before, orders=ORDERS_BEFORE)
    signed_up = await admin.post(
        "/auth/register", json={"name": "Ada", "email": "ada@example.com", "password": "a fine pass phrase"}
    )
    assert signed_up.status_code == 201, signed_up.text

    async with asyncio.TaskGroup() as group:
        for _ in range(BUYERS):
            group.create_task(sell(program, product, during, orders=ORDERS_DURING))
        options = ("--passphrase-file", str(passphrase_file))
        archive = await asyncio.to_thread(backed_up, program, tmp_path / "archives", *options)
    await admin.aclose()
    assert len(during) == BUYERS * ORDERS_DURING

    restored = place()  # no secrets at all: the master key comes out of the archive
    done = restored.command("restore", str(archive), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert restored.folder.joinpath(PICTURE).read_bytes() == program.folder.joinpath(PICTURE).read_bytes()
    assert not (restored.folder / "restoring").exists()

    with restored:
        assert "Created the tenant" not in restored.output
        async with connected(owner_of(program)) as theirs, connected(owner_of(restored)) as ours:
            assert await schema_of(ours) == await schema_of(theirs)
            await all_settled(ours)
            known = await events(ours)
            await every_order_is_there(restored, before)
            await sessions_go_on(restored, signed_up.json())
            after: list[tuple[str, str]] = []
            await sell(restored, product, after, orders=2)
            await all_settled(ours)
            assert sum(last for last, _ in (await events(ours)).values()) > sum(last for last, _ in known.values())
            assert all(last == count for last, count in (await events(ours)).values())
        proof = restored.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr


async def every_order_is_there(restored: Program, acknowledged: list[tuple[str, str]]) -> None:
    for order_id, token in acknowledged:
        async with restored.client(x_order_token=token) as guest:
            answer = await guest.get(f"/orders/{order_id}")
            assert (answer.status_code, answer.json()["status"]) == (200, "paid"), answer.text


async def sessions_go_on(restored: Program, tokens: dict[str, Any]) -> None:
    async with restored.client(authorization=f"Bearer {tokens['access_token']}") as ada:
        assert (await ada.get("/auth/me")).status_code == 200
    async with restored.client() as ada:
        answer = await ada.post("/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
        assert answer.status_code == 200, answer.text


def test_a_drill_checks_the_archive_and_deletes_its_files(
    program: Program, place: Callable[..., Program], archive: Path
) -> None:
    elsewhere = place(key_of=program)  # it needs no installation beside it, and makes none
    drilled = elsewhere.command("restore", str(archive), "--drill")
    assert drilled.returncode == 0, drilled.stdout + drilled.stderr
    assert "invariants hold" in drilled.stdout
    assert "its files are deleted" in drilled.stdout
    assert [path.name for path in elsewhere.folder.iterdir()] == ["secrets"]


async def test_a_drill_reports_the_invariant_that_an_archive_violates(program: Program, tmp_path: Path) -> None:
    async with connected(owner_of(program)) as owner:
        await owner.execute("UPDATE inventory_stock SET on_hand = on_hand + 1")
        try:
            broken = await asyncio.to_thread(backed_up, program, tmp_path)
        finally:
            await owner.execute("UPDATE inventory_stock SET on_hand = on_hand - 1")
    drilled = program.command("restore", str(broken), "--drill")
    assert drilled.returncode == 1
    assert "What is on hand is the sum of its movements" in drilled.stdout


def test_a_drill_that_is_stopped_deletes_its_files(program: Program, archive: Path) -> None:
    with program.running_command("restore", str(archive), "--drill") as drilled:
        assert drilled.stdout is not None
        assert any("Creating the database" in line for line in drilled.stdout)
        drilled.terminate()
    assert drilled.returncode != 0
    assert not (program.folder / "drill").exists()


def test_a_stopped_installation_is_backed_up_as_well(
    program: Program, place: Callable[..., Program], archive: Path, tmp_path: Path
) -> None:
    stopped = place(key_of=program)
    assert stopped.command("restore", str(archive)).returncode == 0
    again = backed_up(stopped, tmp_path)
    assert stopped.command("backup", "--verify", str(again)).returncode == 0
    assert not Layout.of(stopped.folder).status.exists()
