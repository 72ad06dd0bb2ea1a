"""Fixtures for tests of the running program: an administrator, products and buyers."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from tests.e2e.shop import MakeBuyer, MakeProduct, Shopper, fill_cart
from tests.program import Program


@pytest.fixture
async def admin(program: Program) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the super admin in the default tenant."""
    client = await program.admin()
    yield client
    await client.aclose()


@pytest.fixture
def make_product(admin: httpx2.AsyncClient) -> MakeProduct:
    """A function that creates a product."""

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
async def make_buyer(program: Program) -> AsyncIterator[MakeBuyer]:
    """A function that registers a customer and returns their client."""
    clients: list[httpx2.AsyncClient] = []

    async def make() -> httpx2.AsyncClient:
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


@pytest.fixture
async def shopper(make_product: MakeProduct, make_buyer: MakeBuyer) -> Shopper:
    """A customer with one of three chairs in the cart."""
    product = await make_product(stock=3)
    client = await make_buyer()
    await fill_cart(client, product)
    return Shopper(client, product)
