"""A rush: more buyers than there are units, all at once."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

import httpx2

from tests.reliability.lab import Lab, order_body, persistent

_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Rush:
    """What became of everybody, of the shelf, and of the money at the gateway and in the ledger, per order."""

    answers: dict[tuple[int, str], int]
    stored: int
    stock: int
    captured_minor: int
    settled_minor: int

    @classmethod
    def perfect(cls, *, buyers: int, units: int, total_minor: int = 13_490) -> Self:
        """Every unit is sold once and paid once, and everybody else is told that it is sold out."""
        answers = {(201, "paid"): units, (409, "inventory.sold_out"): buyers - units}
        return cls(answers, units, 0, units * total_minor, units * total_minor)


async def rush(lab: Lab, *, buyers: int, units: int) -> Rush:
    """Let guests fill their carts, then all order at once, each under a key; who is told to come back does."""
    name = f"rush-{uuid4().hex[:12]}"
    product = await lab.product(name, stock=units)
    one = {"product_id": product["id"], "quantity": 1}
    middleware = asyncio.Semaphore(_AT_ONCE)
    async with lab.program.client() as client:

        async def fill() -> str:
            async with middleware:
                filled = await persistent(lambda: client.post("/cart/items", json=one))
            assert filled.status_code == httpx2.codes.CREATED, filled.text
            return filled.headers["x-cart-token"]

        async def order(number: int, cart: str) -> tuple[int, str]:
            headers = {"idempotency-key": f"{name}-{number}", "x-cart-token": cart}
            body = order_body(f"{name}-{number}", "tok_visa")
            async with middleware:
                answer = await persistent(lambda: client.post("/orders", json=body, headers=headers))
            told = answer.json()
            return answer.status_code, told.get("code") or told["status"]

        carts = await asyncio.gather(*(fill() for _ in range(buyers)))
        answers = await asyncio.gather(*(order(number, cart) for number, cart in enumerate(carts)))
    seen = (await lab.staff.get(f"/products/{product['id']}")).json()
    ((stored, captured, settled),) = await lab.rows(
        "SELECT count(*), (SELECT sum(c.amount_minor) FROM simulator.charges c JOIN payments_attempts a"
        " ON a.id = c.attempt_id JOIN orders_orders o ON o.id = a.order_id"
        " WHERE o.email LIKE $1 AND c.status = 'captured')::bigint,"
        " (SELECT sum(p.amount_minor) FROM ledger_postings p JOIN ledger_transfers t ON t.id = p.transfer_id"
        " JOIN orders_orders o ON o.id = t.cause_id WHERE o.email LIKE $1 AND t.cause = 'order_settled'"
        " AND p.amount_minor > 0)::bigint FROM orders_orders WHERE email LIKE $1",
        f"{name}-%",
    )
    return Rush(dict(Counter(answers)), stored, seen["stock"], captured, settled)
