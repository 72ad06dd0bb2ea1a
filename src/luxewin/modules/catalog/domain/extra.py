"""Values of product files for which the catalogue has no field: stored in `extra`, under the keys defined here.

The module `catalog_import` fills `extra` and writes it back. The catalogue itself reads `POLICY`, reads and writes the
texts for search engines, and drops the keys that an edit contradicts.
"""

from collections.abc import Mapping
from typing import Any

from luxewin.modules.catalog.domain.products import Content, Variant

HANDLE, STATUS, PUBLISHED = "handle", "status", "published"
POLICY = "policy"
SEO_TITLE, SEO_DESCRIPTION = "seo_title", "seo_description"

BACKORDER_LIMIT = 1_000_000
"""The number of units that may be sold beyond the stock of a variant whose policy is to continue selling."""


def continues_selling(variant: Variant) -> bool:
    """Return whether the variant is sold beyond its stock."""
    return bool(variant.extra.get(POLICY))


def extra_after_edit(before: Content | None, after: Content) -> Mapping[str, Any]:
    """Return the `extra` of an edited product, without the keys that its new status or slug contradicts."""
    extra = dict(after.extra)
    if before is not None and before.status is not after.status:
        extra.pop(STATUS, None)
        extra.pop(PUBLISHED, None)
    if before is not None and before.slug != after.slug:
        extra.pop(HANDLE, None)
    return extra
