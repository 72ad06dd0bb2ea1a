"""The baseline server: the same operations with nothing but Uvicorn, asyncpg and orjson, for comparison.

No tenants, permissions, validation, idempotency, events or audit: the least that a Python server can do for each
operation on this machine. An order reserves its stock and posts its money in one statement.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import asyncpg
import bcrypt
import orjson

from bench.connection import Connection, request
from bench.load import Step

DATABASE_VARIABLE = "BENCH_BASELINE_DATABASE"
_CONNECTIONS = 16
_BCRYPT_COST = 11
_PASSWORD = b"correct horse battery staple"

SCHEMA = """
CREATE TABLE products (id uuid PRIMARY KEY, slug text UNIQUE, name text, description text, price bigint, stock bigint,
    created_at timestamptz, words tsvector);
CREATE INDEX ON products (created_at DESC, id DESC);
CREATE INDEX ON products USING gin (words);
CREATE TABLE cart_items (cart_id uuid, product_id uuid, quantity bigint, PRIMARY KEY (cart_id, product_id));
CREATE TABLE orders (id uuid PRIMARY KEY, email text, address jsonb, total bigint, created_at timestamptz);
CREATE TABLE order_lines (order_id uuid, product_id uuid, quantity bigint, price bigint);
CREATE TABLE postings (order_id uuid, account text, amount bigint);
CREATE TABLE raffles (id bigint PRIMARY KEY, sold bigint, capacity bigint);
CREATE TABLE tickets (raffle_id bigint, number bigint, order_id uuid, salt bytea, PRIMARY KEY (raffle_id, number));
INSERT INTO raffles VALUES (1, 0, 10000000);
CREATE INDEX ON order_lines (order_id);
CREATE INDEX ON postings (order_id);
"""
FILL = """
INSERT INTO products SELECT gen_random_uuid(), 'bench-piece-' || n, 'Piece ' || n, '<p>Made of oak and linen.</p>',
    1000 + n % 990 * 100, 1000000, now() - n * interval '1 second',
    to_tsvector('simple', (array['oak', 'linen', 'brass', 'walnut', 'glass', 'wool', 'marble', 'cane', 'velvet',
        'steel', 'clay', 'ash'])[1 + n % 12])
