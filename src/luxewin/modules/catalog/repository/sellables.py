"""What orders and carts ask: what a variant is, and what it costs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction


async def sellable_rows(tx: Transaction, variant_ids: Sequence[UUID]) -> list[Any]:
    """Return a row for each of these variants whose product is active."""
    return await tx.fetch(
        "SELECT x.id AS variant_id, x.product_id, p.slug AS product_slug, p.name, x.sku, x.options, x.price_minor,"
        " x.currency, p.vendor_id, x.requires_shipping, x.taxable, x.weight_grams,"
        " coalesce(x.image_url, p.images -> 0 ->> 'url') AS image_url"
        " FROM catalog_variants x JOIN catalog_products p ON p.tenant_id = x.tenant_id AND p.id = x.product_id"
        " WHERE x.tenant_id = $1 AND x.id = ANY($2::uuid[]) AND x.deleted_at IS NULL AND p.status = 'active'",
        tx.tenant_id,
        variant_ids,
    )


async def variants_of_active(tx: Transaction, product_id: UUID) -> list[UUID]:
    """Return the variants of an active product, at most two of them; none where there is no such product."""
    rows = await tx.fetch(
        "SELECT x.id FROM catalog_products p"
        " JOIN catalog_variants x ON x.tenant_id = p.tenant_id AND x.product_id = p.id AND x.deleted_at IS NULL"
        " WHERE p.tenant_id = $1 AND p.id = $2 AND p.status = 'active' ORDER BY x.position LIMIT 2",
        tx.tenant_id,
        product_id,
    )
    return [row["id"] for row in rows]
