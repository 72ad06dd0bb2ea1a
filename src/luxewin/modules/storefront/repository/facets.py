"""Facets: how the products that a query found are spread over categories, tags and vendors."""

from collections.abc import Sequence

import asyncpg

from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.domain.listing import Filters
from luxewin.modules.storefront.repository.filtering import Found, conditions
from luxewin.modules.storefront.repository.products import EACH
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.repository.statement import Parameters

_MOST_VALUES = 20


async def count(tx: Transaction, filters: Filters, found: Found, hits: Hits) -> Sequence[asyncpg.Record]:
    """Return `kind`, `value`, `label` and `products` of the commonest values of each kind, and of `all` together."""
    parameters = Parameters(tx.tenant_id)
    shown = (
        "SELECT p.category_slug, p.category_name, p.vendor_id, p.vendor_name, p.tags"
        f" FROM unnest({parameters.bind(hits.products)}::uuid[]) AS m(product_id) {EACH}"
        f" WHERE {conditions(filters, found, parameters)}"
    )
    return await tx.fetch(f"WITH shown AS MATERIALIZED ({shown}) {_COUNTED}", *parameters.values)


_COUNTED = (
    "SELECT 'all' AS kind, NULL AS value, NULL AS label, count(*) AS products FROM shown"
    f" UNION ALL (SELECT 'category', category_slug, category_name, count(*) FROM shown WHERE category_slug IS NOT NULL"
    f" GROUP BY 2, 3 ORDER BY 4 DESC, 3 LIMIT {_MOST_VALUES})"
    f" UNION ALL (SELECT 'vendor', vendor_id::text, vendor_name, count(*) FROM shown WHERE vendor_id IS NOT NULL"
    f" GROUP BY 2, 3 ORDER BY 4 DESC, 3 LIMIT {_MOST_VALUES})"
    f" UNION ALL (SELECT 'tag', tag, tag, count(*) FROM shown CROSS JOIN unnest(tags) AS tag"
    f" GROUP BY 2 ORDER BY 4 DESC, 2 LIMIT {_MOST_VALUES})"
)
