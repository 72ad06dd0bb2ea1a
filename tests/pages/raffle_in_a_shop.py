"""A raffle in the running program with sold tickets, and one holder of tickets."""

import asyncio
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from tests.program import Program

LONGEST_WAIT_SECONDS = 90.0
VISA = {"gateway": "simulator", "token": "tok_visa"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldRaffle:
    """A raffle of the default shop and the URL of its page; `tickets` and `account` belong to one holder."""

    id: str
    url: str
    tickets: list[dict[str, Any]]
    account: str


async def raffle_in(program: Program, status: str, **more: Any) -> SoldRaffle:
    """Publish and postpone a raffle, sell ten tickets, and wait until the worker has given it this status."""
    admin = await program.admin()
    terms = {
        "title": "Win the Oslo Lounge Chair",
        "description": "One chair and two lamps.",
        "ticket_price": {"amount": 250, "currency": "USD"},
        "capacity": 50,
        "prizes": [{"name": "Oslo Lounge Chair", "value": {"amount": 64_900, "currency": "USD"}}, {"name": "Lamp"}],
        "closes_at": (datetime.now(UTC) + timedelta(seconds=6)).isoformat(),
        **more,
    }
    raffle = _content(await admin.post("/raffles", json=terms), 201)
    _content(await admin.post(f"/raffles/{raffle['id']}/publish"), 200)
    later = datetime.fromisoformat(raffle["closes_at"]) + timedelta(seconds=1)
    _content(await admin.post(f"/raffles/{raffle['id']}/postpone", json={"closes_at": later.isoformat()}), 200)
    purchases = [await _purchase(program, raffle["id"], quantity) for quantity in (4, 3, 2, 1)]
    await until_it_is(admin, raffle["id"], status)
    await admin.aclose()
    account, tickets = purchases[1]
    return SoldRaffle(id=raffle["id"], url=f"{program.url}/raffles/{raffle['id']}", tickets=tickets, account=account)


async def until_it_is(client: httpx2.AsyncClient, raffle_id: str, status: str) -> None:
    """Wait until a raffle has this status."""
    deadline = time.monotonic() + LONGEST_WAIT_SECONDS
    while (found := (await client.get(f"/raffles/{raffle_id}")).json()["status"]) != status:
        assert found != "cancelled", "its list came too late, or nobody had entered"
        assert time.monotonic() < deadline, f"the raffle is {found}, not {status}"
        await asyncio.sleep(0.2)


async def _purchase(program: Program, raffle_id: str, quantity: int) -> tuple[str, list[dict[str, Any]]]:
    async with program.client() as client:
        person = {"name": "Ada", "email": f"{uuid4().hex}@example.com", "password": f"a fine pass {uuid4().hex}"}
        account = _content(await client.post("/auth/register", json=person), 201)
        client.headers["authorization"] = f"Bearer {account['access_token']}"
        body = {"quantity": quantity, "payment": VISA}
        purchase = _content(await client.post(f"/raffles/{raffle_id}/purchases", json=body), 201)
        return account["user"]["id"], purchase["tickets"]


def _content(answer: httpx2.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    content: dict[str, Any] = answer.json()
    return content
