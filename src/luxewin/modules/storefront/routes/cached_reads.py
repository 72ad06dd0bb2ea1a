"""Cached reads: listing, searching and showing products over HTTP."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, MutableMapping, Sequence
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.public_urls import BASE_URL, current_base_url
from luxewin.kit.http.request_telemetry import ROUTE
from luxewin.kit.pagination import Cursors
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog.public import ProductUnknown
from luxewin.modules.identity.public import Role
from luxewin.modules.storefront.domain.listing import ListedStatus, Listing, Search
from luxewin.modules.storefront.routes.cached_response import cached_response_of
from luxewin.modules.storefront.service import listing, searching
from luxewin.modules.storefront.service.cache_versions import CacheVersions
from luxewin.modules.storefront.service.loading_cache import LoadingCache
from luxewin.modules.storefront.service.product_cache import ProductCache
from luxewin.modules.storefront.service.request_coalescing import RequestCoalescer

_LONGEST_QUERY_BYTES = 4096
_MAX_URLS = 1_000
"""The largest number of remembered URLs; with long query strings they take a few megabytes."""

_MAY_SEE_DRAFTS = frozenset({Role.VENDOR, Role.ADMIN, Role.SUPER_ADMIN})


class CachedReads:
    """Lists, searches and details, which are equal for all callers.

    Responses to lists and searches are cached by version and base URL, and so are the products in them. Details are
    never cached, so that a sale is visible immediately; equal requests for one product are coalesced.

    It is also the response cache of the middleware: `find` returns a cached response by URL, before a route runs.
    """

    def __init__(self, versions: CacheVersions) -> None:
        self._responses: LoadingCache[CachedResponse] = LoadingCache(versions)
        self._products = ProductCache(versions)
        self._details: RequestCoalescer[CachedResponse] = RequestCoalescer()
        self._keys: OrderedDict[tuple[str, bytes], Hashable] = OrderedDict()
        """The cache keys of recent URLs, by path and query string."""

    def find(self, tenant: Tenancy, headers: Mapping[str, str], scope: MutableMapping[str, Any]) -> Response | None:
        """Return the valid cached response for a URL that was requested before, if there is one."""
        key = self._keys.get((scope["path"], scope["query_string"]))
        cached = None if key is None else self._responses.get_if_present(tenant.id, (scope[BASE_URL], key))
        if cached is None:
            return None
        scope[ROUTE] = scope["path"]
        return cached.answer(scope["method"], headers)

    async def list_products(self, context: RequestContext, request: Request, wanted: Listing) -> Response:
        """Return a page of products; only lists of products for sale are cached."""
        if wanted.status is not ListedStatus.ACTIVE:
            page = await context.transaction(
                partial(listing.list_any_products, listing=wanted, cursors=context.service(Cursors))
            )
            return cached_response_of(page, public=False, partial=bool(wanted.fields)).answer(
                request.method, context.headers
            )
        query = partial(
            listing.list_products, listing=wanted, cursors=context.service(Cursors), read=self._products.read
        )
        if wanted.query is None:
            return await self._from_cache(
                context, request, wanted, wanted, partial(context.database.read, context.tenant, query)
            )
        return await self._from_cache(
            context, request, wanted, wanted, partial(context.database.run, context.tenant, ANONYMOUS, query)
        )

    async def search_products(self, context: RequestContext, request: Request, wanted: Search) -> Response:
        """Return a page of search results."""
        query = partial(
            searching.search_products, wanted=wanted, cursors=context.service(Cursors), read=self._products.read
        )
        return await self._from_cache(
            context, request, wanted.listing, wanted, partial(context.database.run, context.tenant, ANONYMOUS, query)
        )

    async def show_product(
        self, context: RequestContext, request: Request, product: str, fields: Sequence[str]
    ) -> Response:
        """Return a product by its id or slug, as far as the caller may see it; no fields mean all of them.

        Raises:
            ProductUnknown: there is none that the caller may see.
        """
        try:
            response = await self._details.run(
                (context.tenant.id, current_base_url(), product, tuple(fields)),
                partial(_product, context, product, fields),
            )
        except ProductUnknown:
            if context.principal.role not in _MAY_SEE_DRAFTS:
                raise
            draft = await context.transaction(lambda tx: listing.show_any_product(tx, product))
            response = _response_of(draft, fields, public=draft.is_for_sale)
        return response.answer(request.method, context.headers)

    async def _from_cache(
        self,
        context: RequestContext,
        request: Request,
        wanted: Listing,
        key: Hashable,
        query: Callable[[], Awaitable[dict[str, Any]]],
    ) -> Response:
        async def load() -> CachedResponse:
            return cached_response_of(await query(), partial=bool(wanted.fields))

        cached = await self._responses.get(context.tenant.id, (current_base_url(), key), load)
        self._remember(request.scope["path"], request.scope["query_string"], key)
        return cached.answer(request.method, context.headers)

    def _remember(self, path: str, query: bytes, key: Hashable) -> None:
        if len(query) > _LONGEST_QUERY_BYTES:
            return
        self._keys[path, query] = key
        self._keys.move_to_end((path, query))
        if len(self._keys) > _MAX_URLS:
            self._keys.popitem(last=False)


async def _product(context: RequestContext, product: str, fields: Sequence[str]) -> CachedResponse:
    details = await context.database.read(context.tenant, partial(listing.show_product, wanted=product))
    return _response_of(details, fields)


def _response_of(details: listing.ProductDetails, fields: Sequence[str], *, public: bool = True) -> CachedResponse:
    return cached_response_of(details.only(fields), state=details.state, public=public, partial=bool(fields))
