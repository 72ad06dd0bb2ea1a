"""The whole program with two API processes, and what a shop needs to sell."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.program import Program

ADDRESS = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
VISA = {"gateway": "simulator", "token": "tok_visa"}


@pytest.fixture(scope="session")
def program() -> Iterator[Program]:
    """The program with two API processes on one database; the laws hold when the last test has ended."""
    with Program(processes=2) as running:
        yield running
        proof = running.command("prove")
        assert proof.returncode == 0, proof.stdout + proof.stderr


@pytest.fixture
async def admin(program: Program) -> AsyncIterator[httpx.AsyncClient]:
    """The super admin, in the default tenant."""
    async with await program.admin() as client:
        yield client


@pytest.fixture
def make_product(admin: httpx.AsyncClient) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Make products."""

    async def make(*, stock: int | None = 10, price: int = 12_500) -> dict[str, Any]:
        name = f"Chair {uuid4().hex[:8]}"
        body: dict[str, Any] = {"name": name, "price": {"amount": price, "currency": "USD"}}
        if stock is not None:
            body["stock"] = stock
        answer = await admin.post("/products", json=body)
        assert answer.status_code == 201, answer.text
        product: dict[str, Any] = answer.json()
        return product

    return make


@pytest.fixture
async def make_buyer(program: Program) -> AsyncIterator[Callable[[], Awaitable[httpx.AsyncClient]]]:
    """Make buyers, each signed in to an account of their own."""
    clients: list[httpx.AsyncClient] = []

    async def make() -> httpx.AsyncClient:
        client = program.client()
        clients.append(client)
        answer = await client.post(
            "/auth/register",
            json={"name": "Ada", "email": f"{uuid4().hex}@example.com", "password": f"a fine pass {uuid4().hex}"},
        )
        assert answer.status_code == 201, answer.text
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        return client

    yield make
    for client in clients:
        await client.aclose()


async def fill_cart(buyer: httpx.AsyncClient, product: dict[str, Any], *, quantity: int = 1) -> None:
    """Put a product into the buyer's cart; a guest keeps the token that the first write returns."""
    answer = await buyer.post("/cart/items", json={"product_id": product["id"], "quantity": quantity})
    assert answer.status_code == 201, answer.text
    if token := answer.headers.get("x-cart-token"):
        buyer.headers["x-cart-token"] = token


async def order(buyer: httpx.AsyncClient, *, token: str | None = "tok_visa", **more: Any) -> httpx.Response:
    """Order what is in the cart, and pay it with the token where one is given."""
    headers = more.pop("headers", {})
    body: dict[str, Any] = {"shipping_address": ADDRESS, **more}
    if token is not None:
        body["payment"] = {"gateway": "simulator", "token": token}
    return await buyer.post("/orders", json=body, headers=headers)
