"""No list of orders reads many rows of a shop with a hundred thousand orders, whatever its filters and its order."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.order_lists import Buyers, OrderQuery, OrderSort
from luxewin.modules.orders.domain.orders import OrderStatus
from tests.conftest import TestDatabase

ORDERS, PAGE, MOST_ROWS = 100_000, 25, 2_100
USER, VENDOR = uuid4(), uuid4()
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = {"orders_orders", "orders_lines"}
FILL = f"""
    INSERT INTO orders_orders (tenant_id, id, number, user_id, email, email_key, status, payment_status, currency,
        subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor, shipping_method, shipping_address,
        placed_at, updated_at, version)
    SELECT $1::uuid, (lpad(to_hex(n), 12, '0') || '7000' || substr(md5(n || $1::uuid::text), 1, 16))::uuid,
        translate(upper(substr(md5(n::text), 1, 10)), '01', 'YZ'),
        CASE WHEN n % 5000 = 0 THEN $2::uuid WHEN n % 2 = 0 THEN md5('u' || n % 5000)::uuid END,
        CASE WHEN n % 2 = 1 THEN 'a' || n % 5001 || '@example.com' END,
        CASE WHEN n % 2 = 1 THEN 'a' || n % 5001 || '@example.com' END,
        CASE WHEN n % 60 = 0 THEN 'cancelled' WHEN n % 61 = 0 THEN 'expired' ELSE 'paid' END,
        CASE WHEN n < 10 THEN 'disputed' WHEN n % 60 = 0 THEN 'refunded' WHEN n % 61 = 0 THEN 'unpaid' ELSE 'paid' END,
        'USD', n % 9973, 0, 0, 0, n % 9973, 'standard', '{{}}', $3::timestamptz + n * interval '1 minute', now(), 1
    FROM generate_series(1, {ORDERS}) AS n
"""
FILL_LINES = """
    INSERT INTO orders_lines (tenant_id, id, order_id, position, kind, variant_id, product_id, product_slug, name,
        options, vendor_id, quantity, unit_price_minor, total_minor, tax_minor)
    SELECT tenant_id, id, id, 1, 'goods', id, id, 'p', 'P', '{}', CASE WHEN total_minor % 5 = 0 THEN $2::uuid
        ELSE md5('v' || total_minor % 5)::uuid END, 1, total_minor, total_minor, 0
    FROM orders_orders WHERE tenant_id = $1
"""
HOUR = {"placed_from": FIRST + timedelta(hours=8), "placed_to": FIRST + timedelta(hours=9)}
FILTERS: dict[str, tuple[dict[str, Any], set[str]]] = {
    "all": ({}, {"placed", "total", "number"}),
    "of an account": ({"user_id": USER}, {"user"}),
    "in a rare state": ({"status": OrderStatus.CANCELLED}, {"status"}),
    "in a state that no order has": ({"status": OrderStatus.FULFILLED}, {"status"}),
    "in a frequent state": ({"status": OrderStatus.PAID}, {"status", "total", "number"}),
    "paid": ({"payment_status": "paid"}, {"payment_status", "total", "number"}),
    "disputed": ({"payment_status": "disputed"}, {"payment_status"}),
    "disputed, of early days": ({"payment_status": "disputed", "placed_to": HOUR["placed_to"]}, {"payment_status"}),
    "cancelled, but paid": ({"status": OrderStatus.CANCELLED, "payment_status": "paid"}, {"status"}),
    "paid, but refunded": ({"status": OrderStatus.PAID, "payment_status": "refunded"}, {"status", "payment_status"}),
    "of a number": ({"number": "0123456789"}, {"number"}),
    "of the beginning of a number": ({"number": "AB"}, {"number"}),
    "of a guest": ({"buyers": Buyers("a15@example.com", None)}, {"email", "user"}),
    "of a guest with an account": ({"buyers": Buyers("a15@example.com", USER)}, {"email", "user"}),
    "of nobody": ({"buyers": Buyers("nobody@example.com", None)}, {"email", "user"}),
    "of an hour": (HOUR, {"placed"}),
    "of the first hours": ({"placed_to": HOUR["placed_to"]}, {"placed"}),
    "since the first hours": ({"placed_from": HOUR["placed_to"]}, {"placed", "total", "number"}),
}
"""Filters by name, with the indexes of orders that their lists may use."""


class ExplainingConnection:
    """A connection that runs each statement with the plan that it has for all values, and notes what it read."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.rows: dict[str, int] = {}

    async def fetch(self, sql: str, *parameters: Any) -> Any:
        """Fetch the rows of a statement."""
        name = f"explained_{new_id().hex}"
        await self._connection.execute(f"PREPARE {name} AS {sql}")
        values = ", ".join(map(literal, parameters))
        plan = await self._connection.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {name}({values})")
        parsed = orjson.loads(plan) if isinstance(plan, str) else plan
        for index, rows in read_rows(parsed[0]["Plan"]):
            self.rows[index] = self.rows.get(index, 0) + rows
        return await self._connection.fetch(sql, *parameters)


