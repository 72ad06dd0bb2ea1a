"""The steps as LuxeWin takes them, with everything on: tenants, rules, idempotency, ledger, events, audit."""

import csv
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.connection import Answer, Connection, request
from bench.load import Step
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD

API = "/api/v1"
_STOCK = 1_000_000
WORDS = ("oak", "linen", "brass", "walnut", "glass", "wool", "marble", "cane", "velvet", "steel", "clay", "ash")
_COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Type", "Tags", "Published"),
    *("Variant Inventory Tracker", "Variant Inventory Qty", "Variant Price"),
)
_ADDRESS = {"name": "Ada Byron", "line1": "12 St James Square", "city": "London", "postal_code": "SW1Y 4JH"}
_PAYMENT = {"gateway": "simulator", "token": "tok_visa"}


def write_catalogue(file: Path, *, products: int) -> None:
    """Write a merchant's file with so many products, all of them in stock."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(_COLUMNS)
        for number in range(products):
            first, second = WORDS[number % len(WORDS)], WORDS[number // len(WORDS) % len(WORDS)]
            title, story = f"{first.title()} {second} piece {number}", f"<p>Made of {first} and {second}.</p>"
            kind, price = f"Room {number % 20}", f"{10 + number % 990}.00"
            rows.writerow([handle(number), title, story, kind, f"{first}, {second}", "true", "shopify", _STOCK, price])


def handle(number: int) -> str:
    """Return how a product of the file is addressed."""
    return f"bench-piece-{number}"


def order_of(email: str) -> dict[str, Any]:
    """Return what a guest sends to order and pay what is in the cart."""
    return {"email": email, "shipping_address": {**_ADDRESS, "country": "GB"}, "payment": _PAYMENT}


def steps(products: Sequence[str]) -> Mapping[str, Step]:
    """Return the steps on a shop that holds these products, each given by its id."""
    ids = cycle(products)

    async def list_uncached(connection: Connection, turn: int) -> None:
        await connection.send(request("GET", f"{API}/products?limit=24&max_price={10**9 + turn}"), expect=200)

    async def list_cached(connection: Connection, _turn: int) -> None:
        await connection.send(_LIST, expect=200)

    async def detail(connection: Connection, turn: int) -> None:
        await connection.send(request("GET", f"{API}/products/{handle(turn % len(products))}"), expect=200)

    async def search(connection: Connection, turn: int) -> None:
        query = f"q={WORDS[turn % len(WORDS)]}&limit=24&max_price={10**9 + turn}"
        await connection.send(request("GET", f"{API}/products?{query}"), expect=200)

    async def fill_cart(connection: Connection) -> Answer:
        item = {"product_id": next(ids), "quantity": 1}
        return await connection.send(request("POST", f"{API}/cart/items", body=item), expect=201)

    async def cart(connection: Connection, _turn: int) -> None:
        await fill_cart(connection)

    async def order(connection: Connection, turn: int) -> None:
        token = (await fill_cart(connection)).headers[b"x-cart-token"].decode()
        body = order_of(f"buyer-{turn}@example.com")
        headers = {"X-Cart-Token": token, "Idempotency-Key": f"bench-{turn}"}
        await connection.send(request("POST", f"{API}/orders", body=body, headers=headers), expect=201)

    async def log_in(connection: Connection, _turn: int) -> None:
        body = {"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD}
        await connection.send(request("POST", f"{API}/auth/login", body=body), expect=200)

    return {
        "list of 24, uncached": list_uncached,
        "list of 24, cached": list_cached,
        "detail": detail,
        "search": search,
        "new cart and item": cart,
        "order placed and paid": order,
        "log in": log_in,
    }


_LIST = request("GET", f"{API}/products?limit=24")
