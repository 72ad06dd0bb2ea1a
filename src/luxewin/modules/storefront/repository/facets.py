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
    """Return `kind`, `value`, `label` and `products` of the most frequent values by kind, and of kind `all`."""
    parameters = Parameters(tx.tenant_id)
    matching = (
        "SELECT p.category_slug, p.category_name, p.vendor_id, p.vendor_name, p.tags"
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
    f" UNION ALL (SELECT 'tag', tag, tag, count(*) FROM matching CROSS JOIN unnest(tags) AS tag"
    f" GROUP BY 2 ORDER BY 4 DESC, 2 LIMIT {_MAX_VALUES})"
)
