"""Generate load: buyers and staff that record their requests and repeat them until the outcome is known."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import httpx2

from tests.reliability.harness import Harness, order_body
from tests.reliability.history import History, Outcome, Stored
from tests.reliability.scenarios import file_request

_PRODUCTS = 4
_STOCK = 1_000_000
_PAUSE_SECONDS = 0.05
_TRIES = 40
Send = Callable[[], Awaitable[httpx2.Response]]


class LoadGenerator:
    """Concurrent guests that buy, and staff that refunds and imports; `changed` reports acknowledged orders."""

    def __init__(self, harness: Harness, *, buyers: int, rng: random.Random) -> None:
        self.orders, self.refunds, self.imports = History("order"), History("refund"), History("import")
        self.changed = asyncio.Condition()
        self.acknowledged = 0
        self._harness = harness
        self._buyers = buyers
        self._chance = rng
        self._products: list[dict[str, Any]] = []
        self._is_stopped = False

    async def open(self) -> None:
        """Create the products."""
        name = uuid4().hex[:8]
        self._products = [
            await self._harness.create_product(f"load-{name}-{n}", stock=_STOCK) for n in range(_PRODUCTS)
        ]

    async def run(self) -> None:
        """Buy, refund and import until `stop` is called and every request has an outcome or has been given up."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._buyers):
                group.create_task(self._buy_repeatedly())

    def stop(self) -> None:
        """Start no further requests."""
        self._is_stopped = True

    async def wait_for_acknowledgement(self) -> None:
        """Wait until another order is acknowledged."""
        before = self.acknowledged
        async with self.changed:
            await self.changed.wait_for(lambda: self.acknowledged > before)

    async def anomalies(self) -> list[str]:
        """Compare the histories with the stored rows, and return every contradiction."""
        orders = await self._harness.rows(
            "SELECT split_part(email, '@', 1) AS tag, id::text || ' ' || total_minor AS effect FROM orders_orders"
            " WHERE email LIKE 'load-%'"
        )
        refunds = await self._harness.rows(
            "SELECT reason AS tag, id::text || ' ' || amount_minor AS effect FROM payments_refunds"
            " WHERE reason LIKE 'load-%'"
        )
        imports = await self._harness.rows(
            "SELECT split_part(file_name, '.', 1) AS tag, id::text || ' ' || (SELECT count(*) FROM catalog_variants v"
            " WHERE v.sku LIKE split_part(i.file_name, '.', 1) || '-%') AS effect FROM catalog_imports i"
            " WHERE file_name LIKE 'load-%'"
        )
        return [
            anomaly
            for history, rows in ((self.orders, orders), (self.refunds, refunds), (self.imports, imports))
            for anomaly in history.anomalies(Stored(row["tag"], row["effect"]) for row in rows)
        ]

    def counts(self) -> str:
        """Return the number of requests of each kind and outcome, as one line."""
        return "; ".join(
            f"{history.kind}s: " + ", ".join(f"{count} {outcome}" for outcome, count in history.counts().items())
            for history in (self.orders, self.refunds, self.imports)
        )

    async def _buy_repeatedly(self) -> None:
        while not self._is_stopped:
            async with self._harness.program.client() as client:
                order = await self._buy(client)
                if order is not None and self._chance.random() < 0.3:
                    await self._refund(order)
                if self._chance.random() < 0.05:
                    await self._import()

    async def _buy(self, client: httpx2.AsyncClient) -> dict[str, Any] | None:
        product = self._chance.choice(self._products)
        while True:
            if self._is_stopped:
                return None
            try:
                filled = await client.post("/cart/items", json={"product_id": product["id"], "quantity": 1})
            except httpx2.TransportError:
                filled = None
            if filled is not None and filled.status_code == httpx2.codes.CREATED:
                break
            await asyncio.sleep(_PAUSE_SECONDS)
        tag = f"load-{uuid4().hex}"
        headers = {"idempotency-key": tag, "x-cart-token": filled.headers["x-cart-token"]}
        body = order_body(tag, "tok_visa")
        answer = await self._send_until_known(
            self.orders,
            tag,
            lambda: client.post("/orders", json=body, headers=headers),
            lambda body: f"{body['id']} {body['totals']['total']['amount']}",
        )
        if answer is None:
            return None
        async with self.changed:
            self.acknowledged += 1
            self.changed.notify_all()
        return answer

    async def _refund(self, order: dict[str, Any]) -> None:
        tag = f"load-{uuid4().hex}"
        body = {"amount": {"amount": 1_000, "currency": "USD"}, "reason": tag}
        headers = {"idempotency-key": tag}
        await self._send_until_known(
            self.refunds,
            tag,
            lambda: self._harness.staff.post(f"/orders/{order['id']}/refunds", json=body, headers=headers),
            lambda body: f"{body['id']} {body['amount']['amount']}",
        )

    async def _import(self) -> None:
        tag = f"load-{uuid4().hex}"
        await self._send_until_known(
            self.imports, tag, file_request(self._harness.staff, tag, rows=3), lambda body: f"{body['id']} 3"
        )

    async def _send_until_known(
        self, history: History, tag: str, send: Send, effect: Callable[[Any], str]
    ) -> dict[str, Any] | None:
        """Send with one key until a response is conclusive; return it if it is an acknowledgement."""
        for _ in range(_TRIES):
            history.sent(tag)
            try:
                answer = await send()
            except httpx2.TransportError:
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            body = answer.json()
            outcome = history.record_response(
                tag,
                answer.status_code,
                code=body.get("code"),
                effect=effect(body) if answer.is_success else None,
            )
            if outcome is Outcome.ACKNOWLEDGED:
                acknowledged: dict[str, Any] = body
                return acknowledged
            if outcome is Outcome.REJECTED:
                return None
            await asyncio.sleep(_PAUSE_SECONDS)
        return None
