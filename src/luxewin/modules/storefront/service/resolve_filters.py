"""Resolving filters: the ids of their values, by every name that a value has."""

from dataclasses import replace

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import find_category_by_name
from luxewin.modules.storefront.domain.listing import Filters
from luxewin.modules.storefront.errors import UnknownFilterValue
from luxewin.modules.storefront.repository import filtering
from luxewin.modules.storefront.repository.filtering import ResolvedFilters, UnknownValue


async def resolve_filters(tx: Transaction, filters: Filters) -> ResolvedFilters:
    """Return the resolved filters.

    Raises:
        UnknownFilterValue: there is no such category, collection or vendor.
    """
    resolved = await filtering.resolve(tx, filters)
    if isinstance(resolved, UnknownValue) and resolved.filter == "category":
        category = await find_category_by_name(tx, resolved.value)
        if category is not None:
            resolved = await filtering.resolve(tx, replace(filters, category=str(category.id)))
    if isinstance(resolved, UnknownValue):
        raise UnknownFilterValue(
            f"There is no {resolved.filter} {resolved.value!r}: give its slug or id", pointer=resolved.filter
        )
    return resolved
