"""Facets: the number of products found by category, tag and vendor."""

from collections.abc import Sequence

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import Filters
from luxewin.modules.storefront.repository.filtering import ResolvedFilters, conditions
from luxewin.modules.storefront.repository.products import PRODUCT_OF_CANDIDATE
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.repository.statement import Parameters

_MAX_VALUES = 20


async def count(tx: Transaction, filters: Filters, resolved: ResolvedFilters, hits: Hits) -> Sequence[asyncpg.Record]:
    """Return `kind`, `value`, `label` and `products` of the most frequent values by kind, and of kind `all`.

    The value of a tag is its key, which is the same for all spellings, and its label the tags of the oldest product
    that has it, as JSON.
    """
    parameters = Parameters(tx.tenant_id)
    matching = (
        "SELECT p.id, p.category_slug, p.category_name, p.vendor_id, p.vendor_name, p.tags, p.created_at"
        f" FROM unnest({parameters.bind(hits.products)}::uuid[]) AS m(product_id) {PRODUCT_OF_CANDIDATE}"
        f" WHERE {conditions(filters, resolved, parameters)}"
    )
    return await tx.fetch(f"WITH matching AS MATERIALIZED ({matching}) {_COUNTED}", *parameters.values)


_COUNTED = (
    "SELECT 'all' AS kind, NULL AS value, NULL AS label, count(*) AS products FROM matching"
    f" UNION ALL (SELECT 'category', category_slug, category_name, count(*) FROM matching"
    f" WHERE category_slug IS NOT NULL GROUP BY 2, 3 ORDER BY 4 DESC, 3 LIMIT {_MAX_VALUES})"
    f" UNION ALL (SELECT 'vendor', vendor_id::text, vendor_name, count(*) FROM matching WHERE vendor_id IS NOT NULL"
    f" GROUP BY 2, 3 ORDER BY 4 DESC, 3 LIMIT {_MAX_VALUES})"
    " UNION ALL (SELECT 'tag', t.tag_key, (array_agg(to_jsonb(m.tags)::text ORDER BY m.created_at, m.id))[1], count(*)"
    " FROM matching m CROSS JOIN LATERAL (SELECT v.tag_key FROM catalog_v_product_tags v"
    " WHERE v.tenant_id = $1 AND v.product_id = m.id OFFSET 0) AS t"
    f" GROUP BY 2 ORDER BY 4 DESC, 2 LIMIT {_MAX_VALUES})"
)
