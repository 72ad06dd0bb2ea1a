"""Facets: the number of products found by category, tag and vendor, and the range of their prices.

Counts are disjunctive: the filter of a facet does not restrict its own counts, so that a shopper sees the other values
that could be chosen instead. A product counts in its category and in those above it, as it does in a list. Tags are
counted among all that was found, because a second tag narrows the first.
"""

from collections.abc import Sequence
from dataclasses import replace

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import Filters
from luxewin.modules.storefront.repository.filtering import (
    ResolvedFilters,
    conditions,
    has_price_bounds,
    in_category,
    price_bounds,
)
from luxewin.modules.storefront.repository.products import PRODUCT_OF_CANDIDATE
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.repository.statement import Parameters

_MAX_VALUES = 20


async def count(tx: Transaction, filters: Filters, resolved: ResolvedFilters, hits: Hits) -> Sequence[asyncpg.Record]:
    """Return `kind`, `value`, `label` and `products` of the most frequent values by kind, and of kind `all`.

    Rows of the kinds `lowest` and `highest` have a price in minor units as their value.

    The value of a tag is its key, which is the same for all spellings, and its label the tags of the oldest product
    that has it, as JSON.
    """
    parameters = Parameters(tx.tenant_id)
    products = parameters.bind(hits.products)
    by_category = "true" if resolved.category_id is None else in_category(resolved.category_id, parameters)
    by_vendor = "true" if resolved.vendor_id is None else f"p.vendor_id = {parameters.bind(resolved.vendor_id)}"
    by_price = "true"
    if has_price_bounds(filters):
        by_price = "p.price_minor BETWEEN {} AND {}".format(*map(parameters.bind, price_bounds(filters)))
    others = conditions(
        replace(filters, min_price_minor=None, max_price_minor=None),
        replace(resolved, category_id=None, vendor_id=None),
        parameters,
    )
    matching = (
        "SELECT p.id, p.vendor_id, p.vendor_name, p.tags, p.created_at, p.price_minor,"
        f" {by_category} AS by_category, coalesce({by_vendor}, false) AS by_vendor, {by_price} AS by_price"
        f" FROM unnest({products}::uuid[]) AS m(product_id) {PRODUCT_OF_CANDIDATE} WHERE {others}"
    )
    return await tx.fetch(f"WITH matching AS MATERIALIZED ({matching}) {_COUNTED}", *parameters.values)


_FOUND = "by_category AND by_vendor AND by_price"
_COUNTED = (
    "SELECT 'all' AS kind, NULL AS value, NULL AS label, count(*) AS products FROM matching"
    f" WHERE {_FOUND}"
    " UNION ALL SELECT 'lowest', min(price_minor)::text, NULL, count(*) FROM matching WHERE by_category AND by_vendor"
    " UNION ALL SELECT 'highest', max(price_minor)::text, NULL, count(*) FROM matching WHERE by_category AND by_vendor"
    " UNION ALL (SELECT 'category', c.slug, c.name, count(*) FROM matching m"
    " CROSS JOIN LATERAL (SELECT v.category_id FROM catalog_v_product_categories v"
    " WHERE v.tenant_id = $1 AND v.product_id = m.id OFFSET 0) AS t"
    " CROSS JOIN LATERAL (SELECT d.slug, d.name FROM catalog_v_categories d"
    " WHERE d.tenant_id = $1 AND d.id = t.category_id OFFSET 0) AS c"
    f" WHERE m.by_vendor AND m.by_price GROUP BY 2, 3 ORDER BY 4 DESC, 3, 2 LIMIT {_MAX_VALUES})"
    f" UNION ALL (SELECT 'vendor', vendor_id::text, vendor_name, count(*) FROM matching"
    f" WHERE by_category AND by_price AND vendor_id IS NOT NULL GROUP BY 2, 3 ORDER BY 4 DESC, 3 LIMIT {_MAX_VALUES})"
    " UNION ALL (SELECT 'tag', t.tag_key, (array_agg(to_jsonb(m.tags)::text ORDER BY m.created_at, m.id))[1], count(*)"
    " FROM matching m CROSS JOIN LATERAL (SELECT v.tag_key FROM catalog_v_product_tags v"
    " WHERE v.tenant_id = $1 AND v.product_id = m.id OFFSET 0) AS t"
    f" WHERE {_FOUND} GROUP BY 2 ORDER BY 4 DESC, 2 LIMIT {_MAX_VALUES})"
)
