"""Buyers who remember what they asked for and what they were told, and who ask again until they know."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2

from tests.reliability.history import History, Outcome, Stored
from tests.reliability.lab import Lab, order_body
from tests.reliability.stories import file_request

_SHELVES = 4
_PLENTY = 1_000_000
_PAUSE_SECONDS = 0.05
_TRIES = 40
Ask = Callable[[], Awaitable[httpx2.Response]]


class Crowd:
    """Guests who buy, staff who refund and bring files in, all at once; `told` is set at each acknowledged order."""

    def __init__(self, lab: Lab, *, buyers: int, chance: random.Random) -> None:
        self.orders, self.refunds, self.imports = History("order"), History("refund"), History("import")
        self.told = asyncio.Condition()
        self.acknowledged = 0
        self._lab = lab
        self._buyers = buyers
        self._chance = chance
        self._shelves: list[dict[str, Any]] = []
        self._over = False

    async def open(self) -> None:
        """Fill the shelves."""
        name = uuid4().hex[:8]
        self._shelves = [await self._lab.product(f"shelf-{name}-{n}", stock=_PLENTY) for n in range(_SHELVES)]

    async def run(self) -> None:
        """Buy, refund and bring in until told to stop; then ask again for all that is not known."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._buyers):
                group.create_task(self._buy_again_and_again())

    def stop(self) -> None:
        """Let everybody finish what they are at."""
        self._over = True

    async def until_somebody_is_served(self) -> None:
        """Wait for an order that is sent from now on, or was under way, to be acknowledged."""
        before = self.acknowledged
        async with self.told:
            await self.told.wait_for(lambda: self.acknowledged > before)

    async def faults(self) -> list[str]:
        """Compare what was told with what is stored."""
        orders = await self._lab.rows(
            "SELECT split_part(email, '@', 1) AS tag, id::text || ' ' || total_minor AS fact FROM orders_orders"
            " WHERE email LIKE 'crowd-%'"
        )
        refunds = await self._lab.rows(
            "SELECT reason AS tag, id::text || ' ' || amount_minor AS fact FROM payments_refunds"
            " WHERE reason LIKE 'crowd-%'"
        )
        imports = await self._lab.rows(
            "SELECT split_part(file_name, '.', 1) AS tag, id::text || ' ' || (SELECT count(*) FROM catalog_variants v"
            " WHERE v.sku LIKE split_part(i.file_name, '.', 1) || '-%') AS fact FROM catalog_imports i"
            " WHERE file_name LIKE 'crowd-%'"
        )
        return [
            fault
            for history, rows in ((self.orders, orders), (self.refunds, refunds), (self.imports, imports))
            for fault in history.faults(Stored(row["tag"], row["fact"]) for row in rows)
        ]

    def counts(self) -> str:
        """Tell in a line what is known of all requests."""
        return "; ".join(
            f"{history.kind}s: " + ", ".join(f"{count} {outcome}" for outcome, count in history.counts().items())
            for history in (self.orders, self.refunds, self.imports)
        )

    async def _buy_again_and_again(self) -> None:
        while not self._over:
            async with self._lab.program.client() as client:
                order = await self._buy(client)
                if order is not None and self._chance.random() < 0.3:
                    await self._refund(order)
                if self._chance.random() < 0.05:
                    await self._bring_in()

    async def _buy(self, client: httpx2.AsyncClient) -> dict[str, Any] | None:
        product = self._chance.choice(self._shelves)
        while True:
            if self._over:
                return None
            try:
                filled = await client.post("/cart/items", json={"product_id": product["id"], "quantity": 1})
            except httpx2.TransportError:
                filled = None
            if filled is not None and filled.status_code == httpx2.codes.CREATED:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        tag = f"crowd-{uuid4().hex}"
        headers = {"idempotency-key": tag, "x-cart-token": filled.headers["x-cart-token"]}
        body = order_body(tag, "tok_visa")
        answer = await self._until_known(
            self.orders,
            tag,
            lambda: client.post("/orders", json=body, headers=headers),
            lambda told: f"{told['id']} {told['totals']['total']['amount']}",
        )
        if answer is None:
            return None
        async with self.told:
            self.acknowledged += 1
            self.told.notify_all()
        return answer

    async def _refund(self, order: dict[str, Any]) -> None:
        tag = f"crowd-{uuid4().hex}"
        body = {"amount": {"amount": 1_000, "currency": "USD"}, "reason": tag}
        headers = {"idempotency-key": tag}
        await self._until_known(
            self.refunds,
            tag,
            lambda: self._lab.staff.post(f"/orders/{order['id']}/refunds", json=body, headers=headers),
            lambda told: f"{told['id']} {told['amount']['amount']}",
        )

    async def _bring_in(self) -> None:
        tag = f"crowd-{uuid4().hex}"
        await self._until_known(
            self.imports, tag, file_request(self._lab.staff, tag, rows=3), lambda told: f"{told['id']} 3"
        )

    async def _until_known(
        self, history: History, tag: str, ask: Ask, fact: Callable[[Any], str]
    ) -> dict[str, Any] | None:
        """Ask under one key until an answer says something; give up after a while, and never know."""
        for _ in range(_TRIES):
            history.sent(tag)
            try:
                answer = await ask()
            except httpx2.TransportError:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            told = answer.json()
            known = history.told(
                tag,
                answer.status_code,
                code=told.get("code"),
                fact=fact(told) if answer.is_success else None,
            )
            if known is Outcome.ACKNOWLEDGED:
                acknowledged: dict[str, Any] = told
                return acknowledged
            if known is Outcome.REFUSED:
                return None
            await asyncio.sleep(_PAUSE_SECONDS)
        return None
