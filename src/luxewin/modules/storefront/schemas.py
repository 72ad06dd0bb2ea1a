"""The query parameters of lists and searches, and the response bodies of searches."""

from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from luxewin.kit.http.fields import ShortText, View
from luxewin.kit.http.query_fields import ListQuery, OptionalFilter, parse_integer
from luxewin.kit.http.sparse_fields import FieldsQuery, split_at_commas
from luxewin.kit.money import LARGEST_AMOUNT_MINOR
from luxewin.kit.pagination import LARGEST_LIMIT
from luxewin.modules.catalog.public import ProductView, option_key, property_key, tag_key
from luxewin.modules.catalog.public.values import LONGEST_NAME, label
from luxewin.modules.storefront.domain.listing import (
    HIGHLIGHTS,
    SORTS_BY_TIME,
    Filters,
    ListedStatus,
    Listing,
    Search,
    Sort,
)

MOST_TAGS = 10
MOST_PROPERTIES = 30


def _parse_flag(text: Any) -> Any:
    if isinstance(text, str) and text not in {"true", "false"}:
        raise ValueError("must be true or false")
    return text


def _without_blanks(texts: Any) -> Any:
    return [text for text in texts if not isinstance(text, str) or text.strip()] if isinstance(texts, list) else texts


def _sku(text: Any) -> Any:
    return label(text) if isinstance(text, str) else text


Sku = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), BeforeValidator(_sku)]
AmountMinor = Annotated[int, Field(ge=0, le=LARGEST_AMOUNT_MINOR), BeforeValidator(parse_integer)]
Flag = Annotated[bool, BeforeValidator(_parse_flag)]


class ProductQuery(FieldsQuery):
    """The parameters of a product."""

    model_config = ConfigDict(extra="forbid")
    known_fields: ClassVar[tuple[str, ...]] = tuple(ProductView.model_fields)


class FilterQuery(ListQuery, FieldsQuery):
    """The filters of lists and searches: the declared ones, and `option.<name>` and `attribute.<name>`."""

    model_config = ConfigDict(extra="allow")
    known_fields: ClassVar[tuple[str, ...]] = ProductQuery.known_fields
    open_prefixes: ClassVar[tuple[str, ...]] = ("option.", "attribute.")

    category: OptionalFilter = Field(None, description="Slug, id, path or name of a category; those below it count too")
    collection: OptionalFilter = Field(None, description="Slug or id of a collection; listed in its order by default")
    ids: list[UUID] = Field([], max_length=LARGEST_LIMIT, description="Ids of products, separated by commas")
    sku: list[Sku] = Field([], max_length=LARGEST_LIMIT, description="A SKU; if repeated, any of them")
    tag: list[ShortText] = Field([], max_length=MOST_TAGS, description="A tag; if repeated, all are required")
    vendor: OptionalFilter = Field(None, description="Slug or id of a vendor")
    min_price: AmountMinor | None = Field(None, description="In minor units of the shop's currency")
    max_price: AmountMinor | None = Field(None, description="In minor units of the shop's currency")
    in_stock: Flag | None = Field(None, description="Only what can be sold now, or only what cannot")

    @field_validator("ids", mode="before")
    @classmethod
    def _separated_ids(cls, texts: Any) -> Any:
        return split_at_commas(texts)

    @field_validator("sku", "tag", mode="before")
    @classmethod
    def _texts_without_blanks(cls, texts: Any) -> Any:
        return _without_blanks(texts)

    @model_validator(mode="after")
    def _properties_are_few(self) -> Self:
        if sum(map(len, self.properties())) > MOST_PROPERTIES:
            raise ValueError(f"at most {MOST_PROPERTIES} values of options and attributes can be filtered by")
        return self

    def properties(self) -> tuple[tuple[str, ...], ...]:
        """Return the filters by option and attribute: for each name the keys of the values of which one is enough."""
        groups: dict[tuple[str, str], set[str]] = {}
        for parameter, given in (self.model_extra or {}).items():
            kind, _, name = parameter.partition(".")
            values = [value for value in (given if isinstance(given, list) else [given]) if value.strip()]
            for value in values:
                key = property_key("option" if kind == "option" else "attribute", name, value)
                groups.setdefault((kind, option_key(name)), set()).add(key)
        return tuple(tuple(sorted(groups[name])) for name in sorted(groups))

    def filters(self) -> Filters:
        """Return the filters as domain values."""
        return Filters(
            category=self.category,
            collection=self.collection,
            ids=tuple(sorted(set(self.ids))),
            skus=tuple(sorted(set(self.sku))),
            tags=tuple(sorted({tag_key(tag) for tag in self.tag})),
            properties=self.properties(),
            vendor=self.vendor,
            min_price_minor=self.min_price,
            max_price_minor=self.max_price,
            in_stock=self.in_stock,
        )


