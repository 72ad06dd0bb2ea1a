"""Values of product files for which the catalogue has no field: stored in `extra`, under the keys defined here.

The module `catalog_import` fills `extra` and writes it back. The catalogue itself reads one key (`POLICY`), and drops
those that an edit contradicts.
"""

from collections.abc import Mapping
from typing import Any

from luxewin.modules.catalog.domain.products import Content, Variant

HANDLE, STATUS, PUBLISHED = "handle", "status", "published"
POLICY = "policy"

BACKORDER_LIMIT = 1_000_000
"""The number of units that may be sold beyond the stock of a variant whose policy is to continue selling."""


def continues_selling(variant: Variant) -> bool:
    """Return whether the variant is sold beyond its stock."""
    return bool(variant.extra.get(POLICY))


def available_units(variant: Variant, quantity: int) -> int:
    """Return the number of units of a variant that can be sold; a negative `quantity` counts as zero."""
    return max(0, quantity) + (BACKORDER_LIMIT if continues_selling(variant) else 0)


def extra_after_edit(before: Content | None, after: Content) -> Mapping[str, Any]:
    """Return the `extra` of an edited product, without the keys that its new status or slug contradicts."""
    extra = dict(after.extra)
    if before is not None and before.status is not after.status:
        extra.pop(STATUS, None)
        extra.pop(PUBLISHED, None)
    if before is not None and before.slug != after.slug:
        extra.pop(HANDLE, None)
    return extra
