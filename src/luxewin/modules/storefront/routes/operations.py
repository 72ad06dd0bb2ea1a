"""The storefront's operations."""

from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import Response

from luxewin.kit.access import everyone
from luxewin.kit.errors import Forbidden
from luxewin.kit.http.context import CurrentContext
from luxewin.kit.http.routing import Router
from luxewin.kit.pagination import InvalidCursor, Page
from luxewin.modules.catalog.public import CategoryAmbiguous, CategoryInvalid, ProductUnknown, ProductView
from luxewin.modules.storefront.errors import UnknownFilterValue
from luxewin.modules.storefront.routes.cached_reads import CachedReads
from luxewin.modules.storefront.schemas import ListingQuery, ProductQuery, SearchQuery, SearchView

LONGEST_SLUG = 255
router = Router("storefront", head_as_get=True)
READ = everyone("storefront.read")
_UNCHANGED: dict[int | str, dict[str, Any]] = {
    304: {"description": "`If-None-Match` named the current entity tag: what the caller has still holds"}
}


@router.operation(
    "GET",
    "/products",
    permission=READ,
    response_model=Page[ProductView],
    errors=(InvalidCursor, UnknownFilterValue, CategoryAmbiguous, CategoryInvalid, Forbidden),
    extra_responses=_UNCHANGED,
    cacheable=True,
)
async def list_products(context: CurrentContext, request: Request, query: Annotated[ListingQuery, Query()]) -> Response:
    """List the products for sale; with `status`, staff list all products and vendors their own.

    The default order is newest first. Changes of the catalogue, and products that come into or go out of stock, are
    visible within milliseconds; the exact `stock` numbers in a list may be a second old, but are always current in a
    single product. Besides the parameters below, `option.<name>=<value>` and `attribute.<name>=<value>` filter by the
    values of options and attributes; with several values of one name, any of them is enough.
    """
    return await context.service(CachedReads).list_products(context, request, query.listing())


@router.operation(
    "GET",
    "/products/{product}",
    permission=READ,
    response_model=ProductView,
    errors=(ProductUnknown,),
    extra_responses=_UNCHANGED,
)
async def show_product(
    context: CurrentContext,
    request: Request,
    product: Annotated[str, Path(max_length=LONGEST_SLUG, description="Id or slug")],
    query: Annotated[ProductQuery, Query()],
) -> Response:
    """Show a product by its id or slug.

    Staff also see products that are not for sale; vendors also see their own.
    """
    return await context.service(CachedReads).show_product(context, request, product, query.fields)


@router.operation(
    "GET",
    "/search",
    permission=READ,
    response_model=SearchView,
    errors=(InvalidCursor, UnknownFilterValue, CategoryAmbiguous, CategoryInvalid),
    extra_responses=_UNCHANGED,
    cacheable=True,
)
async def search_products(
    context: CurrentContext, request: Request, query: Annotated[SearchQuery, Query()]
) -> Response:
    """Search the products for sale.

    Every word must be found in a product's name, tags, options, SKUs, vendor, category or description: as it is,
    inflected, or as the beginning of a longer word. The best matches come first. If nothing matches, spelling is
    corrected, and `corrected` is the corrected query. A new product can be found about a second after it was added.
    `option.<name>=<value>` and `attribute.<name>=<value>` filter as in lists.
    """
    return await context.service(CachedReads).search_products(context, request, query.search())
