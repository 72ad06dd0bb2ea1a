"""The commands of an operator: status, doctor, administrators' passwords, tenants; with the program and without it."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from luxewin import __version__
from luxewin.migrations.revisions import newest_revision
from tests.e2e.accounts import rows
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program


@pytest.fixture(scope="module")
def shop() -> Iterator[Program]:
    """A program of this file's own, whose administrator's password changes."""
    with Program(processes=2) as running:
        yield running


def _json(program: Program, *arguments: str, status: int = 0) -> Any:
    ran = program.command(*arguments, "--json")
    assert ran.returncode == status, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


async def _sign_in(client: httpx2.AsyncClient, email: str, password: str) -> dict[str, str]:
    answer = await client.post("/auth/login", json={"email": email, "password": password})
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def _outcomes(findings: list[dict[str, str]]) -> dict[str, str]:
    return {finding["check"]: finding["outcome"] for finding in findings}


def test_the_version_is_printed(shop: Program) -> None:
    assert shop.command("--version").stdout == f"LuxeWin {__version__}\n"


def test_the_status_names_port_database_migrations_and_processes(shop: Program) -> None:
    found = _json(shop, "status")
    assert (found["running"], found["healthy"], found["pid"]) == (True, True, shop.pid)
    assert found["address"] == shop.url
    assert found["port"] == int(shop.url.rpartition(":")[2])
    assert found["migrations"] == {"current": newest_revision(), "newest": newest_revision()}
    assert found["database"]["kind"] == "embedded"
    assert found["processes"] == {
        "api": {"healthy": True, "count": 2},
        "worker": {"healthy": True},
        "relay": {"healthy": True},
    }
    text = shop.command("status").stdout
    assert f"(port {found['port']})" in text
    assert "Worker      running" in text


def test_a_healthy_installation_passes_every_check(shop: Program) -> None:
    findings = _json(shop, "doctor")
    assert _outcomes(findings) == dict.fromkeys(
        ["python", "settings", "port", "data folder", "disk", "secrets", "database", "migrations", "clock"], "ok"
    )


async def test_a_reset_password_is_valid_at_once_and_the_sessions_have_ended(shop: Program) -> None:
    old = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
    async with shop.client() as client:
        token = (await client.post("/auth/login", json=old)).json()["refresh_token"]
        reset = _json(shop, "admin", "reset-password")
        assert (reset["email"], reset["ended_sessions"]) == (ADMIN_EMAIL, 1)
        assert (await client.post("/auth/login", json=old)).status_code == 401
        assert (await client.post("/auth/refresh", json={"refresh_token": token})).status_code == 401
        await _sign_in(client, ADMIN_EMAIL, reset["password"])
    (entry,) = await rows(shop, "SELECT actor, action FROM kit_audit WHERE action LIKE 'identity.password%'")
    assert tuple(entry) == ("system", "identity.password_reset")
    assert "It is printed only this once" in shop.command("admin", "reset-password", "--email", ADMIN_EMAIL).stdout


async def test_a_created_tenant_is_served_and_its_administrator_can_log_in(shop: Program) -> None:
    created = _json(
        shop, "tenant", "create", "nordlys", "--name", "Nordlys", "--currency", "NOK", "--admin-email", "a@example.com"
    )
    async with shop.client(X_Tenant="nordlys") as client:
        headers = await _sign_in(client, created["admin"]["email"], created["admin"]["password"])
        mine = (await client.get("/auth/me", headers=headers)).json()
        assert (mine["role"], mine["email"]) == ("admin", "a@example.com")
    listed = {tenant["slug"]: tenant["currency"] for tenant in _json(shop, "tenant", "list")}
    assert listed["nordlys"] == "NOK"
    assert "nordlys" in shop.command("tenant", "list").stdout
    again = shop.command("tenant", "create", "nordlys", "--name", "Nordlys", "--currency", "NOK")
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "already has this slug" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["admin", "reset-password", "--email", "nobody@example.com"], "no administrator with the address nobody"),
        (["admin", "reset-password", "--tenant", "nowhere"], "There is no tenant nowhere"),
        (["tenant", "create", "No Slug", "--name", "x", "--currency", "USD"], "`slug` must"),
        (["tenant", "create", "x", "--name", "x", "--currency", "QQQ"], "`currency`"),
        (["tenant", "create", "x", "--name", "x", "--currency", "USD", "--admin-email", "x"], "`admin_email`"),
    ],
)
def test_a_wrong_argument_is_explained_in_one_line(shop: Program, arguments: list[str], message: str) -> None:
    ran = shop.command(*arguments)
    assert ran.returncode == 1
    assert message in ran.stderr
    assert "Traceback" not in ran.stderr


async def test_the_commands_work_while_the_program_is_stopped(shop: Program) -> None:
    shop.stop()
    found = _json(shop, "status", status=1)
    assert (found["running"], found["healthy"], found["address"]) == (False, False, None)
    assert "stopped" in shop.command("status").stdout
    assert set(_outcomes(_json(shop, "doctor")).values()) == {"ok"}
    assert "nordlys" in {tenant["slug"] for tenant in _json(shop, "tenant", "list")}
    password = _json(shop, "admin", "reset-password")["password"]
    shop.start()
    async with shop.client() as client:
        await _sign_in(client, ADMIN_EMAIL, password)


def test_the_doctor_names_a_port_in_use_and_creates_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with socket.create_server(("127.0.0.1", 0)) as taken:
        program = Program(folder=folder, LUXEWIN_PORT=str(taken.getsockname()[1]))
        findings = {finding["check"]: finding for finding in _json(program, "doctor", status=1)}
    assert findings["port"]["outcome"] == "failed"
    assert "set LUXEWIN_PORT to another port" in findings["port"]["remedy"]
    assert findings["database"]["outcome"] == "ok"
    assert not folder.exists()


def test_the_doctor_explains_settings_that_production_refuses(tmp_path: Path) -> None:
    program = Program(folder=tmp_path / "data", LUXEWIN_ENV="production", LUXEWIN_PUBLIC_URL="http://shop.example.com")
    findings = _json(program, "doctor", status=1)
    (failed,) = [finding for finding in findings if finding["outcome"] == "failed"]
    assert failed["message"] == "LUXEWIN_PUBLIC_URL: production requires https"
    assert failed["remedy"] == "give an address such as https://shop.example.com"
    assert "→ give an address" in program.command("doctor").stdout
