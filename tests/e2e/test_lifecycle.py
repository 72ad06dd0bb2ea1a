"""Start, stop and kill: nothing acknowledged is lost, and every start-up error names its remedy."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from luxewin.kit.settings import Settings
from tests.e2e.shop import order
from tests.program import Program

LONGEST_IDLE_OF_CLIENTS_SECONDS = 60
"""How long load balancers keep idle connections. The program keeps them longer, so that no request is lost."""


async def buy_a_chair(program: Program) -> tuple[str, str]:
    """Order and pay the first product of the demo as a guest; return the order's id and token."""
    async with program.client() as guest:
        product = (await guest.get("/products", params={"limit": 1, "in_stock": "true"})).json()["data"][0]
        variant = next(variant for variant in product["variants"] if variant["in_stock"])
        added = await guest.post("/cart/items", json={"variant_id": variant["id"], "quantity": 1})
        assert added.status_code == 201, added.text
        guest.headers["x-cart-token"] = added.headers["x-cart-token"]
        bought = await order(guest, email="ada@example.com")
        assert (bought.status_code, bought.json()["status"]) == (201, "paid"), bought.text
        return bought.json()["id"], bought.json()["order_token"]


async def status_of(program: Program, order_id: str, token: str) -> str:
    async with program.client(x_order_token=token) as guest:
        answer = await guest.get(f"/orders/{order_id}")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["status"])


async def test_an_acknowledged_order_survives_a_kill_and_a_clean_stop() -> None:
    with Program(processes=1).with_empty_folder() as program:
        first = await buy_a_chair(program)
        program.kill()
        program.start()
        assert await status_of(program, *first) == "paid"
        second = await buy_a_chair(program)
        assert program.command("prove").returncode == 0
        assert program.stop() == 0
        assert "Created the tenant" not in program.output
        program.start()
        assert [await status_of(program, *bought) for bought in (first, second)] == ["paid", "paid"]
        proof = program.command("prove")
        assert proof.returncode == 0, proof.stdout
        assert "invariants hold" in proof.stdout


async def test_a_killed_api_process_is_restarted(program: Program) -> None:
    async with program.client() as guest:
        assert (await guest.get("/products")).status_code == 200
    api = program.processes("api")[0]
    api.kill()
    for _ in range(20):
        async with program.client() as guest:
            assert (await guest.get("/products")).status_code == 200


def is_idle_connection_closed(program: Program) -> bool:
    """Send one request, then wait for the program to close the connection."""
    host, port = program.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection, connection.makefile("rb") as answers:
        connection.sendall(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert b" 200 " in answers.readline()
        return answers.read().endswith(b"}")


def test_an_idle_connection_is_closed_later_than_by_load_balancers() -> None:
    assert Settings.load({}).http.keep_alive_seconds > LONGEST_IDLE_OF_CLIENTS_SECONDS
    with Program(processes=1, LUXEWIN_KEEP_ALIVE_SECONDS="1") as program:
        assert is_idle_connection_closed(program)


def startup_error(**environment: str) -> str:
    """Start with these settings, which must fail, and return the error message."""
    started = subprocess.run(
        [sys.executable, "-m", "luxewin.cli", "start"],
        env={**{name: value for name, value in os.environ.items() if not name.startswith("LUXEWIN_")}, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert started.returncode == 1, started.stdout + started.stderr
    lines = (started.stdout + started.stderr).strip().splitlines()
    assert "Traceback" not in "\n".join(lines)
    return lines[-1]


def test_the_error_for_a_port_in_use_names_the_remedy(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        line = startup_error(LUXEWIN_PORT=port, LUXEWIN_DATA_DIR=str(tmp_path / "var"))
    assert port in line
    assert "LUXEWIN_PORT" in line


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("LUXEWIN_PORT", "eighty", "a whole number"),
        ("LUXEWIN_ENV", "staging", "development, production or test"),
        ("LUXEWIN_PROT", "8000", "LUXEWIN_PORT"),
        ("LUXEWIN_DATABASE_URL", "mysql://x", "postgresql://"),
    ],
)
def test_the_error_for_an_invalid_setting_names_the_remedy(
    tmp_path: Path, variable: str, value: str, remedy: str
) -> None:
    line = startup_error(**{"LUXEWIN_DATA_DIR": str(tmp_path / "var"), variable: value})
    assert variable in line
    assert remedy in line


def test_the_error_for_a_data_folder_that_is_a_file_names_the_setting(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("in the way")
    line = startup_error(LUXEWIN_PORT="0", LUXEWIN_DATA_DIR=str(tmp_path / "var"))
    assert "LUXEWIN_DATA_DIR" in line
