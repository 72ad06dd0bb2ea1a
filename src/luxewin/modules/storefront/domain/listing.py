"""A listing: the filters, the order and the start position of a request for products."""

from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

FOR_SALE = "active"
"""The status of public products."""
HIGHLIGHTS = "highlights"
"""The field that a product has only in a search."""


class ListedStatus(StrEnum):
    """The products that a list shows, by their status."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"
    ANY = "any"


class Sort(StrEnum):
    """The sort orders of a list; each is total, because the product's id breaks ties."""

    NEWEST = "-created_at"
    OLDEST = "created_at"
    CHEAPEST = "price"
    DEAREST = "-price"
    NAME = "name"
    NAME_BACKWARDS = "-name"
    RELEVANCE = "relevance"
    POSITION = "position"


SORTS_BY_TIME = frozenset({Sort.NEWEST, Sort.OLDEST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """The conditions for a product to be listed; None and empty do not filter.

    `category`, `collection` and `vendor` are ids or slugs; a category includes those below it, and may also be a name
    or path. A product must have all `tags`, one of `ids` and of `skus`, and one key of each group of `properties`.
    Prices are minor units of the tenant's currency.
    """

    category: str | None = None
    collection: str | None = None
    ids: tuple[UUID, ...] = ()
    skus: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    properties: tuple[tuple[str, ...], ...] = ()
    vendor: str | None = None
    min_price_minor: int | None = None
    max_price_minor: int | None = None
    in_stock: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A request for one page of a list; equal requests are equal values, which makes it a cache key.

    `fields` are the fields of each product to return; none means all.
    """

    filters: Filters = Filters()
    query: str | None = None
    status: ListedStatus = ListedStatus.ACTIVE
    sort: Sort = Sort.NEWEST
    limit: int
    cursor: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def scope(self) -> str:
        """The scope of a cursor: everything that determines the rows and their order, not what is shown of them."""
        return repr(replace(self, cursor=None, limit=0, fields=()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A request for one page of a search; its listing has a query and is sorted by relevance."""

    listing: Listing
    with_facets: bool = False
