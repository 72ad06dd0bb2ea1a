"""Conversion of filters to SQL conditions, and to a small set of candidates from which a page is selected.

The planner cannot know how many products a parameter selects, and with 100,000 products a wrong plan is a hundred times
slower than the right one. So the products of a small category, a rare tag or a narrow price range, or those out of
stock, are counted (up to a bound) and used as candidates if they are few; otherwise the index of the list is scanned in
order and each product is checked, which fills a page quickly because many match. `OFFSET 0` prevents the planner from
converting one form into the other.

Every statement text stays prepared in every connection, and is planned once, so there are few of them: values never
change them. For the same reason the bounds of a price are hidden from the planner, in `coalesce`, unless the list is
sorted by price: the planner assumes that any two bounds are a narrow range, and would fetch and sort the whole
catalogue if all prices are within them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from luxewin.kit.ids import id_of
from luxewin.kit.money import LARGEST_AMOUNT_MINOR
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import IS_FOR_SALE
from luxewin.modules.storefront.domain.listing import Filters, ListedStatus
from luxewin.modules.storefront.repository.statement import Parameters

MAX_CANDIDATES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedFilters:
    """The ids of the filters' values, and the number of products that each selects, counted up to a bound."""

    category_id: UUID | None = None
    category_size: int = 0
    collection_id: UUID | None = None
    collection_size: int = 0
    vendor_id: UUID | None = None
    price_size: int = MAX_CANDIDATES + 1
    out_of_stock_size: int = MAX_CANDIDATES + 1
    tag_sizes: dict[str, int]
    property_sizes: dict[str, int] = field(default_factory=dict)

    def selects_nothing(self, filters: Filters) -> bool:
        """Return whether a required tag, or every value of a required property, belongs to no product."""
        groups = [sum(self.property_sizes.get(key, 0) for key in group) for group in filters.properties]
        return 0 in self.tag_sizes.values() or 0 in groups


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A filter whose value does not exist."""

    filter: str
    value: str


async def resolve(tx: Transaction, filters: Filters) -> ResolvedFilters | UnknownValue:
    """Return the resolved filters, or the first value that does not exist; a tag without products does."""
    if not (filters.category or filters.collection or filters.vendor or filters.tags or filters.properties):
        return ResolvedFilters(tag_sizes={})
    category, collection, vendor = filters.category or "", filters.collection or "", filters.vendor or ""
    rows = await tx.fetch(
        _RESOLVE,
        tx.tenant_id,
        MAX_CANDIDATES + 1,
        *(category, id_of(category)),
        *(vendor, id_of(vendor)),
        list(filters.tags),
        *(collection, id_of(collection)),
        [key for group in filters.properties for key in group],
    )
    sizes = {row["kind"]: row["size"] for row in rows}
    ids = {row["kind"]: row["id"] for row in rows}
    tag_sizes = {row["tag_key"]: row["size"] for row in rows if row["kind"] == "tag"}
    property_sizes = {row["tag_key"]: row["size"] for row in rows if row["kind"] == "property"}
    for name, value in (("category", category), ("collection", collection), ("vendor", vendor)):
        if value and name not in ids:
            return UnknownValue(name, value)
    return ResolvedFilters(
        category_id=ids.get("category"),
        category_size=sizes.get("category", 0),
        collection_id=ids.get("collection"),
        collection_size=sizes.get("collection", 0),
        vendor_id=ids.get("vendor"),
        tag_sizes=tag_sizes,
        property_sizes=property_sizes,
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
_PROPERTIES = (
    "SELECT 'property', NULL, t.key, (SELECT count(*) FROM (SELECT FROM catalog_v_product_properties m"
    " WHERE m.tenant_id = $1 AND m.property_key = t.key LIMIT $2) AS counted) FROM unnest($10::text[]) AS t(key)"
)
_COLLECTION = (
    "SELECT 'collection', c.id, NULL, (SELECT count(*) FROM catalog_v_collection_products m"
    " WHERE m.tenant_id = $1 AND m.collection_id = c.id) FROM catalog_v_collections c WHERE c.tenant_id = $1 AND "
)
_RESOLVE = " UNION ALL ".join(
    (
        *(f"{_CATEGORY} c.slug = $3", f"{_CATEGORY} c.id = $4"),
        *(f"{_VENDOR} d.slug = $5", f"{_VENDOR} d.id = $6"),
        _TAGS,
        *(f"{_COLLECTION} c.slug = $8", f"{_COLLECTION} c.id = $9"),
        _PROPERTIES,
    )
)


def candidates(filters: Filters, resolved: ResolvedFilters, parameters: Parameters) -> str | None:
    """Return the query of the smallest set of products that a filter selects, if it is small enough to start from."""
    if filters.ids:
        return _WITH_ID.format(parameters.bind(list(filters.ids)))
    if filters.skus:
        return _WITH_SKU.format(parameters.bind(list(filters.skus)))
    rarest = min(resolved.tag_sizes, key=resolved.tag_sizes.__getitem__, default=None)
    sizes: list[tuple[int, str, Sequence[Any]]] = [
        (resolved.price_size, _PRICED, price_bounds(filters)),
        (resolved.out_of_stock_size, _OUT_OF_STOCK, ()),
    ]
    if resolved.category_id is not None:
        sizes.append((resolved.category_size, f"{_IN_CATEGORY}{{}}", [resolved.category_id]))
    if rarest is not None:
        sizes.append((resolved.tag_sizes[rarest], f"{_WITH_TAG}{{}}", [rarest]))
    for group in filters.properties:
        size = sum(resolved.property_sizes[key] for key in group)
        sizes.append((size, _WITH_PROPERTY, [list(group)]))
    if resolved.collection_id is not None:
        sizes.append((resolved.collection_size, f"{_IN_COLLECTION}{{}}", [resolved.collection_id]))
    size, query, values = min(sizes, key=lambda entry: entry[0])
    return query.format(*map(parameters.bind, values)) if size <= MAX_CANDIDATES else None


_IN_CATEGORY = "SELECT m.product_id FROM catalog_v_product_categories m WHERE m.tenant_id = $1 AND m.category_id = "
_IN_COLLECTION = (
    "SELECT m.product_id FROM catalog_v_collection_products m WHERE m.tenant_id = $1 AND m.collection_id = "
)
_WITH_ID = "SELECT u.id AS product_id FROM unnest({}::uuid[]) AS u(id)"
_WITH_SKU = "SELECT DISTINCT v.product_id FROM catalog_v_variants v WHERE v.tenant_id = $1 AND v.sku = ANY ({}::text[])"
_WITH_PROPERTY = (
    "SELECT DISTINCT m.product_id FROM catalog_v_product_properties m"
    " WHERE m.tenant_id = $1 AND m.property_key = ANY ({}::text[])"
)
_WITH_TAG = "SELECT m.product_id FROM catalog_v_product_tags m WHERE m.tenant_id = $1 AND m.tag_key = "


_PRICED = (
    "SELECT m.id AS product_id FROM catalog_v_products m WHERE m.tenant_id = $1 AND m.status = 'active'"
    " AND m.price_minor >= {} AND m.price_minor <= {}"
)
_VARIANTS_OUT_OF_STOCK = "FROM inventory_v_availability a WHERE a.tenant_id = $1 AND NOT a.in_stock"
_OUT_OF_STOCK = (
    "SELECT DISTINCT v.product_id FROM"
    f" (SELECT a.variant_id {_VARIANTS_OUT_OF_STOCK} LIMIT {2 * MAX_CANDIDATES}) AS s CROSS JOIN LATERAL"
    " (SELECT v.product_id FROM catalog_v_variants v WHERE v.tenant_id = $1 AND v.id = s.variant_id OFFSET 0) AS v"
)
"""A product out of stock has at least one variant out of stock; variants are counted, up to twice the bound."""


def ordered_members(resolved: ResolvedFilters, parameters: Parameters) -> str:
    """Return the query of the products of the collection, with their positions in it."""
    return _POSITIONS.format(parameters.bind(resolved.collection_id))


_POSITIONS = (
    "SELECT m.product_id, m.position FROM catalog_v_collection_products m"
    " WHERE m.tenant_id = $1 AND m.collection_id = {}"
)


def has_price_bounds(filters: Filters) -> bool:
    """Return whether the filters limit the price."""
    return filters.min_price_minor is not None or filters.max_price_minor is not None


def price_bounds(filters: Filters) -> tuple[int, int]:
    """Return the lowest and the highest price that the filters allow."""
    highest = LARGEST_AMOUNT_MINOR if filters.max_price_minor is None else filters.max_price_minor
    return filters.min_price_minor or 0, highest


def may_select_few(filters: Filters, *, by_price: bool) -> bool:
    """Return whether the filters may select few products; price bounds do not count if sorted `by_price` (indexed)."""
    return filters.in_stock is False or (has_price_bounds(filters) and not by_price)


async def with_sizes(tx: Transaction, filters: Filters, resolved: ResolvedFilters) -> ResolvedFilters:
    """Count, up to a bound, the products within the price bounds and the variants out of stock, if filtered by them."""
    if has_price_bounds(filters):
        parameters = Parameters(tx.tenant_id)
        priced = _PRICED.format(*map(parameters.bind, price_bounds(filters)))
        resolved = replace(resolved, price_size=await _count(tx, priced, parameters))
    if filters.in_stock is False:
        out_of_stock = f"SELECT {_VARIANTS_OUT_OF_STOCK}"
        resolved = replace(resolved, out_of_stock_size=await _count(tx, out_of_stock, Parameters(tx.tenant_id)))
    return resolved


async def _count(tx: Transaction, query: str, parameters: Parameters) -> int:
    sql = f"SELECT count(*) FROM ({query} LIMIT {MAX_CANDIDATES + 1}) AS counted"
    size: int = await tx.fetchval(sql, *parameters.values)
    return size


def has_status(status: ListedStatus) -> str:
    """Return the condition for a product `p` to have the status; a literal, so that the indexes by status fit.

    A product of a suspended vendor keeps its status, but is not listed among those for sale.
    """
    match status:
        case ListedStatus.ANY:
            return "true"
        case ListedStatus.ACTIVE:
            return IS_FOR_SALE.format("p")
        case _:
            return f"p.status = '{status.value}'"


def conditions(
    filters: Filters,
    resolved: ResolvedFilters,
    parameters: Parameters,
    *,
    status: ListedStatus = ListedStatus.ACTIVE,
    by_price: bool = False,
) -> str:
    """Return the condition for a product `p` to be listed; `by_price` if the index of prices is scanned."""
    parts = [f"p.tenant_id = $1 AND {has_status(status)}"]
    if filters.ids:
        parts.append(f"p.id = ANY ({parameters.bind(list(filters.ids))}::uuid[])")
    if filters.skus:
        parts.append(f"EXISTS ({_HAS_SKU} v.sku = ANY ({parameters.bind(list(filters.skus))}::text[]) OFFSET 0)")
    if resolved.collection_id is not None:
        collection = parameters.bind(resolved.collection_id)
        parts.append(f"EXISTS ({_IN_COLLECTION}{collection} AND m.product_id = p.id OFFSET 0)")
    if resolved.category_id is not None:
        parts.append(in_category(resolved.category_id, parameters))
    if resolved.tag_sizes:
        tags, number = parameters.bind(list(resolved.tag_sizes)), parameters.bind(len(resolved.tag_sizes))
        parts.append(f"(SELECT count(*) {_OF_TAGS} m.tag_key = ANY ({tags}::text[])) = {number}")
    if filters.properties:
        groups = list(enumerate(filters.properties))
        keys = parameters.bind([key for _, group in groups for key in group])
        numbers = parameters.bind([number for number, group in groups for _ in group])
        parts.append(f"{_OF_PROPERTIES.format(keys, numbers)} = {parameters.bind(len(groups))}")
    if has_price_bounds(filters):
        lowest, highest = map(parameters.bind, price_bounds(filters))
        priced = f"p.price_minor >= {lowest} AND p.price_minor <= {highest}"
        parts.append(priced if by_price else f"coalesce({priced}, false)")
    if resolved.vendor_id is not None:
        parts.append(f"p.vendor_id = {parameters.bind(resolved.vendor_id)}")
    if filters.in_stock is not None:
        parts.append(f"{_IN_STOCK} = {parameters.bind(filters.in_stock)}")
    return " AND ".join(parts)


def in_category(category_id: UUID, parameters: Parameters) -> str:
    """Return the condition for a product `p` to be in a category or below it."""
    return f"EXISTS ({_IN_CATEGORY}{parameters.bind(category_id)} AND m.product_id = p.id OFFSET 0)"


_HAS_SKU = "SELECT FROM catalog_v_variants v WHERE v.tenant_id = $1 AND v.product_id = p.id AND"
_OF_TAGS = "FROM catalog_v_product_tags m WHERE m.tenant_id = $1 AND m.product_id = p.id AND"
_OF_PROPERTIES = (
    "(SELECT count(DISTINCT w.number) FROM unnest({}::text[], {}::int[]) AS w(key, number) CROSS JOIN LATERAL"
    " (SELECT FROM catalog_v_product_properties m"
    " WHERE m.tenant_id = $1 AND m.property_key = w.key AND m.product_id = p.id OFFSET 0) AS m)"
)
_IN_STOCK = (
    "coalesce((SELECT bool_or(coalesce(a.in_stock, true)) FROM catalog_v_variants s"
    " LEFT JOIN inventory_v_availability a ON a.tenant_id = s.tenant_id AND a.variant_id = s.id"
    " WHERE s.tenant_id = $1 AND s.product_id = p.id), false)"
)
