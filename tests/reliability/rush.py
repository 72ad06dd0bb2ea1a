"""A rush: more concurrent buyers than units."""

import asyncio
from collections import Counter
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

import httpx2

from tests.reliability.harness import Harness, order_body, send_until_served

PROXIES_OF_BUYERS = "127.0.0.1/32"
"""The proxies that the program must trust, so that each buyer has an address of their own."""

_AT_ONCE = 32


@dataclass(frozen=True, slots=True)
class Rush:
    """The responses by status and code, the stored orders, the stock, the amounts at the gateway and in the ledger."""

    answers: dict[tuple[int, str], int]
    stored: int
    stock: int
    captured_minor: int
    settled_minor: int

    @classmethod
    def expected(cls, *, buyers: int, units: int, total_minor: int = 13_490) -> Self:
        """Return the expected result: every unit is sold and paid once, and every other buyer receives `sold_out`."""
        answers = {(201, "paid"): units, (409, "inventory.sold_out"): buyers - units}
        return cls(answers, units, 0, units * total_minor, units * total_minor)


async def rush(harness: Harness, *, buyers: int, units: int) -> Rush:
    """Fill the carts of guests, then order concurrently, each with its own key; 503 responses are retried."""
    name = f"rush-{uuid4().hex[:12]}"
    product = await harness.create_product(name, stock=units)
    one = {"product_id": product["id"], "quantity": 1}
    limit = asyncio.Semaphore(_AT_ONCE)
    async with harness.program.client() as client:

        async def fill() -> str:
            async with limit:
                filled = await send_until_served(lambda: client.post("/cart/items", json=one))
            assert filled.status_code == httpx2.codes.CREATED, filled.text
            return filled.headers["x-cart-token"]

        async def order(number: int, cart: str) -> tuple[int, str]:
            headers = {
                "idempotency-key": f"{name}-{number}",
                "x-cart-token": cart,
                "x-forwarded-for": address_of(number),
            }
            body = order_body(f"{name}-{number}", "tok_visa")
            async with limit:
                answer = await send_until_served(lambda: client.post("/orders", json=body, headers=headers))
            result = answer.json()
            return answer.status_code, result.get("code") or result["status"]

        carts = await asyncio.gather(*(fill() for _ in range(buyers)))
        answers = await asyncio.gather(*(order(number, cart) for number, cart in enumerate(carts)))
    seen = (await harness.staff.get(f"/products/{product['id']}")).json()
    ((stored, captured, settled),) = await harness.rows(
        "SELECT count(*), (SELECT sum(c.amount_minor) FROM simulator.charges c JOIN payments_attempts a"
        " ON a.id = c.attempt_id JOIN orders_orders o ON o.id = a.order_id"
        " WHERE o.email LIKE $1 AND c.status = 'captured')::bigint,"
        " (SELECT sum(p.amount_minor) FROM ledger_postings p JOIN ledger_transfers t ON t.id = p.transfer_id"
        " JOIN orders_orders o ON o.id = t.cause_id WHERE o.email LIKE $1 AND t.cause = 'order_settled'"
        " AND p.amount_minor > 0)::bigint FROM orders_orders WHERE email LIKE $1",
        f"{name}-%",
    )
    return Rush(dict(Counter(answers)), stored, seen["stock"], captured, settled)


def address_of(buyer: int) -> str:
    """Return the address of a buyer; one address alone could not reserve as much as all buyers do together."""
    return f"198.18.{buyer >> 8}.{buyer & 255}"
