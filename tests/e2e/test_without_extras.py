"""The program installed without extras: everything but anchoring works, and its error says what to install."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from tests.e2e.shop import MakeBuyer
from tests.e2e.test_raffles import buy, published, wait_until_drawn
from tests.program import Program
from tests.without_extras import hidden_modules, hide_extras

REMEDY = (
    "Anchoring draws needs the package web3, which is not installed: run `pip install 'luxewin[chain]'`, "
    "or in a source tree `make run EXTRAS=chain`"
)
NODE = {
    "LUXEWIN_ANCHOR_RPC_URLS": "http://127.0.0.1:1",
    "LUXEWIN_ANCHOR_CHAIN_ID": "1",
    "LUXEWIN_ANCHOR_PRIVATE_KEY": "11" * 32,
}


@pytest.fixture(scope="module")
def python_path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The PYTHONPATH under which the packages of extras cannot be imported."""
    return hide_extras(tmp_path_factory.mktemp("hidden"))


@pytest.fixture(scope="module")
def program(python_path: str) -> Iterator[Program]:
    """The running program without extras; all invariants are checked at the end."""
    with Program(processes=1, PYTHONPATH=python_path) as running:
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr


def test_web3_and_its_dependencies_are_hidden() -> None:
    assert {"web3", "eth_account", "hexbytes", "aiohttp"} <= set(hidden_modules())


async def test_a_raffle_is_sold_locked_under_a_signed_receipt_drawn_and_verified(
    program: Program, admin: httpx2.AsyncClient, make_buyer: MakeBuyer, tmp_path: Path
) -> None:
    raffle = await published(admin, closes_in=timedelta(seconds=4), capacity=50)
    bought = await buy(await make_buyer(), raffle, 3)
    assert bought.status_code == 201, bought.text
    await wait_until_drawn(admin, raffle)
    receipt = await admin.get(f"/raffles/{raffle['id']}/receipt")
    assert receipt.status_code == 200, receipt.text
    file = tmp_path / "proof.json"
    file.write_bytes((await admin.get(f"/raffles/{raffle['id']}/proof")).content)
    verdict = await asyncio.to_thread(program.command, "verify-draw", str(file))
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr


@pytest.mark.parametrize(
    ("command", "settings"),
    [("start", {**NODE, "LUXEWIN_ANCHOR_CONTRACT": "0x" + "ab" * 20}), ("deploy-anchor", NODE)],
)
def test_anchoring_without_web3_fails_at_start_with_the_remedy(
    python_path: str, tmp_path: Path, command: str, settings: dict[str, str]
) -> None:
    plain = Program(processes=1, folder=tmp_path / "data", PYTHONPATH=python_path, **settings)
    refused = plain.command(command)
    assert refused.returncode == 1, refused.stdout + refused.stderr
    assert refused.stderr.strip().splitlines()[-1].startswith(f"luxewin: {REMEDY}")
    assert "Traceback" not in refused.stderr
    assert "database" not in refused.stdout
