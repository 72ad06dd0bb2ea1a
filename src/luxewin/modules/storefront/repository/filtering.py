"""From filters to conditions, and to the small set of products from which a page is best picked.

The planner cannot know how many products a parameter stands for, and at 100,000 products a wrong guess costs a hundred
times the right plan. So the few products of a small category, of a rare tag, of a narrow price or that are sold out are
counted (up to a bound) and taken as the start; otherwise the list's own index is walked in order and each product
checked, which finds a page soon because many match. `OFFSET 0` keeps the planner from turning either into the other.

Every shape of a statement stays prepared in every connection, and is planned once, so shapes are kept few: values never
change them. For the same reason the bounds of a price are hidden from the planner, in `coalesce`, unless the list is
sorted by price: it would take any two bounds for a narrow range, and fetch and sort the whole catalogue where all of it
lies between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from luxewin.kit.money import LARGEST_AMOUNT_MINOR
from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import Filters
from luxewin.modules.storefront.repository.statement import Parameters, as_id

FEW_PRODUCTS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What filters stand for in this catalogue; sizes are numbers of products, counted up to a bound."""

    category_id: UUID | None = None
    category_size: int = 0
    vendor_id: UUID | None = None
    price_size: int = FEW_PRODUCTS + 1
    sold_out_size: int = FEW_PRODUCTS + 1
    tag_sizes: dict[str, int]


async def look_up(tx: Transaction, filters: Filters) -> Found | None:
    """Find what the filters name, or return None where one of them leaves no product at all."""
    if filters.category is None and filters.vendor is None and not filters.tags:
        return Found(tag_sizes={})
    category, vendor = filters.category or "", filters.vendor or ""
    rows = await tx.fetch(
        _LOOK_UP,
        tx.tenant_id,
        FEW_PRODUCTS + 1,
        *(category, as_id(category)),
        *(vendor, as_id(vendor)),
        list(filters.tags),
    )
    sizes = {row["kind"]: row["size"] for row in rows}
    ids = {row["kind"]: row["id"] for row in rows}
    tag_sizes = {row["tag_key"]: row["size"] for row in rows if row["kind"] == "tag"}
    lost_category = filters.category is not None and not sizes.get("category")
    lost_vendor = filters.vendor is not None and "vendor" not in ids
    if lost_category or lost_vendor or 0 in tag_sizes.values():
        return None
    return Found(
        category_id=ids.get("category"),
        category_size=sizes.get("category", 0),
        vendor_id=ids.get("vendor"),
        tag_sizes=tag_sizes,
    )


_CATEGORY = (
    "SELECT 'category' AS kind, c.id, NULL AS tag_key,"
    " (SELECT count(*) FROM (SELECT FROM catalog_v_product_categories m"
    " WHERE m.tenant_id = $1 AND m.category_id = c.id LIMIT $2) AS counted) AS size"
    " FROM catalog_v_categories c WHERE c.tenant_id = $1 AND "
)
_VENDOR = "SELECT 'vendor', d.id, NULL, 1 FROM vendors_v_vendors d WHERE d.tenant_id = $1 AND "
_TAGS = (
    "SELECT 'tag', NULL, t.key, (SELECT count(*) FROM (SELECT FROM catalog_v_product_tags m"
    " WHERE m.tenant_id = $1 AND m.tag_key = t.key LIMIT $2) AS counted) FROM unnest($7::text[]) AS t(key)"
)
_LOOK_UP = " UNION ALL ".join(
    (f"{_CATEGORY} c.slug = $3", f"{_CATEGORY} c.id = $4", f"{_VENDOR} d.slug = $5", f"{_VENDOR} d.id = $6", _TAGS)
)


def few(filters: Filters, found: Found, parameters: Parameters) -> str | None:
    """Return the query of the smallest set of products that a filter leaves, if it is small enough to start from."""
    rarest = min(found.tag_sizes, key=found.tag_sizes.__getitem__, default=None)
    sizes: list[tuple[int, str, Sequence[Any]]] = [
        (found.price_size, _PRICED, price_bounds(filters)),
        (found.sold_out_size, _SOLD_OUT, ()),
    ]
    if found.category_id is not None:
        sizes.append((found.category_size, f"{_IN_CATEGORY}{{}}", [found.category_id]))
    if rarest is not None:
        sizes.append((found.tag_sizes[rarest], f"{_WITH_TAG}{{}}", [rarest]))
    size, members, values = min(sizes, key=lambda candidate: candidate[0])
    return members.format(*map(parameters.bind, values)) if size <= FEW_PRODUCTS else None


