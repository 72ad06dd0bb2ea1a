"""From filters to conditions, and to the small set of products from which a page is best picked.

The planner cannot know how many products a parameter stands for, and at 100,000 products a wrong guess costs a hundred
times the right plan. So the few products of a small category or a rare tag are counted (up to a bound) and taken as the
start; otherwise the list's own index is walked in order and each product checked, which finds a page soon because many
match. `OFFSET 0` keeps the planner from turning either into the other.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import Filters
from luxewin.modules.storefront.repository.statement import Parameters, as_id

FEW_PRODUCTS = 2000
FOR_SALE = "p.tenant_id = $1 AND p.status = 'active'"


@dataclass(frozen=True, slots=True)
class Found:
    """What filters stand for in this catalogue: ids instead of slugs, and how many products each of them leaves.

    `categories` and `tags` map to the number of products, counted up to a bound.
    """

    categories: dict[UUID, int]
    tags: dict[str, int]

    @property
    def nothing(self) -> bool:
        """Whether a filter leaves no product at all."""
        return 0 in self.categories.values() or 0 in self.tags.values()


async def look_up(tx: Transaction, filters: Filters) -> Found | None:
    """Find the category and count what each filter leaves, or return None where the category does not exist."""
    if filters.category is None and not filters.tags:
        return Found({}, {})
    category_id = None if filters.category is None else as_id(filters.category)
    rows = await tx.fetch(_LOOK_UP, tx.tenant_id, list(filters.tags), filters.category, category_id, FEW_PRODUCTS + 1)
    categories = {row["category_id"]: row["members"] for row in rows if row["category_id"] is not None}
    if filters.category is not None and not categories:
        return None
    return Found(categories, {row["tag_key"]: row["members"] for row in rows if row["tag_key"] is not None})


_LOOK_UP = (
    "SELECT c.id AS category_id, NULL AS tag_key, (SELECT count(*) FROM (SELECT FROM catalog_v_product_categories m"
    " WHERE m.tenant_id = $1 AND m.category_id = c.id LIMIT $5) AS counted) AS members"
    " FROM catalog_v_categories c WHERE c.tenant_id = $1 AND (c.id = $4 OR ($4::uuid IS NULL AND c.slug = $3))"
    " UNION ALL"
    " SELECT NULL, t.key, (SELECT count(*) FROM (SELECT FROM catalog_v_product_tags m"
    " WHERE m.tenant_id = $1 AND m.tag_key = t.key LIMIT $5) AS counted) FROM unnest($2::text[]) AS t(key)"
)


def few(found: Found, parameters: Parameters) -> str | None:
    """Return the query of the smallest set of products that a filter leaves, if it is small enough to start from."""
    sizes: list[tuple[int, str, Any]] = [
        *((size, _IN_CATEGORY, category_id) for category_id, size in found.categories.items()),
        *((size, _WITH_TAG, tag_key) for tag_key, size in found.tags.items()),
    ]
    size, query, value = min(sizes, key=lambda candidate: candidate[0], default=(FEW_PRODUCTS + 1, "", None))
    return query.format(parameters.bind(value)) if size <= FEW_PRODUCTS else None


_IN_CATEGORY = "SELECT m.product_id FROM catalog_v_product_categories m WHERE m.tenant_id = $1 AND m.category_id = {}"
_WITH_TAG = "SELECT m.product_id FROM catalog_v_product_tags m WHERE m.tenant_id = $1 AND m.tag_key = {}"


def conditions(filters: Filters, found: Found, parameters: Parameters) -> list[str]:
    """Return what a product `p` must meet to be shown."""
    met = [FOR_SALE]
    met += [_has(_IN_CATEGORY, parameters.bind(category_id)) for category_id in found.categories]
    met += [_has(_WITH_TAG, parameters.bind(tag_key)) for tag_key in found.tags]
    if filters.min_price_minor is not None:
        met.append(f"p.price_minor >= {parameters.bind(filters.min_price_minor)}")
    if filters.max_price_minor is not None:
        met.append(f"p.price_minor <= {parameters.bind(filters.max_price_minor)}")
    if filters.vendor is not None:
        met.append(_vendor(filters.vendor, parameters))
    if filters.in_stock is not None:
        met.append(f"{_IN_STOCK} = {parameters.bind(filters.in_stock)}")
    return met


def _has(members: str, value: str) -> str:
    return f"EXISTS ({members.format(value)} AND m.product_id = p.id OFFSET 0)"


def _vendor(vendor: str, parameters: Parameters) -> str:
    vendor_id = as_id(vendor)
    if vendor_id is not None:
        return f"p.vendor_id = {parameters.bind(vendor_id)}"
    return (
        "p.vendor_id = (SELECT d.id FROM vendors_v_vendors d"
        f" WHERE d.tenant_id = $1 AND d.slug = {parameters.bind(vendor)})"
    )


_IN_STOCK = (
    "coalesce((SELECT bool_or(coalesce(a.in_stock, true)) FROM catalog_v_variants s"
    " LEFT JOIN inventory_v_availability a ON a.tenant_id = s.tenant_id AND a.variant_id = s.id"
    " WHERE s.tenant_id = $1 AND s.product_id = p.id), false)"
)
