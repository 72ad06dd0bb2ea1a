"""A listing: which products are requested, in which order, and from which position on."""

from dataclasses import dataclass, replace
from enum import StrEnum

FOR_SALE = "active"
"""The status of products that everybody may see."""


class Sort(StrEnum):
    """The orders a list can have; each is total, because the product's id breaks ties."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    CHEAPEST = "price"
    DEAREST = "-price"
    NAME = "name"
    NAME_BACKWARDS = "-name"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What a product must have to be listed; None and empty do not filter.

    `category` and `vendor` are ids or slugs; a category includes those below it. A product must have all `tags`.
    Prices are minor units of the tenant's currency.
    """

    category: str | None = None
    tags: tuple[str, ...] = ()
    vendor: str | None = None
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    in_stock: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A request for one page of a list; equal requests are equal values, which makes it a cache key."""

    filters: Filters = Filters()
    query: str | None = None
    sort: Sort = Sort.NEWEST
    limit: int
    cursor: str | None = None

    @property
    def scope(self) -> str:
        """What a cursor is bound to: all that determines the rows and their order, whatever the page size."""
        return repr(replace(self, cursor=None, limit=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A request for one page of a search; its listing has a query and is sorted by relevance."""

    listing: Listing
    with_facets: bool = False