class ListingQuery(FilterQuery):
    """The parameters of a list of products."""

    q: OptionalFilter = Field(None, description="Words that must be found; see also `/search`")
    status: ListedStatus = Field(
        ListedStatus.ACTIVE, description="Staff see all products, vendors their own; others only `active` ones"
    )
    sort: Sort | None = Field(
        None,
        description="Default `-created_at`, with `collection` `position`, with `q` `relevance`; `-` means descending",
    )

    @model_validator(mode="after")
    def _sort_fits_the_filters(self) -> Self:
        if self.sort is Sort.RELEVANCE and self.q is None:
            raise ValueError("`sort=relevance` needs the parameter `q`")
        if self.sort is Sort.POSITION and self.collection is None:
            raise ValueError("`sort=position` needs the parameter `collection`")
        if self.status is not ListedStatus.ACTIVE:
            if self.q is not None:
                raise ValueError("`q` finds products for sale; leave out `status`")
            if self.sort is not None and self.sort not in SORTS_BY_TIME:
                raise ValueError("a list with `status` is sorted by `created_at` or `-created_at`")
        return self

    def listing(self) -> Listing:
        """Return the requested listing."""
        return Listing(
            filters=self.filters(),
            query=self.q,
            status=self.status,
            sort=self.sort or self._default_sort(),
            limit=self.limit,
            cursor=self.cursor,
            fields=tuple(self.fields),
        )

    def _default_sort(self) -> Sort:
        if self.q is not None:
            return Sort.RELEVANCE
        listed_in_order = self.collection is not None and self.status is ListedStatus.ACTIVE
        return Sort.POSITION if listed_in_order else Sort.NEWEST


class SearchQuery(FilterQuery):
    """The parameters of a search."""

    known_fields: ClassVar[tuple[str, ...]] = (*FilterQuery.known_fields, HIGHLIGHTS)

    q: ShortText = Field(description="Words that must be found; misspellings are corrected if nothing matches")
    include: list[Literal["facets"]] = Field(
        [], max_length=1, description="`facets` counts categories, tags, vendors; adds prices"
    )

    def search(self) -> Search:
        """Return the requested search."""
        listing = Listing(
            filters=self.filters(),
            query=self.q,
            sort=Sort.RELEVANCE,
            limit=self.limit,
            cursor=self.cursor,
            fields=tuple(self.fields),
        )
        return Search(listing=listing, with_facets="facets" in self.include)


_HIGHLIGHTS: dict[str, Any] = {"name": "Oslo Lounge <mark>Chair</mark>", "description": None}
_CHAIRS: dict[str, Any] = {"value": "chairs", "label": "Chairs", "products": 1}
_OAK: dict[str, Any] = {"value": "oak", "label": "oak", "products": 1}
_PRICES: dict[str, Any] = {"min_price": 24900, "max_price": 24900}
_FACETS: dict[str, Any] = {"products": 1, "categories": [_CHAIRS], "tags": [_OAK], "vendors": [], "prices": _PRICES}


class HighlightsView(View):
    """The matching words in context, as HTML whose only markup is `<mark>`."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HIGHLIGHTS]})

    name: str
    description: str | None


_product: Any = ProductView.model_config["json_schema_extra"]
_HIT: dict[str, Any] = {**_product["examples"][0], "highlights": _HIGHLIGHTS}


class SearchHitView(ProductView):
    """A product that was found, with its highlights."""

    model_config = ConfigDict(json_schema_extra={"examples": [_HIT]})

    highlights: HighlightsView


class FacetValueView(View):
    """A value and the number of found products that have it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CHAIRS]})

    value: str
    label: str
    products: int


class PriceRangeView(View):
    """The lowest and the highest price of the found products, in minor units of the shop's currency."""

    model_config = ConfigDict(json_schema_extra={"examples": [_PRICES]})

    min_price: int
    max_price: int


class FacetsView(View):
    """The number of found products by value; the values are valid for the filters of the same name.

    The filters `category` and `vendor` and those of the price do not restrict their own facet, so that another value
    can be chosen instead. Each list has the 20 most frequent values.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_FACETS]})

    products: int = Field(description="All products found, of which a search looks at the best 1,000")
    categories: list[FacetValueView]
    tags: list[FacetValueView]
    vendors: list[FacetValueView]
    prices: PriceRangeView | None = Field(description="Null if no product was found")


class SearchView(View):
    """A page of a search."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "data": [_HIT],
                    "next_cursor": None,
                    "corrected": "chair",
                    "suggestions": [],
                    "facets": _FACETS,
                }
            ]
        }
    )

    data: list[SearchHitView]
    next_cursor: str | None
    corrected: str | None = Field(description="The corrected query, if nothing matched the original one")
    suggestions: list[str] = Field(description="Names of products that begin like the query")
    facets: FacetsView | None