def literal(value: Any) -> str:
    """Return a value as a literal of SQL; the type follows from where it is used."""
    if isinstance(value, list):
        return f"'{{{','.join(map(str, value))}}}'"
    return str(value) if isinstance(value, int) else f"'{value}'"


def read_rows(plan: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """Yield the indexes of a plan with the number of rows that it read by each, also those that it threw away."""
    removed = plan.get("Rows Removed by Filter", 0) + plan.get("Rows Removed by Index Recheck", 0)
    if plan.get("Relation Name") in LARGE or "Index Name" in plan:
        name = plan.get("Index Name", plan["Node Type"])
        yield name, round((plan["Actual Rows"] + removed) * plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from read_rows(part)


def used(rows: dict[str, int]) -> set[str]:
    """Return the short names of the indexes of orders that were used to find orders."""
    names = {name for name in rows if name.startswith("orders_orders_")}
    return {name.removeprefix("orders_orders_").removesuffix("_idx") for name in names - {"orders_orders_pkey"}}


Explain = Callable[[Callable[[Transaction], Awaitable[Any]]], Awaitable[dict[str, int]]]


@pytest.fixture(scope="module")
def large_tenant() -> Tenancy:
    """The tenant of a large shop, for all tests of this file."""
    return Tenancy(id=new_id(), slug=f"large-{uuid4().hex[:10]}", currency="USD")


@pytest.fixture(scope="module")
async def explain(database: Database, large_tenant: Tenancy, test_database: TestDatabase) -> AsyncIterator[Explain]:
    """A function that returns how many rows a query of a large shop reads by each index."""
    await test_database.as_owner(FILL, large_tenant.id, USER, FIRST)
    await test_database.as_owner(FILL_LINES, large_tenant.id, VENDOR)
    await test_database.as_owner("ANALYZE orders_orders, orders_lines")

    @asynccontextmanager
    async def opened() -> AsyncIterator[Any]:
        async with database.app.acquire() as connection, connection.transaction():
            await connection.execute(f"SET LOCAL app.tenant_id = '{large_tenant.id}'")
            yield connection

    async def explained(query: Callable[[Transaction], Awaitable[Any]]) -> dict[str, int]:
        async with opened() as connection:
            explaining = ExplainingConnection(connection)
            await query(Transaction(explaining, tenant_id=large_tenant.id, principal=SYSTEM))
        return {name.replace("tenant_id_number_key", "number_idx"): rows for name, rows in explaining.rows.items()}

    yield explained
    for table in ("orders_lines", "orders_orders"):
        await test_database.as_owner(f"DELETE FROM {table} WHERE tenant_id = $1", large_tenant.id)


async def test_no_list_of_orders_reads_many_rows(explain: Explain) -> None:
    after = {"placed_at": HOUR["placed_from"], "total": 5_000, "number": "C"}
    found = []
    for (name, (filters, indexes)), sort, is_next in product(FILTERS.items(), OrderSort, (False, True)):
        query = OrderQuery(sort=sort, **filters)
        position = (after[sort.value_name], new_id()) if is_next else None
        rows = await explain(lambda tx, q=query, p=position: repository.page(tx, q, after=p, limit=PAGE))  # type: ignore[misc]  # the defaults bind the values of this iteration
        if max(rows.values()) > MOST_ROWS or not used(rows) <= indexes:
            found.append(f"orders {name}, sorted by {sort}, next page: {is_next}: {rows}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("status", [None, OrderStatus.CANCELLED, OrderStatus.FULFILLED, OrderStatus.PAID])
async def test_no_list_of_a_vendors_orders_reads_many_rows(explain: Explain, status: OrderStatus | None) -> None:
    middle = UUID(f"{ORDERS // 2:012x}7000{'0' * 16}")
    for before in (None, middle):
        rows = await explain(
            lambda tx, b=before: repository.vendor_page(tx, VENDOR, status=status, before=b, limit=PAGE)  # type: ignore[misc]  # as above
        )
        assert max(rows.values()) <= MOST_ROWS, rows


async def test_a_query_that_reads_many_rows_is_detected(explain: Explain, large_tenant: Tenancy) -> None:
    sql = "SELECT id FROM orders_orders WHERE tenant_id = $1 AND note = 'x' ORDER BY placed_at DESC LIMIT 25"
    rows = await explain(lambda tx: tx.fetch(sql, large_tenant.id))
    assert max(rows.values()) >= ORDERS
