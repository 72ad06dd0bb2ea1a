"""Raffles in a test shop: drafting, publishing, buying, locking and drawing them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from luxewin.kit.access import Principal
from luxewin.kit.ids import new_id
from luxewin.modules.identity.public import Role
from tests.workflows.market import Market, Person, pay_with

TICKET_PRICE = 500
TERMS: dict[str, Any] = {
    "title": "Win the chair",
    "ticket_price": {"amount": TICKET_PRICE, "currency": "USD"},
    "capacity": 10,
    "per_person_limit": 4,
    "prizes": [{"name": "Chair", "value": {"amount": 64_900, "currency": "USD"}}, {"name": "Lamp"}],
    "reserve_winners": 1,
    "draw_delay_seconds": 600,
}


def raffle_terms(*, closes_in: timedelta = timedelta(hours=1), **more: Any) -> dict[str, Any]:
    """Return the request body of a raffle, with changes."""
    return {**TERMS, "closes_at": (datetime.now(UTC) + closes_in).isoformat(), **more}


async def draft_raffle(market: Market, **more: Any) -> dict[str, Any]:
    """Draft a raffle."""
    return expect(await market.staff.post("/raffles", raffle_terms(**more)), 201)


async def publish_raffle(market: Market, **more: Any) -> dict[str, Any]:
    """Draft and publish a raffle."""
    draft = await draft_raffle(market, **more)
    return expect(await market.staff.post(f"/raffles/{draft['id']}/publish"), 200)


async def post_purchase(
    person: Person, raffle: dict[str, Any], quantity: int = 1, *, token: str | None = "tok_visa", **more: Any
) -> httpx2.Response:
    """Request a purchase of tickets, paid with the token if one is given; `key` is the idempotency key."""
    key = more.pop("key", None)
    body: dict[str, Any] = {"quantity": quantity, **more}
    if token is not None:
        body["payment"] = pay_with(token)
    return await person.post(f"/raffles/{raffle['id']}/purchases", body, key=key)


async def buy_tickets(person: Person, raffle: dict[str, Any], quantity: int = 1, **more: Any) -> dict[str, Any]:
    """Buy tickets, and return the purchase."""
    return expect(await post_purchase(person, raffle, quantity, **more), 201)


async def add_to_cart(person: Person, raffle: dict[str, Any], quantity: int = 1, **more: Any) -> httpx2.Response:
    """Request to add tickets to a person's cart."""
    return await person.post("/cart/items", {"raffle_id": raffle["id"], "quantity": quantity, **more})


async def read_raffle(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Return the public view of a raffle."""
    return expect(await market.guest().request("GET", f"/raffles/{raffle['id']}"), 200)


async def ticket_counts(market: Market, raffle: dict[str, Any]) -> tuple[int, int, int]:
    """Return the numbers of tickets sold, held and voided."""
    ((sold, held, voided),) = await market.rows(
        "SELECT sold, held, voided FROM raffles_counters WHERE tenant_id = $1 AND raffle_id = $2", raffle["id"]
    )
    return sold, held, voided


def customers(market: Market, count: int) -> list[Person]:
    """Return customers with accounts."""
    return [market.person(Role.CUSTOMER) for _ in range(count)]


def ticket_numbers(purchase: dict[str, Any]) -> list[int]:
    """Return the numbers of a purchase's tickets."""
    return [ticket["number"] for ticket in purchase["tickets"]]


def expect(response: httpx2.Response, status: int) -> dict[str, Any]:
    """Return the body of a response, after checking its status."""
    assert response.status_code == status, response.text
    body: dict[str, Any] = response.json()
    return body


def expect_error(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    """Return the problem document of a response, after checking its status and code."""
    problem = expect(response, status)
    assert problem["code"] == code, problem
    return problem


def set_clock(market: Market, **ahead: float) -> None:
    """Set the tenant's clock ahead of the real time."""
    market.tenant = replace(market.tenant, clock_offset=timedelta(**ahead))


async def lock_raffle(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Close and lock a raffle by letting the time pass, and return it."""
    set_clock(market, hours=1, seconds=30)
    await market.draw()
    return await read_raffle(market, raffle)


async def draw_raffle(market: Market, raffle: dict[str, Any]) -> dict[str, Any]:
    """Lock and draw a raffle by letting the time pass, and return it."""
    await lock_raffle(market, raffle)
    set_clock(market, hours=2)
    await market.draw()
    return await read_raffle(market, raffle)


async def read_public(market: Market, raffle: dict[str, Any], resource: str) -> dict[str, Any]:
    """Return public data of a raffle: receipt, entries, winners or proof."""
    return expect(await market.guest().request("GET", f"/raffles/{raffle['id']}/{resource}"), 200)


async def open_account(market: Market, person: Person, *, age_hours: float = 48) -> None:
    """Store the account of a person, created so many hours ago."""
    user_id, role = person.principal.user_id, person.principal.role
    await market.as_owner(
        "INSERT INTO identity_users (tenant_id, id, name, email, email_normalised, role, status, created_at,"
        " updated_at, version)"
        " VALUES ($1, $2, 'Ada', $3, $3, $4, 'active', now() - make_interval(secs => $5), now(), 1)",
        market.tenant.id,
        user_id,
        f"{user_id}@example.com",
        role,
        age_hours * 3600,
    )


async def create_account(market: Market, email: str, *, role: Role = Role.CUSTOMER) -> Principal:
    """Create an account with this e-mail address."""
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
