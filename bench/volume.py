"""Fill a shop by copying rows that the program has written, in bulk, with all invariants kept.

The id of a copy is derived from the id of the original and the number of the copy, and so are references to it. What
the program does after a commit (numbering events, sealing) is left to the program.
"""

from collections.abc import Mapping
from typing import Any

from bench.shop import LINE

_NAMED = (
    "regexp_replace(r.{column}, 'line\\d+ piece \\d+$',"
    f" 'line' || lpad((n / {LINE})::text, 4, '0') || ' piece ' || n)"
)
_COPY = "md5(r.{column}::text || ' ' || n)::uuid"
_AT_ONCE = 5000
_BASE_PRODUCTS = 1000

_RECEIVED = (
    "(SELECT sum(m.delta) FROM inventory_movements m"
    " WHERE m.tenant_id = r.tenant_id AND m.variant_id = r.variant_id AND m.kind = 'received')"
)
_PRODUCT_OF = "CROSS JOIN generate_series($1::int, $2::int) AS n JOIN bench_base b ON b.place = n % {base} AND "
_PRODUCTS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "catalog_products": (
        "b.product_id = r.id",
        {
            "id": _COPY.format(column="id"),
            "slug": "'bench-piece-' || n",
            "name": _NAMED.format(column="name"),
            "sort_name": _NAMED.format(column="sort_name"),
            "created_at": "r.created_at - n * interval '1 second'",
        },
    ),
    "catalog_variants": (
        "b.variant_id = r.id",
        {"id": _COPY.format(column="id"), "product_id": _COPY.format(column="product_id"), "sku": "NULL"},
    ),
    "catalog_product_categories": ("b.product_id = r.product_id", {"product_id": _COPY.format(column="product_id")}),
    "catalog_product_tags": ("b.product_id = r.product_id", {"product_id": _COPY.format(column="product_id")}),
    "inventory_variants": ("b.variant_id = r.variant_id", {"variant_id": _COPY.format(column="variant_id")}),
    "inventory_stock": (
        "b.variant_id = r.variant_id",
        {"variant_id": _COPY.format(column="variant_id"), "on_hand": _RECEIVED, "reserved": "0"},
    ),
    "inventory_movements": (
        "b.variant_id = r.variant_id AND r.kind = 'received'",
        {"id": _COPY.format(column="id"), "variant_id": _COPY.format(column="variant_id")},
    ),
    "storefront_search": (
        "b.product_id = r.product_id",
        {
            "product_id": _COPY.format(column="product_id"),
            "title": _NAMED.format(column="title"),
            "title_words": _NAMED.format(column="title_words"),
            "document": f"ts_delete(r.document, 'line' || lpad((b.place / {LINE})::text, 4, '0'))"
            f" || setweight(to_tsvector('simple', 'line' || lpad((n / {LINE})::text, 4, '0')), 'A')",
        },
    ),
}
_BASE = f"""
CREATE TEMP TABLE bench_base AS
SELECT substring(p.slug FROM '\\d+$')::int AS place, p.id AS product_id, v.id AS variant_id
FROM catalog_products p JOIN catalog_variants v ON v.tenant_id = p.tenant_id AND v.product_id = p.id
WHERE p.slug ~ '^bench-piece-\\d+$' AND substring(p.slug FROM '\\d+$')::int < {_BASE_PRODUCTS}
"""

