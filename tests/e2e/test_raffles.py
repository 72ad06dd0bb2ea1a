"""Raffles in the running program, from the draft to a proof verified by the offline verifier."""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx2

from tests.architecture.tree import ROOT
from tests.e2e.accounts import create_accounts, rows
from tests.e2e.shop import VISA, MakeBuyer
from tests.program import Program

PRICE_MINOR = 250
PRICE = {"amount": PRICE_MINOR, "currency": "USD"}
LONGEST_WAIT_SECONDS = 60.0
TOO_BUSY = {"request.contended", "idempotency.in_flight"}


async def published(admin: httpx2.AsyncClient, *, closes_in: timedelta, **more: Any) -> dict[str, Any]:
    terms = {
        "title": "Win the chair",
        "ticket_price": PRICE,
        "prizes": [{"name": "Chair"}],
        "closes_at": (datetime.now(UTC) + closes_in).isoformat(),
        **more,
    }
    drafted = await admin.post("/raffles", json=terms)
    assert drafted.status_code == 201, drafted.text
    answer = await admin.post(f"/raffles/{drafted.json()['id']}/publish")
    assert answer.status_code == 200, answer.text
    raffle: dict[str, Any] = answer.json()
    return raffle


async def buy(buyer: httpx2.AsyncClient, raffle: dict[str, Any], quantity: int = 1, **headers: str) -> httpx2.Response:
    """Buy with one idempotency key; repeat while the program is too busy."""
    key = {"idempotency-key": uuid4().hex, **headers}
    body = {"quantity": quantity, "payment": VISA}
    while True:
        answer = await buyer.post(f"/raffles/{raffle['id']}/purchases", json=body, headers=key)
        if answer.status_code != 503 and answer.json().get("code") not in TOO_BUSY:
            return answer


async def test_a_thousand_buyers_of_four_hundred_tickets_buy_four_hundred(
    program: Program, admin: httpx2.AsyncClient
) -> None:
    raffle = await published(admin, closes_in=timedelta(hours=1), capacity=400, per_person_limit=1)
    people = await create_accounts(program, 1_000)
    limit = asyncio.Semaphore(32)

    async def attempt(person: str) -> httpx2.Response:
        async with limit:
            return await buy(client, raffle, authorization=person)

    async with program.client() as client:
        # Each person sends two requests at once, so that both the capacity and the limit per person are contended.
        answers = await asyncio.gather(*(attempt(person) for person in people for _ in range(2)))
    outcomes = Counter(answer.json().get("code") or answer.json()["status"] for answer in answers)
    assert outcomes["paid"] == 400
    assert outcomes.keys() == {"paid", "raffles.limit_reached", "raffles.sold_out"}
    given = [ticket["number"] for answer in answers if answer.is_success for ticket in answer.json()["tickets"]]
    assert sorted(given) == list(range(1, 401))
    assert await stored(program, raffle) == (400, 400, 400, 400 * PRICE_MINOR, 400 * PRICE_MINOR)
    proof = await asyncio.to_thread(program.command, "prove")
    assert proof.returncode == 0, proof.stdout + proof.stderr


async def stored(program: Program, raffle: dict[str, Any]) -> tuple[int, ...]:
    """Return the numbers of tickets, holders and paid orders, the amount captured, and the amount in the ledger."""
    (row,) = await rows(
        program,
        "SELECT count(*) AS tickets, count(DISTINCT t.entrant_id) AS holders, (SELECT count(*) FROM raffles_purchases p"
        " JOIN orders_orders o ON o.id = p.order_id WHERE p.raffle_id = $1 AND o.status = 'paid') AS orders,"
        " (SELECT sum(c.amount_minor) FROM raffles_purchases p JOIN payments_attempts a ON a.order_id = p.order_id"
        " JOIN simulator.charges c ON c.attempt_id = a.id WHERE p.raffle_id = $1 AND c.status = 'captured')::bigint,"
        " (SELECT -sum(l.amount_minor) FROM ledger_v_postings l WHERE l.owner_id = $1"
        " AND l.kind = 'raffle_deferred')::bigint FROM raffles_tickets t WHERE t.raffle_id = $1",
        UUID(raffle["id"]),
    )
    return tuple(row)


async def test_a_raffle_is_drawn_by_the_worker_and_its_proof_can_be_verified_offline(
    admin: httpx2.AsyncClient, make_buyer: MakeBuyer, tmp_path: Path
) -> None:
    raffle = await published(admin, closes_in=timedelta(seconds=4), capacity=50)
    buyer = await make_buyer()
    bought = await buy(buyer, raffle, 3)
    assert bought.status_code == 201, bought.text
    await wait_until_drawn(admin, raffle)
    proof = await admin.get(f"/raffles/{raffle['id']}/proof")
    (tmp_path / "proof.json").write_bytes(proof.content)
    assert_verified(await asyncio.to_thread(run_verifier, tmp_path / "proof.json"))
    winners = (await buyer.get(f"/raffles/{raffle['id']}/winners")).json()["data"]
    assert winners[0]["number"] in {ticket["number"] for ticket in bought.json()["tickets"]}
    assert winners[0]["number"] == json.loads(proof.content)["outcome"]["winners"][0]["number"]


async def test_the_demo_has_raffles_of_which_one_is_drawn_and_can_be_verified(
    admin: httpx2.AsyncClient, tmp_path: Path
) -> None:
    demo = {"x-tenant": "luxewin"}
    shown = {raffle["title"]: raffle for raffle in (await admin.get("/raffles", headers=demo)).json()["data"]}
    assert len(shown) == 3
    first = next(raffle for title, raffle in shown.items() if title.startswith("The first draw"))
    await wait_until_drawn(admin, first, headers=demo)
    proof = await admin.get(f"/raffles/{first['id']}/proof", headers=demo)
    (tmp_path / "proof.json").write_bytes(proof.content)
    assert_verified(await asyncio.to_thread(run_verifier, tmp_path / "proof.json"))


def run_verifier(proof: Path) -> subprocess.CompletedProcess[str]:
    verifier = [sys.executable, str(ROOT / "verify" / "verify_draw.py"), str(proof)]
    return subprocess.run(verifier, capture_output=True, text=True, check=False)


def assert_verified(verdict: subprocess.CompletedProcess[str]) -> None:
    assert verdict.returncode == 0, verdict.stdout + verdict.stderr
    assert "the operator" in verdict.stdout


async def wait_until_drawn(
    admin: httpx2.AsyncClient, raffle: dict[str, Any], *, headers: dict[str, str] | None = None
) -> None:
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while (await admin.get(f"/raffles/{raffle['id']}", headers=headers)).json()["status"] != "drawn":
        assert time.monotonic() < deadline, "the raffle is not drawn"
        await asyncio.sleep(0.2)
