"""Every list of orders reads few rows of a shop with many orders, with the application's role."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.order_lists import Buyers, OrderQuery, OrderSort
from luxewin.modules.orders.domain.orders import OrderStatus
from tests.workflows.market import Market

ORDERS = 20_000
LIMIT = 25
MOST_ROWS = 400
SOME_TIME = datetime(2026, 6, 1, tzinfo=UTC)
BUYER, VENDOR = UUID(int=7), UUID(int=9)
FILL = f"""
    INSERT INTO orders_orders (tenant_id, id, number, user_id, email, email_key, status, payment_status, currency,
        subtotal_minor, discount_minor, shipping_minor, tax_minor, total_minor, shipping_method, shipping_address,
        placed_at, updated_at, version)
    SELECT $1, ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, upper(substr(md5(n::text), 1, 10)),
        CASE WHEN n % 500 = 0 THEN $2::uuid END, n || '@example.com', n || '@example.com',
        CASE WHEN n % 1000 = 0 THEN 'cancelled' ELSE 'paid' END, CASE WHEN n % 1000 = 0 THEN 'disputed' ELSE 'paid' END,
        'USD', n, 0, 0, 0, n, 'standard', '{{}}', '2026-01-01'::timestamptz + n * interval '10 minutes', now(), 1
    FROM generate_series(1, {ORDERS}) AS n;
    INSERT INTO orders_lines (tenant_id, id, order_id, position, kind, variant_id, product_id, product_slug, name,
        options, vendor_id, quantity, unit_price_minor, total_minor, tax_minor)
    SELECT tenant_id, md5('l' || id)::uuid, id, 1, 'goods', id, id, 'lamp', 'Lamp', '{{}}',
        CASE WHEN total_minor % 100 = 0 THEN $3::uuid END, 1, total_minor, total_minor, 0
    FROM orders_orders WHERE tenant_id = $1
"""
QUERIES = {
    "all": OrderQuery(),
    "of a user": OrderQuery(user_id=BUYER),
    "in a state": OrderQuery(status=OrderStatus.CANCELLED),
    "by payment status": OrderQuery(payment_status="disputed"),
    "by the beginning of a number": OrderQuery(number="C4CA4"),
    "of an address": OrderQuery(buyers=Buyers("77@example.com", BUYER)),
    "of nobody": OrderQuery(buyers=Buyers("nobody@example.com", None)),
    "in a period": OrderQuery(placed_from=SOME_TIME - timedelta(days=1), placed_to=SOME_TIME),
    **{f"sorted by {sort}": OrderQuery(sort=sort) for sort in OrderSort},
}


class Explained(Transaction):
    """A transaction that counts the rows which its last query read from tables."""

    rows_read: float = 0

    async def fetch(self, sql: str, *parameters: Any) -> Any:
        plan = await super().fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", *parameters)
        self.rows_read = sum(rows_of(orjson.loads(plan) if isinstance(plan, str) else plan))
        return await super().fetch(sql, *parameters)


def rows_of(plan: Any) -> Iterator[float]:
    for node in plan if isinstance(plan, list) else [plan]:
        inner = node.get("Plan", node)
        if "Relation Name" in inner:
            removed = inner.get("Rows Removed by Filter", 0) + inner.get("Rows Removed by Index Recheck", 0)
            yield (inner["Actual Rows"] + removed) * inner["Actual Loops"]
        for child in inner.get("Plans", ()):
            yield from rows_of(child)


@pytest.fixture
async def large(market: Market) -> AsyncIterator[Market]:
    """A shop with orders that nobody paid; they are removed at the end, because they violate invariants."""
    for statement in FILL.split(";"):
        literal = statement
        for number, value in enumerate((market.tenant.id, BUYER, VENDOR), 1):
            literal = literal.replace(f"${number}", f"'{value}'")
        await market.as_owner(literal)
    await market.as_owner("ANALYZE orders_orders, orders_lines")
    yield market
    for table in ("orders_lines", "orders_orders"):
        await market.as_owner(f"DELETE FROM {table} WHERE tenant_id = $1", market.tenant.id)


async def test_every_list_of_orders_reads_few_rows(large: Market) -> None:
    read: dict[str, float] = {}
    async with large.database.begin(large.tenant, large.staff.principal) as tx:
        explained = Explained(tx.connection, tenant_id=large.tenant.id, principal=large.staff.principal)
        for name, query in QUERIES.items():
            orders = await repository.page(explained, query, after=None, limit=LIMIT)
            read[name] = explained.rows_read
            if len(orders) == LIMIT:
                after = query.sort.position_of(orders[-1])
                await repository.page(explained, query, after=after, limit=LIMIT)
                read[f"{name}, next page"] = explained.rows_read
        await repository.vendor_page(explained, VENDOR, status=None, before=None, limit=LIMIT)
        read["of a vendor"] = explained.rows_read
    assert {name: rows for name, rows in read.items() if rows > MOST_ROWS} == {}