_IN_CATEGORY = "SELECT m.product_id FROM catalog_v_product_categories m WHERE m.tenant_id = $1 AND m.category_id = "
_WITH_TAG = "SELECT m.product_id FROM catalog_v_product_tags m WHERE m.tenant_id = $1 AND m.tag_key = "


_PRICED = (
    "SELECT m.id AS product_id FROM catalog_v_products m WHERE m.tenant_id = $1 AND m.status = 'active'"
    " AND m.price_minor >= {} AND m.price_minor <= {}"
)
_VARIANTS_SOLD_OUT = "FROM inventory_v_availability a WHERE a.tenant_id = $1 AND NOT a.in_stock"
_SOLD_OUT = (
    "SELECT DISTINCT v.product_id FROM"
    f" (SELECT a.variant_id {_VARIANTS_SOLD_OUT} LIMIT {2 * FEW_PRODUCTS}) AS s CROSS JOIN LATERAL"
    " (SELECT v.product_id FROM catalog_v_variants v WHERE v.tenant_id = $1 AND v.id = s.variant_id OFFSET 0) AS v"
)
"""Every product has a variant, so one that is sold out has a variant that is. Twice as many may be as were counted."""


def has_price_bounds(filters: Filters) -> bool:
    """Tell whether only products of some prices are wanted."""
    return filters.min_price_minor is not None or filters.max_price_minor is not None


def price_bounds(filters: Filters) -> tuple[int, int]:
    """Return the lowest and the highest price wanted."""
    most = LARGEST_AMOUNT_MINOR if filters.max_price_minor is None else filters.max_price_minor
    return filters.min_price_minor or 0, most


def may_leave_few(filters: Filters, *, by_price: bool) -> bool:
    """Tell whether the filters may leave few; `by_price`, bounds of the price do not, for an index has them."""
    return filters.in_stock is False or (has_price_bounds(filters) and not by_price)


async def with_sizes(tx: Transaction, filters: Filters, found: Found) -> Found:
    """Count, up to a bound, the products between the price bounds and the variants sold out, where asked for."""
    if has_price_bounds(filters):
        parameters = Parameters(tx.tenant_id)
        priced = _PRICED.format(*map(parameters.bind, price_bounds(filters)))
        found = replace(found, price_size=await _counted(tx, priced, parameters))
    if filters.in_stock is False:
        sold_out = f"SELECT {_VARIANTS_SOLD_OUT}"
        found = replace(found, sold_out_size=await _counted(tx, sold_out, Parameters(tx.tenant_id)))
    return found


async def _counted(tx: Transaction, members: str, parameters: Parameters) -> int:
    sql = f"SELECT count(*) FROM ({members} LIMIT {FEW_PRODUCTS + 1}) AS counted"
    size: int = await tx.fetchval(sql, *parameters.values)
    return size


def conditions(filters: Filters, found: Found, parameters: Parameters, *, by_price: bool = False) -> str:
    """Return what a product `p` must meet to be shown; `by_price` where the index of prices is walked."""
    met = ["p.tenant_id = $1 AND p.status = 'active'"]
    if found.category_id is not None:
        met.append(f"EXISTS ({_IN_CATEGORY}{parameters.bind(found.category_id)} AND m.product_id = p.id OFFSET 0)")
    if found.tag_sizes:
        tags, number = parameters.bind(list(found.tag_sizes)), parameters.bind(len(found.tag_sizes))
        met.append(f"(SELECT count(*) {_OF_TAGS} m.tag_key = ANY ({tags}::text[])) = {number}")
    if has_price_bounds(filters):
        least, most = map(parameters.bind, price_bounds(filters))
        priced = f"p.price_minor >= {least} AND p.price_minor <= {most}"
        met.append(priced if by_price else f"coalesce({priced}, false)")
    if found.vendor_id is not None:
        met.append(f"p.vendor_id = {parameters.bind(found.vendor_id)}")
    if filters.in_stock is not None:
        met.append(f"{_IN_STOCK} = {parameters.bind(filters.in_stock)}")
    return " AND ".join(met)


_OF_TAGS = "FROM catalog_v_product_tags m WHERE m.tenant_id = $1 AND m.product_id = p.id AND"
_IN_STOCK = (
    "coalesce((SELECT bool_or(coalesce(a.in_stock, true)) FROM catalog_v_variants s"
    " LEFT JOIN inventory_v_availability a ON a.tenant_id = s.tenant_id AND a.variant_id = s.id"
    " WHERE s.tenant_id = $1 AND s.product_id = p.id), false)"
)