_OF_ORDER = "CROSS JOIN generate_series($1::int, $2::int) AS n JOIN bench_orders o ON "
_HEX = "replace({}::text, '-', '')"
_OWN_REFERENCE = f"replace(r.reference, {_HEX.format('r.{0}')}, {_HEX.format(_COPY.replace('{column}', '{0}'))})"
_ORDERS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "orders_orders": (
        "o.id = r.id",
        {"id": _COPY.format(column="id"), "number": "'B' || upper(left(md5(r.id::text || n), 20))"},
    ),
    "orders_lines": (
        "o.id = r.order_id",
        {"id": _COPY.format(column="id"), "order_id": _COPY.format(column="order_id")},
    ),
    "orders_history": (
        "o.id = r.order_id",
        {"id": _COPY.format(column="id"), "order_id": _COPY.format(column="order_id")},
    ),
    "payments_attempts": (
        "o.id = r.order_id",
        {
            "id": _COPY.format(column="id"),
            "order_id": _COPY.format(column="order_id"),
            "reference": _OWN_REFERENCE.format("id"),
        },
    ),
    "payments_events": (
        "o.id = r.order_id",
        {
            "id": _COPY.format(column="id"),
            "order_id": _COPY.format(column="order_id"),
            "attempt_id": _COPY.format(column="attempt_id"),
            "reference": _OWN_REFERENCE.format("attempt_id"),
        },
    ),
    "simulator.charges": (
        "o.id = r.attempt_id",
        {"attempt_id": _COPY.format(column="attempt_id"), "reference": _OWN_REFERENCE.format("attempt_id")},
    ),
    "ledger_transfers": (
        "o.id = r.cause_id",
        {
            "id": _COPY.format(column="id"),
            "cause_id": _COPY.format(column="cause_id"),
            "seal_number": "NULL",
            "seal": "NULL",
        },
    ),
    "ledger_postings": (
        "r.transfer_id IN (SELECT t.id FROM ledger_transfers t WHERE t.tenant_id = r.tenant_id AND t.cause_id = o.id)",
        {"transfer_id": _COPY.format(column="transfer_id")},
    ),
    "inventory_reservations": (
        "o.id = r.owner_id",
        {"id": _COPY.format(column="id"), "owner_id": _COPY.format(column="owner_id")},
    ),
    "inventory_movements": (
        "o.id = r.cause_id",
        {"id": _COPY.format(column="id"), "cause_id": _COPY.format(column="cause_id")},
    ),
    "kit_audit": (
        "o.id::text = r.target",
        {
            "id": _COPY.format(column="id"),
            "target": _COPY.format(column="target") + "::text",
            "seal_number": "NULL",
            "seal": "NULL",
        },
    ),
    "kit_idempotency_keys": (
        "o.id = r.intent_id",
        {"key": "r.key || ' ' || n", "intent_id": _COPY.format(column="intent_id")},
    ),
}
_EVENTS = """
INSERT INTO kit_outbox (tenant_id, id, type, schema_version, aggregate_id, aggregate_version, occurred_at, stored_at,
    payload)
SELECT l.tenant_id, md5(l.id::text || ' ' || n)::uuid, l.type, l.schema_version,
    md5(l.aggregate_id::text || ' ' || n)::uuid, l.aggregate_version, l.occurred_at, l.published_at, l.payload
FROM kit_event_log l JOIN bench_orders o ON o.id = l.aggregate_id CROSS JOIN generate_series($1::int, $2::int) AS n
"""
_SOLD = """
UPDATE inventory_stock s SET on_hand = s.on_hand - sold.pieces FROM (
    SELECT l.tenant_id, l.variant_id, sum(l.quantity) * ($2::int - $1::int + 1) AS pieces
    FROM orders_lines l JOIN bench_orders o ON o.id = l.order_id GROUP BY 1, 2
) AS sold WHERE s.tenant_id = sold.tenant_id AND s.variant_id = sold.variant_id
"""


async def fill_products(admin: Any, *, existing: int, target: int) -> None:
    """Copy the imported products until there are `target`; the `existing` ones are numbered from 0."""
    await admin.execute(f"DROP TABLE IF EXISTS bench_base;{_BASE}")
    for first in range(existing, target, _AT_ONCE):
        last = min(first + _AT_ONCE, target) - 1
        async with admin.transaction():
            for table, (joined, changes) in _PRODUCTS.items():
                source = _PRODUCT_OF.format(base=_BASE_PRODUCTS) + joined
                await admin.execute(await _copying(admin, table, source, changes), first, last)
    await admin.execute("ANALYZE")


async def fill_orders(admin: Any, *, target: int) -> None:
    """Copy the existing paid orders until there are `target` more."""
    await admin.execute(
        "DROP TABLE IF EXISTS bench_orders;"
        "CREATE TEMP TABLE bench_orders AS SELECT id FROM orders_orders WHERE status = 'paid' LIMIT 100"
    )
    templates = await admin.fetchval("SELECT count(*) FROM bench_orders")
    copies, at_once = -(-target // templates), max(1, _AT_ONCE // templates)
    for first in range(1, copies + 1, at_once):
        last = min(first + at_once - 1, copies)
        async with admin.transaction():
            for table, (joined, changes) in _ORDERS.items():
                await admin.execute(await _copying(admin, table, _OF_ORDER + joined, changes), first, last)
            await admin.execute(_EVENTS, first, last)
            await admin.execute(_SOLD, first, last)
    await admin.execute("ANALYZE")


async def _copying(admin: Any, table: str, source: str, changes: Mapping[str, str]) -> str:
    """Return the statement that copies the rows `r` of a table, all columns unchanged except for `changes`."""
    columns = await admin.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped"
        " AND attgenerated = '' AND attidentity = '' ORDER BY attnum",
        table,
    )
    names = [row["attname"] for row in columns]
    values = [changes.get(name, f"r.{name}") for name in names]
    return f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(values)} FROM {table} AS r {source}"
