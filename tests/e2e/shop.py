"""Helpers for tests of the running program: carts, orders and payments."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx2

MakeProduct = Callable[..., Awaitable[dict[str, Any]]]
MakeBuyer = Callable[[], Awaitable[httpx2.AsyncClient]]

ADDRESS = {
    "name": "Ada Byron",
    "line1": "12 St James's Square",
    "city": "London",
    "postal_code": "SW1Y 4JH",
    "country": "GB",
}
VISA = {"gateway": "simulator", "token": "tok_visa"}


@dataclass(frozen=True, slots=True)
class Shopper:
    """A customer with a filled cart, and the product in it."""

    client: httpx2.AsyncClient
    product: dict[str, Any]

    async def order(self, *, token: str | None = "tok_visa", **more: Any) -> httpx2.Response:
        """Order the items of the cart."""
        return await order(self.client, token=token, **more)

    async def pay(self, order_id: str, token: str = "tok_visa") -> httpx2.Response:
        """Pay an order."""
        body = {"gateway": "simulator", "token": token}
        return await self.client.post(f"/orders/{order_id}/payments", json=body)

    async def seen(self, order_id: str) -> dict[str, Any]:
        """Read an order."""
        answer = await self.client.get(f"/orders/{order_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def fill_cart(buyer: httpx2.AsyncClient, product: dict[str, Any], *, quantity: int = 1) -> None:
    """Put a product into the buyer's cart; a guest's client sends the returned cart token from then on."""
    answer = await buyer.post("/cart/items", json={"product_id": product["id"], "quantity": quantity})
    assert answer.status_code == 201, answer.text
    if token := answer.headers.get("x-cart-token"):
        buyer.headers["x-cart-token"] = token


async def order(
    buyer: httpx2.AsyncClient, *, token: str | None = "tok_visa", key: str | None = None, **more: Any
) -> httpx2.Response:
    """Order the items of the cart, and pay with the token if one is given."""
    body: dict[str, Any] = {"shipping_address": ADDRESS, **more}
    if token is not None:
        body["payment"] = {"gateway": "simulator", "token": token}
    return await buyer.post("/orders", json=body, headers={"idempotency-key": key} if key else {})
