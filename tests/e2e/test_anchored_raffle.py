"""An anchored raffle in the running program, with a real node: publication, a kill, draw, claim and settlement."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from luxewin.modules.raffles.anchors.signing import Sender
from tests.architecture.tree import ROOT
from tests.chain.anchor_contract import AnchorContract
from tests.chain.anvil import ETHER, Anvil
from tests.chain.conftest import KEY
from tests.e2e.test_raffles import buy, published
from tests.program import Program

LONGEST_WAIT_SECONDS = 150.0
CLOSES_IN = timedelta(seconds=25)
DELAY_SECONDS, MARGIN_SECONDS = 25, 5


@pytest.fixture
def node() -> Iterator[Anvil]:
    with Anvil(genesis=int(time.time()), block_seconds=1) as node:
        node.request("anvil_setBalance", "0x" + Sender.of(KEY).address.hex(), hex(ETHER))
        yield node


@pytest.fixture
def anchoring(node: Anvil) -> Iterator[Program]:
    """The program, configured to anchor on the node."""
    with Program(
        processes=1,
        LUXEWIN_ANCHOR_RPC_URLS=node.url,
        LUXEWIN_ANCHOR_CHAIN_ID=str(node.chain_id),
        LUXEWIN_ANCHOR_CONTRACT=AnchorContract.deployed(node).address,
        LUXEWIN_ANCHOR_PRIVATE_KEY=KEY.get_secret_value(),
        LUXEWIN_ANCHOR_CONFIRMATIONS="2",
        LUXEWIN_ANCHOR_MARGIN_SECONDS=str(MARGIN_SECONDS),
    ) as program:
        yield program


async def test_a_raffle_is_anchored_despite_a_kill_drawn_verified_on_the_chain_and_settled(
    anchoring: Program, node: Anvil, tmp_path: Path
) -> None:
    first = await anchoring.admin()
    promised = {"with_anchor": True, "draw_delay_seconds": DELAY_SECONDS}
    raffle = await published(first, closes_in=CLOSES_IN, capacity=5, **promised)
    token = first.headers["authorization"]
    await first.aclose()
    anchoring.kill()
    anchoring.start()
    async with anchoring.client(authorization=token) as admin, anchoring.client() as buyer:
        account = {"name": "Ada", "email": "ada@example.com", "password": "a fine pass for a test"}
        answer = await buyer.post("/auth/register", json=account)
        buyer.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        assert (await buy(buyer, raffle)).status_code == 201
        await wait_for_status(admin, raffle, "drawn")
        proof = await admin.get(f"/raffles/{raffle['id']}/proof")
        (tmp_path / "proof.json").write_bytes(proof.content)
        verdict = await asyncio.to_thread(run_verifier, tmp_path / "proof.json", node)
        assert verdict.returncode == 0, verdict.stdout + verdict.stderr
        assert "block(s) deep, before the round" in verdict.stdout
        claims = f"/raffles/{raffle['id']}/claims"
        assert (await buyer.post(claims, json={"prize": 1})).status_code == 201
        handed = await admin.post(f"{claims}/1/hand-over", json={"note": "picked up"})
        assert handed.json()["status"] == "handed_over"
        await wait_for_status(admin, raffle, "settled")
    sender = "0x" + Sender.of(KEY).address.hex()
    assert int(node.request("eth_getTransactionCount", sender, "latest"), 16) == 2
    proved = await asyncio.to_thread(anchoring.command, "prove")
    assert proved.returncode == 0, proved.stdout + proved.stderr


def run_verifier(proof: Path, node: Anvil) -> subprocess.CompletedProcess[str]:
    verifier = [sys.executable, str(ROOT / "verify" / "verify_draw.py"), str(proof), "--rpc", node.url]
    return subprocess.run(verifier, capture_output=True, text=True, check=False)


async def wait_for_status(admin: httpx2.AsyncClient, raffle: dict[str, Any], status: str) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    seen = ""
    while seen != status:
        assert time.monotonic() < deadline, f"the raffle is {seen}, and not {status}"
        assert seen != "cancelled"
        await asyncio.sleep(0.3)
        seen = (await admin.get(f"/raffles/{raffle['id']}")).json()["status"]
