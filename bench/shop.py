"""The operations of LuxeWin, with all features enabled: tenants, idempotency, ledger, events, audit."""

import csv
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from bench.connection import Answer, Connection, request
from bench.load import Step
from tests.program import ADMIN_EMAIL, ADMIN_PASSWORD

API = "/api/v1"
_STOCK = 1_000_000
LINE = 100
"""The number of products that share a word, except for the few words in a sixth of all products."""
WORDS = ("oak", "linen", "brass", "walnut", "glass", "wool", "marble", "cane", "velvet", "steel", "clay", "ash")
_COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Type", "Tags", "Published"),
    *("Variant Inventory Tracker", "Variant Inventory Qty", "Variant Price"),
)
_ADDRESS = {"name": "Ada Byron", "line1": "12 St James Square", "city": "London", "postal_code": "SW1Y 4JH"}
_PAYMENT = {"gateway": "simulator", "token": "tok_visa"}


def write_catalogue(file: Path, *, products: int) -> None:
    """Write a product file with this number of products, all in stock."""
    with file.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(_COLUMNS)
        for number in range(products):
            first, second = WORDS[number % len(WORDS)], WORDS[number // len(WORDS) % len(WORDS)]
            title = f"{first.title()} {second} {line(number)} piece {number}"
            story = f"<p>Made of {first} and {second}.</p>"
            kind, price = f"Room {number % 20}", f"{10 + number % 990}.00"
            rows.writerow([handle(number), title, story, kind, f"{first}, {second}", "true", "shopify", _STOCK, price])


def handle(number: int) -> str:
    """Return the slug of a product of the file."""
    return f"bench-piece-{number}"


def line(number: int) -> str:
    """Return the word that a product shares with 99 others, at any size of the shop."""
    return f"line{number // LINE:04}"


def order_of(email: str) -> dict[str, Any]:
    """Return the body with which a guest orders and pays the cart."""
    return {"email": email, "shipping_address": {**_ADDRESS, "country": "GB"}, "payment": _PAYMENT}


def steps(products: Sequence[str]) -> Mapping[str, Step]:
    """Return the operations on a shop with these products, by id."""
    return {**_reads(len(products)), **_writes(products)}


def _reads(many: int) -> Mapping[str, Step]:
    places: dict[Connection, str] = {}

    async def get(connection: Connection, path: str) -> Answer:
        return await connection.send(request("GET", API + path), expect=200)

    async def list_cached(connection: Connection, _turn: int) -> None:
        await connection.send(_LIST, expect=200)

    async def next_page(connection: Connection, _turn: int) -> None:
        page = await get(connection, f"/products?limit=24&max_price={10**9}{places.pop(connection, '')}")
        if (cursor := page.json()["next_cursor"]) is not None:
            places[connection] = f"&cursor={cursor}"

    def narrow_price_range(turn: int) -> str:
        price = 100 * (10 + turn % 990)
        return f"/products?limit=24&min_price={price}&max_price={price + turn % 90}"

    def getting(path: Callable[[int], str]) -> Step:
        async def step(connection: Connection, turn: int) -> None:
            await get(connection, path(turn))

        return step

    return {
        "list of 24, uncached": getting(lambda turn: f"/products?limit=24&max_price={10**9 + turn}"),
        "list of 24, cached": list_cached,
        "list of 24, next pages": next_page,
        "list of 24, narrow price range": getting(narrow_price_range),
        "detail": getting(lambda turn: f"/products/{handle(turn % many)}"),
        "search": getting(lambda turn: f"/products?q={line(turn % many)}&limit=24&max_price={10**9 + turn}"),
        "search with facets": getting(
            lambda turn: f"/search?q={line(turn % many)}&limit=24&max_price={10**9 + turn}&include=facets"
        ),
        "search for a common word": getting(
            lambda turn: f"/products?q={WORDS[turn % len(WORDS)]}&limit=24&max_price={10**9 + turn}"
        ),
    }


def _writes(products: Sequence[str]) -> Mapping[str, Step]:
    ids = cycle(products)

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

    return {"new cart and item": cart, "order placed and paid": order, "log in": log_in}


_LIST = request("GET", f"{API}/products?limit=24")
