"""A test harness: a running program, a client of an administrator, and access to its database as the owner."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx2

from luxewin.configuration import SETTINGS_EXTENSIONS
from luxewin.runtime.installation import Installation
from tests.e2e.shop import ADDRESS
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD, Program
from tests.reliability.history import IN_FLIGHT

_TIMEOUT_SECONDS = 60
_POLL_SECONDS = 0.02
_CONFLICT, _UNAVAILABLE = 409, 503
_CONNECTION_ERRORS = (
    ConnectionError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
"""The errors of a query when the database goes down."""
_LEASES = ("kit_idempotency_keys", "catalog_imports")
_UNFINISHED = {
    "payments": "SELECT count(*) FROM payments_attempts WHERE status IN ('created', 'unknown')",
    "refunds": "SELECT count(*) FROM payments_refunds WHERE status IN ('granted', 'executing', 'unknown')",
    "webhooks": "SELECT count(*) FROM payments_webhook_deliveries WHERE handled_at IS NULL",
    "imports": "SELECT count(*) FROM catalog_imports WHERE status IN ('queued', 'running')",
    "undelivered": "SELECT count(*) FROM simulator.webhooks WHERE delivered_at IS NULL",
    "unpublished": "SELECT count(*) FROM kit_outbox",
    "unhandled": "SELECT count(*) FROM (SELECT tenant_id, max(sequence) AS last FROM kit_event_log GROUP BY tenant_id)"
    " AS l LEFT JOIN kit_positions p USING (tenant_id) WHERE coalesce(p.sequence, 0) < l.last",
}


class Harness:
    """A running program with a signed-in administrator and direct access to its database."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.staff: httpx2.AsyncClient
        self.unfinished: Any = None
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        """Sign the administrator in."""
        self.staff = await self.program.admin()

    async def sign_in(self) -> None:
        """Sign the administrator in again, before the token expires."""
        body = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        answer = await send_until_served(lambda: self.staff.post("/auth/login", json=body))
        assert answer.status_code == 200, answer.text
        self.staff.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    async def close(self) -> None:
        """Close the client and the database connection."""
        await self.staff.aclose()
        if self._connection is not None:
            self._connection.terminate()

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """Run a query as the owner, waiting for the database if necessary; it may run twice."""
        async with self._one_at_a_time:
            while True:
                try:
                    return list(await (await self._owner()).fetch(sql, *parameters))
                except _CONNECTION_ERRORS:
                    await asyncio.sleep(_POLL_SECONDS)

    async def _owner(self) -> Any:
        while self._connection is None or self._connection.is_closed():
            arguments = Installation.find(self.program.environment, SETTINGS_EXTENSIONS).owner.connect_arguments()
            try:
                self._connection = await asyncpg.connect(**arguments, timeout=5, command_timeout=60)
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(_POLL_SECONDS)
        return self._connection

    async def create_product(self, name: str, *, stock: int) -> dict[str, Any]:
        """Create a product."""
        body = {"name": name, "price": {"amount": 12_500, "currency": "USD"}, "stock": stock}
        answer = await send_until_served(
            lambda: self.staff.post("/products", json=body, headers={"idempotency-key": name})
        )
        assert answer.status_code == 201, answer.text
        product: dict[str, Any] = answer.json()
        return product

    async def expire_leases(self) -> None:
        """Expire the leases of killed processes, so that no request waits for half a minute."""
        for table in _LEASES:
            await self.rows(f"UPDATE {table} SET lease_until = now() WHERE lease_until > now()")

    async def settle(self) -> None:
        """Wait until the jobs have completed all interrupted work, and every event is published and handled."""
        try:
            await until(self._is_settled)
        except TimeoutError:
            raise AssertionError(f"still unfinished: {dict(self.unfinished)}") from None

    async def _is_settled(self) -> bool:
        await self.expire_leases()
        counts = ", ".join(f"({query}) AS {name}" for name, query in _UNFINISHED.items())
        (self.unfinished,) = await self.rows(f"SELECT {counts}")
        return not any(self.unfinished)

    def check_invariants(self) -> None:
        """Check every invariant, the hash chains, and the gateway's records."""
        proof = self.program.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr


async def until(condition: Callable[[], Awaitable[bool] | bool]) -> None:
    """Return once the condition holds; raise TimeoutError if it does not in time."""
    async with asyncio.timeout(_TIMEOUT_SECONDS):
        while True:
            found = condition()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(_POLL_SECONDS)


async def send_until_served(send: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """Repeat a request with its key until the response is neither 503 nor 'in flight'."""
    give_up_at = time.monotonic() + _TIMEOUT_SECONDS
    while True:
        try:
            answer = await send()
            if answer.status_code != _UNAVAILABLE and not is_in_flight(answer):
                return answer
        except httpx2.TransportError:
            pass
        assert time.monotonic() < give_up_at, "no response in time"
        await asyncio.sleep(_POLL_SECONDS)


def is_in_flight(answer: httpx2.Response) -> bool:
    """Return whether an equal request is in progress, or its process died and its lease has not expired."""
    return answer.status_code == _CONFLICT and answer.json()["code"] == IN_FLIGHT


@asynccontextmanager
async def guest(program: Program, product: dict[str, Any]) -> AsyncIterator[httpx2.AsyncClient]:
    """Yield the client of a guest with one unit of the product in the cart."""
    async with program.client() as client:
        answer = await client.post("/cart/items", json={"product_id": product["id"], "quantity": 1})
        assert answer.status_code == 201, answer.text
        client.headers["x-cart-token"] = answer.headers["x-cart-token"]
        yield client


def order_body(tag: str, token: str | None = None) -> dict[str, Any]:
    """Return the body of a guest's order, with the tag in the e-mail address."""
    body: dict[str, Any] = {"shipping_address": ADDRESS, "email": f"{tag}@example.com"}
    if token is not None:
        body["payment"] = {"gateway": "simulator", "token": token}
    return body
