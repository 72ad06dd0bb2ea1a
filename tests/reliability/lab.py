"""A running program to do harm to, and the tests' own eyes and hands in its database."""

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

_SURELY_THERE_SECONDS = 60
_LOOK_AGAIN_SECONDS = 0.02
_CONFLICT, _UNAVAILABLE = 409, 503
_GONE = (
    ConnectionError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
)
"""How asking fails when the database goes down meanwhile."""
_LEASES = ("kit_idempotency_keys", "catalog_imports")
_UNFINISHED = {
    "payments": "SELECT count(*) FROM payments_attempts WHERE status IN ('created', 'unknown')",
    "refunds": "SELECT count(*) FROM payments_refunds WHERE status IN ('granted', 'executing', 'unknown')",
    "webhooks": "SELECT count(*) FROM payments_webhook_deliveries WHERE handled_at IS NULL",
    "imports": "SELECT count(*) FROM catalog_imports WHERE status IN ('queued', 'running')",
    "untold": "SELECT count(*) FROM simulator.webhooks WHERE delivered_at IS NULL",
    "unpublished": "SELECT count(*) FROM kit_outbox",
    "unheard": "SELECT count(*) FROM (SELECT tenant_id, max(sequence) AS last FROM kit_event_log GROUP BY tenant_id)"
    " AS l LEFT JOIN kit_positions p USING (tenant_id) WHERE coalesce(p.sequence, 0) < l.last",
}


class Lab:
    """A program with a shop, a member of staff, and direct access to what is stored."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.staff: httpx2.AsyncClient
        self.unfinished: Any = None
        self._connection: Any = None
        self._one_at_a_time = asyncio.Lock()

    async def open(self) -> None:
        """Let the member of staff sign in."""
        self.staff = await self.program.admin()

    async def sign_in(self) -> None:
        """Let the member of staff sign in again, before a token runs out."""
        body = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        answer = await persistent(lambda: self.staff.post("/auth/login", json=body))
        assert answer.status_code == 200, answer.text
        self.staff.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    async def close(self) -> None:
        """Let go of the member of staff, and of the database."""
        await self.staff.aclose()
        if self._connection is not None:
            self._connection.terminate()

    async def rows(self, sql: str, *parameters: Any) -> list[Any]:
        """Ask the database as its owner, once it is there; what is asked may be asked twice."""
        async with self._one_at_a_time:
            while True:
                try:
                    return list(await (await self._owner()).fetch(sql, *parameters))
                except _GONE:
                    await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def _owner(self) -> Any:
        while self._connection is None or self._connection.is_closed():
            arguments = Installation.find(self.program.environment, SETTINGS_EXTENSIONS).owner.connect_arguments()
            try:
                self._connection = await asyncpg.connect(**arguments, timeout=5, command_timeout=60)
            except (OSError, asyncpg.CannotConnectNowError):
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return self._connection

    async def product(self, name: str, *, stock: int) -> dict[str, Any]:
        """Sell something."""
        body = {"name": name, "price": {"amount": 12_500, "currency": "USD"}, "stock": stock}
        answer = await persistent(lambda: self.staff.post("/products", json=body, headers={"idempotency-key": name}))
        assert answer.status_code == 201, answer.text
        product: dict[str, Any] = answer.json()
        return product

    async def end_leases(self) -> None:
        """Let the leases of those who died be over, so that nobody waits for half a minute."""
        for table in _LEASES:
            await self.rows(f"UPDATE {table} SET lease_until = now() WHERE lease_until > now()")

    async def come_to_rest(self) -> None:
        """Wait until the sweeps have finished what was interrupted, and every fact is published."""
        try:
            await until(self._is_at_rest)
        except TimeoutError:
            raise AssertionError(f"this is never finished: {dict(self.unfinished)}") from None

    async def _is_at_rest(self) -> bool:
        await self.end_leases()
        counts = ", ".join(f"({query}) AS {name}" for name, query in _UNFINISHED.items())
        (self.unfinished,) = await self.rows(f"SELECT {counts}")
        return not any(self.unfinished)

    def must_be_lawful(self) -> None:
        """Check every law, the hash chains, and the gateway's books."""
        proof = self.program.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr


async def until(holds: Callable[[], Awaitable[bool] | bool]) -> None:
    """Return once something holds; what never comes is a failure of its own."""
    async with asyncio.timeout(_SURELY_THERE_SECONDS):
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)


async def persistent(ask: Callable[[], Awaitable[httpx2.Response]]) -> httpx2.Response:
    """Repeat a request under its key until somebody answers who is not about to die or to come back."""
    give_up_at = time.monotonic() + _SURELY_THERE_SECONDS
    while True:
        try:
            answer = await ask()
            if answer.status_code != _UNAVAILABLE and not is_in_flight(answer):
                return answer
        except httpx2.TransportError:
            pass
        assert time.monotonic() < give_up_at, "nobody answers any more"
        await asyncio.sleep(_LOOK_AGAIN_SECONDS)


def is_in_flight(answer: httpx2.Response) -> bool:
    """Tell whether an equal request is being worked on, or its worker died and its lease is not over."""
    return answer.status_code == _CONFLICT and answer.json()["code"] == IN_FLIGHT


@asynccontextmanager
async def guest(program: Program, product: dict[str, Any]) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody without an account, who has one of the product in the cart."""
    async with program.client() as client:
        answer = await client.post("/cart/items", json={"product_id": product["id"], "quantity": 1})
        assert answer.status_code == 201, answer.text
        client.headers["x-cart-token"] = answer.headers["x-cart-token"]
        yield client


def order_body(tag: str, token: str | None = None) -> dict[str, Any]:
    """Return the body of a guest's order, which carries the tag as the e-mail address."""
    body: dict[str, Any] = {"shipping_address": ADDRESS, "email": f"{tag}@example.com"}
    if token is not None:
        body["payment"] = {"gateway": "simulator", "token": token}
    return body
