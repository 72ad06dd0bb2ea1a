"""Variants as carts and orders read them: their names, prices and availability."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction

IS_FOR_SALE = "{0}.status = 'active' AND {0}.vendor_status IS DISTINCT FROM 'suspended'"
"""The condition for a row of `catalog_v_products` to be for sale; `{0}` is its alias."""


async def sellable_rows(tx: Transaction, variant_ids: Sequence[UUID], product_id: UUID | None) -> list[Any]:
    """Return a row for each of these variants, and for at most two variants of this product, if they are for sale.

    Those of archived products, drafts and products of suspended vendors are not.

    `available` is the number of units that can be sold, null if stock is not tracked.
    """
    return await tx.fetch(
        "SELECT x.id AS variant_id, x.product_id, p.slug AS product_slug, p.name, x.sku, x.options, x.price_minor,"
        " x.currency, p.vendor_id, x.requires_shipping, x.taxable, x.weight_grams,"
        " coalesce(x.image_url, p.images -> 0 ->> 'url') AS image_url, a.available"
        " FROM (SELECT unnest($2::uuid[]) AS id UNION (SELECT v.id FROM catalog_variants v WHERE v.tenant_id = $1"
        " AND v.product_id = $3 AND v.deleted_at IS NULL ORDER BY v.position LIMIT 2)) AS wanted"
        " JOIN catalog_variants x ON x.tenant_id = $1 AND x.id = wanted.id AND x.deleted_at IS NULL"
        " JOIN catalog_products p ON p.tenant_id = $1 AND p.id = x.product_id AND p.status = 'active'"
        " LEFT JOIN vendors_v_vendors d ON d.tenant_id = $1 AND d.id = p.vendor_id"
        " LEFT JOIN inventory_v_availability a ON a.tenant_id = $1 AND a.variant_id = x.id"
        " WHERE d.status IS DISTINCT FROM 'suspended'",
        tx.tenant_id,
        variant_ids,
        product_id,
    )


async def of_suspended_vendors(tx: Transaction, variant_ids: Sequence[UUID]) -> set[UUID]:
    """Return which of these variants belong to active products of suspended vendors."""
    rows = await tx.fetch(
        "SELECT x.id FROM unnest($2::uuid[]) AS wanted(id)"
        " JOIN catalog_variants x ON x.tenant_id = $1 AND x.id = wanted.id AND x.deleted_at IS NULL"
        " JOIN catalog_products p ON p.tenant_id = $1 AND p.id = x.product_id AND p.status = 'active'"
        " JOIN vendors_v_vendors d ON d.tenant_id = $1 AND d.id = p.vendor_id AND d.status = 'suspended'",
        tx.tenant_id,
        variant_ids,
    )
    return {row["id"] for row in rows}


async def choices(tx: Transaction, product_id: UUID) -> list[Any]:
    """Return a row for each variant of a product, at most a hundred, in the order of the product."""
    return await tx.fetch(
        "SELECT id, sku, options, price_minor, currency FROM catalog_variants"
        " WHERE tenant_id = $1 AND product_id = $2 AND deleted_at IS NULL ORDER BY position LIMIT 100",
        tx.tenant_id,
        product_id,
    )