FROM generate_series(0, $1::int - 1) AS n
"""
_LIST = """
SELECT id::text, slug, name, price, stock > 0 AS in_stock, created_at FROM products
WHERE price <= $1 ORDER BY created_at DESC, id DESC LIMIT 24
"""
_SEARCH = """
SELECT id::text, slug, name, price, stock > 0 AS in_stock, created_at FROM products
WHERE words @@ to_tsquery('simple', $1) AND price <= $2 ORDER BY created_at DESC, id DESC LIMIT 24
"""
_DETAIL = (
    "SELECT id::text, slug, name, description, price, stock > 0 AS in_stock, created_at FROM products WHERE slug = $1"
)
_FILL_CART = "INSERT INTO cart_items SELECT $1::uuid, id, 1 FROM products WHERE slug = $2"
_ORDER = """
WITH line AS (
    SELECT product_id, quantity, price FROM cart_items JOIN products ON id = product_id WHERE cart_id = $2::uuid
), taken AS (
    UPDATE products SET stock = stock - line.quantity FROM line WHERE id = line.product_id AND stock >= line.quantity
), placed AS (
    INSERT INTO orders SELECT $1::uuid, $3, $4::text::jsonb, sum(price * quantity), now() FROM line
), listed AS (
    INSERT INTO order_lines SELECT $1::uuid, product_id, quantity, price FROM line
), posted AS (
    INSERT INTO postings SELECT $1::uuid, account, sign * price * quantity
    FROM line, (VALUES ('cash', 1), ('sales', -1)) AS side(account, sign)
)
DELETE FROM cart_items WHERE cart_id = $2::uuid RETURNING product_id::text
"""
_BUY = """
WITH taken AS (
    UPDATE raffles SET sold = sold + 1 WHERE id = 1 AND sold < capacity RETURNING sold
), posted AS (
    INSERT INTO postings SELECT $1::uuid, account, sign * 500
    FROM (VALUES ('cash', 1), ('deferred', -1)) AS side(account, sign)
)
INSERT INTO tickets SELECT 1, sold, $1::uuid, $2::bytea FROM taken RETURNING number
"""

Responder = Callable[[str, Mapping[str, str], bytes], Awaitable[bytes]]


class Baseline:
    """The server: an ASGI application."""

    def __init__(self) -> None:
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._cached = b""
        self._hash = bcrypt.hashpw(_PASSWORD, bcrypt.gensalt(_BCRYPT_COST))
        self._responders: Mapping[str, Responder] = {
            "list": self._list,
            "cached": self._cached_list,
            "detail": self._detail,
            "search": self._search,
            "cart": self._cart,
            "order": self._order,
            "buy": self._buy,
            "login": self._log_in,
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Handle a request or a lifespan."""
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        body = (await receive())["body"] if scope["method"] == "POST" else b""
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        _, name, *rest = scope["path"].split("/")
        content = await self._responders[name]("/".join(rest), query, body)
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})
        return None

    @property
    def pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        """The open pool."""
        assert self._pool is not None, "the baseline has not started"
        return self._pool

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            **orjson.loads(os.environ[DATABASE_VARIABLE]),
            min_size=_CONNECTIONS,
            max_size=_CONNECTIONS,
            reset=_nothing_to_reset,
        )
        self._cached = await self._list("", {"max_price": "1000000000"}, b"")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _list(self, _rest: str, query: Mapping[str, str], _body: bytes) -> bytes:
        return _rows(await self.pool.fetch(_LIST, int(query["max_price"])))

    async def _cached_list(self, _rest: str, _query: Mapping[str, str], _body: bytes) -> bytes:
        return self._cached

    async def _detail(self, slug: str, _query: Mapping[str, str], _body: bytes) -> bytes:
        return _rows(await self.pool.fetch(_DETAIL, slug))

    async def _search(self, _rest: str, query: Mapping[str, str], _body: bytes) -> bytes:
        return _rows(await self.pool.fetch(_SEARCH, query["q"], int(query["max_price"])))

    async def _cart(self, _rest: str, _query: Mapping[str, str], body: bytes) -> bytes:
        cart_id = uuid4()
        await self.pool.execute(_FILL_CART, cart_id, orjson.loads(body)["slug"])
        return orjson.dumps({"id": str(cart_id)})

    async def _order(self, cart_id: str, _query: Mapping[str, str], body: bytes) -> bytes:
        arguments = orjson.loads(body)
        order_id = uuid4()
        address = orjson.dumps(arguments["shipping_address"]).decode()
        lines = await self.pool.fetch(_ORDER, order_id, cart_id, arguments["email"], address)
        return orjson.dumps({"id": str(order_id), "lines": [dict(line) for line in lines]})

    async def _buy(self, _rest: str, _query: Mapping[str, str], _body: bytes) -> bytes:
        return _rows(await self.pool.fetch(_BUY, uuid4(), os.urandom(32)))

    async def _log_in(self, _rest: str, _query: Mapping[str, str], _body: bytes) -> bytes:
        matched = await asyncio.get_running_loop().run_in_executor(None, bcrypt.checkpw, _PASSWORD, self._hash)
        return orjson.dumps({"matched": matched})


async def _nothing_to_reset(_connection: object) -> None:
    """Skip the round trip that resets a connection, which is never changed."""


def _rows(rows: list[asyncpg.Record]) -> bytes:
    return orjson.dumps({"data": [dict(row) for row in rows]})


def steps(words: tuple[str, ...], *, products: int) -> Mapping[str, Step]:
    """Return the same steps as the shop's, by the same names."""

    async def get(connection: Connection, target: str) -> None:
        await connection.send(request("GET", target), expect=200)

    async def fill_cart(connection: Connection, turn: int) -> str:
        item = {"slug": f"bench-piece-{turn % products}"}
        answer = await connection.send(request("POST", "/cart", body=item), expect=200)
        return str(answer.json()["id"])

    async def cart(connection: Connection, turn: int) -> None:
        await fill_cart(connection, turn)

    async def order(connection: Connection, turn: int) -> None:
        cart_id = await fill_cart(connection, turn)
        body = {"email": f"buyer-{turn}@example.com", "shipping_address": {"name": "Ada Byron", "city": "London"}}
        await connection.send(request("POST", f"/order/{cart_id}", body=body), expect=200)

    async def buy(connection: Connection, turn: int) -> None:
        body = {"quantity": 1, "email": f"buyer-{turn}@example.com"}
        await connection.send(request("POST", "/buy", body=body), expect=200)

    return {
        "list of 24, uncached": lambda connection, turn: get(connection, f"/list?max_price={10**9 + turn}"),
        "list of 24, cached": lambda connection, _turn: get(connection, "/cached"),
        "detail": lambda connection, turn: get(connection, f"/detail/bench-piece-{turn % products}"),
        "search": lambda connection, turn: get(
            connection, f"/search?q={words[turn % len(words)]}&max_price={10**9 + turn}"
        ),
        "new cart and item": cart,
        "order placed and paid": order,
        "ticket bought and paid": buy,
        "log in": lambda connection, _turn: get(connection, "/login"),
    }


app = Baseline()
