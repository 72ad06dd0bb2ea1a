"""Buying tickets: buyers with accounts, and a raffle that neither sells out nor closes during a measurement."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx2

from bench.connection import Answer, Connection, UnexpectedAnswerError, request
from bench.load import Step
from bench.shop import API
from tests.program import Program

BOUGHT = "ticket bought and paid"
_BUYERS = 32
_CREATED, _SIGNED_OUT = 201, 401
_PASSWORD = "only while it is measured"
_PAYMENT = {"gateway": "simulator", "token": "tok_visa"}


@dataclass(slots=True)
class _Buyer:
    email: str
    token: str


async def steps(program: Program) -> Mapping[str, Step]:
    """Publish a raffle, create buyers, and return the operation in which one of them buys and pays a ticket."""
    raffle_id = await published(program)
    buyers = [await _signed_up(program) for _ in range(_BUYERS)]
    return {BOUGHT: _buying(raffle_id, buyers)}


async def published(program: Program, *, capacity: int = 10_000_000) -> str:
    """Publish a raffle of the default shop, which closes in a month."""
    async with aclosing(await program.admin()) as admin:
        terms = {
            "title": "A raffle that is measured",
            "ticket_price": {"amount": 500, "currency": "USD"},
            "capacity": capacity,
            "prizes": [{"name": f"Prize {number}"} for number in range(1, 11)],
            "closes_at": (datetime.now(UTC) + timedelta(days=30)).isoformat(),
            "free_entry": True,
        }
        raffle_id = str(_body(await admin.post("/raffles", json=terms))["id"])
        (await admin.post(f"/raffles/{raffle_id}/publish")).raise_for_status()
        return raffle_id


def _buying(raffle_id: str, buyers: Sequence[_Buyer]) -> Step:
    target = f"{API}/raffles/{raffle_id}/purchases"
    body = {"quantity": 1, "payment": _PAYMENT}

    async def buy(connection: Connection, turn: int) -> None:
        buyer = buyers[turn % len(buyers)]
        answer = await ask(connection, buyer, turn)
        if answer.status == _SIGNED_OUT:
            await _log_in(connection, buyer)
            answer = await ask(connection, buyer, turn)
        if answer.status != _CREATED:
            raise UnexpectedAnswerError(f"a purchase was answered with {answer.status}", answer.body)

    async def ask(connection: Connection, buyer: _Buyer, turn: int) -> Answer:
        headers = {"Authorization": f"Bearer {buyer.token}", "Idempotency-Key": f"bench-ticket-{turn}"}
        return await connection.ask(request("POST", target, body=body, headers=headers))

    return buy


async def _log_in(connection: Connection, buyer: _Buyer) -> None:
    """Log in again: a token is valid for fifteen minutes, and a measurement may take longer."""
    credentials = {"email": buyer.email, "password": _PASSWORD}
    answer = await connection.send(request("POST", f"{API}/auth/login", body=credentials), expect=200)
    buyer.token = answer.json()["access_token"]


async def _signed_up(program: Program) -> _Buyer:
    email = f"{uuid4().hex}@example.com"
    async with program.client() as client:
        person = {"name": "Ada Byron", "email": email, "password": _PASSWORD}
        return _Buyer(email, str(_body(await client.post("/auth/register", json=person))["access_token"]))


def _body(answer: httpx2.Response) -> dict[str, object]:
    assert answer.status_code == _CREATED, answer.text
    report: dict[str, object] = answer.json()
    return report
