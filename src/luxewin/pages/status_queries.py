"""The queries of the start page: few, and each limited, so that an open start page never slows a shop down.

Data that the system role may read is read for all tenants at once; other data with the application role, per tenant.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

LARGEST_COUNT = 100_000
"""Counting stops here: the true count may be larger."""


async def server_version(connection: Any) -> str:
    """Return the version of PostgreSQL, such as `18.6`."""
    version: str = await connection.fetchval("SHOW server_version")
    return version.partition(" ")[0]


async def held_locks(connection: Any, locks: Collection[int]) -> set[int]:
    """Return the advisory locks among these that a session of this database holds."""
    rows = await connection.fetch(
        "SELECT l.objid::bigint AS lock FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND l.classid = 0 AND l.objsubid = 1"
        " AND l.granted AND l.objid::bigint = ANY($1::bigint[])",
        list(locks),
    )
    return {row["lock"] for row in rows}


async def event_and_order_counts(connection: Any, tenants: Sequence[Tenancy]) -> dict[UUID, Any]:
    """Return, for each tenant, the numbers of published, waiting and not yet handled events, and of today's orders.

    The event log has no gaps, so its last sequence number is its length.
    """
    rows = await connection.fetch(
        "SELECT t.id, coalesce(head.sequence, 0) AS published, head.published_at AS last_published_at,"
        " (SELECT count(*) FROM (SELECT FROM kit_outbox o WHERE o.tenant_id = t.id LIMIT $3) AS o) AS waiting,"
        " coalesce(head.sequence, 0) - coalesce((SELECT min(p.sequence) FROM kit_positions p"
        " WHERE p.tenant_id = t.id), head.sequence, 0) AS behind, orders.placed, orders.paid"
        " FROM unnest($1::uuid[], $2::interval[]) AS t(id, clock_offset)"
        " LEFT JOIN LATERAL (SELECT l.sequence, l.published_at FROM kit_event_log l WHERE l.tenant_id = t.id"
        " ORDER BY l.sequence DESC LIMIT 1) AS head ON true"
        " CROSS JOIN LATERAL (SELECT count(*) AS placed, count(*) FILTER (WHERE o.status IN"
        " ('paid', 'part_fulfilled', 'fulfilled', 'completed')) AS paid FROM (SELECT o.status FROM orders_v_orders o"
        " WHERE o.tenant_id = t.id AND o.placed_at >= date_trunc('day', now() + t.clock_offset) LIMIT $3) AS o"
        ") AS orders",
        [tenant.id for tenant in tenants],
        [tenant.clock_offset for tenant in tenants],
        LARGEST_COUNT,
    )
    return {row["id"]: row for row in rows}


async def product_and_cart_counts(tx: Transaction) -> Any:
    """Return the number of products that the tenant sells, and of carts that were ever created."""
    return await tx.fetchrow(
        "SELECT (SELECT count(*) FROM (SELECT FROM catalog_v_products p"
        " WHERE p.tenant_id = $1 AND p.status = 'active' AND p.vendor_status IS DISTINCT FROM 'suspended'"
        " LIMIT $2) AS p) AS products,"
        " (SELECT count(*) FROM (SELECT FROM cart_v_carts c WHERE c.tenant_id = $1 LIMIT $2) AS c) AS carts",
        tx.tenant_id,
        LARGEST_COUNT,
    )


async def newest_products(tx: Transaction, *, limit: int) -> list[Any]:
    """Return the newest products for sale, each with its first variant that is in stock, if there is one."""
    rows: list[Any] = await tx.fetch(
        "SELECT p.slug, p.name, p.category_slug, p.images, p.price_minor, p.currency, v.id AS variant_id"
        " FROM catalog_v_products p LEFT JOIN LATERAL (SELECT v.id FROM catalog_v_variants v"
        " JOIN inventory_v_availability a ON a.tenant_id = v.tenant_id AND a.variant_id = v.id"
        " WHERE v.tenant_id = $1 AND v.product_id = p.id AND a.in_stock ORDER BY v.position LIMIT 1) AS v ON true"
        " WHERE p.tenant_id = $1 AND p.status = 'active' AND p.vendor_status IS DISTINCT FROM 'suspended'"
        " ORDER BY p.created_at DESC, p.id DESC LIMIT $2",
        tx.tenant_id,
        limit,
    )
    return rows
