"""Raffles in a market: drafted and published by staff, bought by people, and how they stand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from luxewin.kit.access import Principal, Role
from luxewin.kit.ids import new_id
from tests.workflows.market import Market, Person, pay_with

TICKET_PRICE = 500
ANNOUNCED: dict[str, Any] = {
    "title": "Win the chair",
    "ticket_price": {"amount": TICKET_PRICE, "currency": "USD"},
    "capacity": 10,
    "per_person_limit": 4,
    "prizes": [{"name": "Chair", "value": {"amount": 64_900, "currency": "USD"}}, {"name": "Lamp"}],
    "reserve_winners": 1,
    "draw_delay_seconds": 600,
}


def terms(*, closes_in: timedelta = timedelta(hours=1), **more: Any) -> dict[str, Any]:
    """Return the terms of a raffle as staff would send them."""
    return {**ANNOUNCED, "closes_at": (datetime.now(UTC) + closes_in).isoformat(), **more}


async def drafted(market: Market, **more: Any) -> dict[str, Any]:
    """Draft a raffle."""
    return told(await market.staff.post("/raffles", terms(**more)), 201)


async def published(market: Market, **more: Any) -> dict[str, Any]:
    """Draft and publish a raffle."""
    draft = await drafted(market, **more)
    return told(await market.staff.post(f"/raffles/{draft['id']}/publish"), 200)


async def buy(
    person: Person, raffle: dict[str, Any], quantity: int = 1, *, token: str | None = "tok_visa", **more: Any
) -> httpx2.Response:
    """Buy tickets, and pay with the token where one is given; `key` is the idempotency key."""
    key = more.pop("key", None)
    body: dict[str, Any] = {"quantity": quantity, **more}
    if token is not None:
        body["payment"] = pay_with(token)
    return await person.post(f"/raffles/{raffle['id']}/purchases", body, key=key)


async def bought(person: Person, raffle: dict[str, Any], quantity: int = 1, **more: Any) -> dict[str, Any]:
    """Buy tickets the whole way."""
    return told(await buy(person, raffle, quantity, **more), 201)


async def put(person: Person, raffle: dict[str, Any], quantity: int = 1, **more: Any) -> httpx2.Response:
    """Put tickets into somebody's cart."""
    return await person.post("/cart/items", {"raffle_id": raffle["id"], "quantity": quantity, **more})


async def seen(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Read a raffle as everybody sees it."""
    return told(await market.guest().ask("GET", f"/raffles/{raffle['id']}"), 200)


async def counts(market: Market, raffle: dict[str, Any]) -> tuple[int, int, int]:
    """Return how many tickets were sold, are held, and were voided."""
    ((sold, held, voided),) = await market.rows(
        "SELECT sold, held, voided FROM raffles_counters WHERE tenant_id = $1 AND raffle_id = $2", raffle["id"]
    )
    return sold, held, voided


def buyers(market: Market, count: int) -> list[Person]:
    """Return some people with accounts."""
    return [market.person(Role.CUSTOMER) for _ in range(count)]


def numbers(purchase: dict[str, Any]) -> list[int]:
    """Return the numbers of a purchase's tickets."""
    return [ticket["number"] for ticket in purchase["tickets"]]


def told(answer: httpx2.Response, status: int) -> dict[str, Any]:
    """Return what was answered."""
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    return body


def refused(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Return a refusal, after checking that it is this one."""
    problem = told(answer, status)
    assert problem["code"] == code, problem
    return problem


def at(market: Market, **ahead: float) -> None:
    """Let the tenant's clock run so far ahead."""
    market.tenant = replace(market.tenant, clock_offset=timedelta(**ahead))


async def locked(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Let a raffle close, and return it as it stands then."""
    at(market, hours=1, seconds=30)
    await market.draw()
    return await seen(market, raffle)


async def drawn(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Let a raffle close and be drawn, and return it as it stands then."""
    await locked(market, raffle)
    at(market, hours=2)
    await market.draw()
    return await seen(market, raffle)


async def read(market: Market, raffle: dict[str, Any], what: str) -> dict[str, Any]:
    """Read what everybody may: receipt, entries, winners or proof."""
    return told(await market.guest().ask("GET", f"/raffles/{raffle['id']}/{what}"), 200)


async def account(market: Market, email: str, *, role: Role = Role.CUSTOMER) -> Principal:
    """Make an account with this address."""
    user_id = new_id()
    await market.as_owner(
        "INSERT INTO identity_users (tenant_id, id, name, email, email_normalised, role, status, created_at,"
        " updated_at, version) VALUES ($1, $2, 'Ada', $3, lower($3), $4, 'active', now(), now(), 1)",
        market.tenant.id,
        user_id,
        email,
        role,
    )
    return Principal(role, user_id=user_id, session_id=new_id(), tenant_id=market.tenant.id)
