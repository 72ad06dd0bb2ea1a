"""The hot path: the storefront's reads answered before the router, from bytes where they are known to be true.

It answers good questions only. Whatever it does not understand it leaves to the router, which says what is wrong with
it in the same words for both ways.
"""

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping, MutableMapping
from functools import lru_cache, partial
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import QueryParams
from starlette.responses import Response

from luxewin.kit.access import ANONYMOUS, Role
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.middleware import BASE
from luxewin.kit.pagination import Cursors
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.catalog.public import ProductUnknown
from luxewin.modules.storefront.domain.listing import Listing, Search
from luxewin.modules.storefront.routes.rendered import READING, Rendered
from luxewin.modules.storefront.schemas import ListingQuery, SearchQuery
from luxewin.modules.storefront.service.kept_answers import KeptAnswers
from luxewin.modules.storefront.service.listing import list_products, show_product
from luxewin.modules.storefront.service.memory import KEPT_SECONDS
from luxewin.modules.storefront.service.searching import search_products
from luxewin.modules.storefront.service.shared_answers import SharedAnswers
from luxewin.modules.storefront.service.shown import KeptProducts
from luxewin.modules.storefront.service.versions import Versions

LIST_PATH = f"{BASE}/products"
SEARCH_PATH = f"{BASE}/search"
_KEPT_PATHS = frozenset({LIST_PATH, SEARCH_PATH})
DETAIL_PREFIX = f"{LIST_PATH}/"
DETAIL_ROUTE = f"{LIST_PATH}/{{product}}"
LONGEST_NAME = 255
_LONGEST_QUESTION_BYTES = 4096
_MOST_REMEMBERED = 1_000
"""Questions may be long: of this many, together, a few megabytes at most are remembered."""
_SEE_MORE = frozenset({Role.VENDOR, Role.ADMIN, Role.SUPER_ADMIN})

Q = TypeVar("Q", bound=BaseModel)


class HotReads:
    """Answers `GET` and `HEAD` of lists, searches and details, which are the same for every caller.

    Lists and searches are kept by version (see `KeptAnswers`), and so are the products in them (see `KeptProducts`).
    Details never are, so that a sale shows at once: those who ask for the same product at the same moment share a query
    that begins after they came (see `SharedAnswers`).
    """

    def __init__(self, versions: Versions, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: KeptAnswers[Rendered] = KeptAnswers(versions)
        self._products = KeptProducts(versions)
        self._shared: SharedAnswers[Rendered] = SharedAnswers()
        self._asked_for: OrderedDict[tuple[str, bytes], float] = OrderedDict()

    def may_be_cached(self, scope: MutableMapping[str, Any]) -> bool:
        """Tell whether the answer to such a request, of whichever shop, may still be kept; costs next to nothing."""
        until = self._asked_for.get((scope["path"], scope["query_string"]))
        return until is not None and scope["method"] in READING and self._clock() < until

    def known(self, tenant: Tenancy, headers: Mapping[str, str], scope: MutableMapping[str, Any]) -> Response | None:
        """Return the answer if it is kept, without asking anybody."""
        if scope["method"] not in READING or scope["path"] not in _KEPT_PATHS:
            return None
        read = _listing if scope["path"] == LIST_PATH else _search
        question = read(scope["query_string"])
        rendered = None if question is None else self._kept.known(tenant.id, question)
        if rendered is None:
            return None
        scope["luxewin.route"] = scope["path"]
        return rendered.answer(scope["method"], headers)

    async def answer(self, context: RequestContext, scope: MutableMapping[str, Any]) -> Response | None:
        """Return the answer, or None where the router must answer.

        Raises:
            Refusal: there is no such product, or the cursor fits another list.
        """
        if scope["method"] not in READING:
            return None
        path = scope["path"]
        if path == LIST_PATH:
            rendered = await self._listed(context, scope)
        elif path == SEARCH_PATH:
            rendered = await self._searched(context, scope)
        elif path.startswith(DETAIL_PREFIX):
            rendered = await self._shown(context, scope, path.removeprefix(DETAIL_PREFIX))
        else:
            return None
        return None if rendered is None else rendered.answer(scope["method"], context.headers)

    async def _listed(self, context: RequestContext, scope: MutableMapping[str, Any]) -> Rendered | None:
        listing = _listing(scope["query_string"])
        if listing is None:
            return None
        scope["luxewin.route"] = LIST_PATH
        ask = partial(list_products, listing=listing, cursors=context.service(Cursors), read=self._products.read)
        if listing.query is not None:
            return await self._from_kept(
                context, scope, listing, partial(context.database.run, context.tenant, ANONYMOUS, ask)
            )
        return await self._from_kept(context, scope, listing, partial(context.database.read, context.tenant, ask))

    async def _searched(self, context: RequestContext, scope: MutableMapping[str, Any]) -> Rendered | None:
        search = _search(scope["query_string"])
        if search is None:
            return None
        scope["luxewin.route"] = SEARCH_PATH
        ask = partial(search_products, wanted=search, cursors=context.service(Cursors), read=self._products.read)
        return await self._from_kept(
            context, scope, search, partial(context.database.run, context.tenant, ANONYMOUS, ask)
        )

    async def _shown(self, context: RequestContext, scope: MutableMapping[str, Any], wanted: str) -> Rendered | None:
        if "/" in wanted or not 0 < len(wanted) <= LONGEST_NAME or scope["query_string"]:
            return None
        scope["luxewin.route"] = DETAIL_ROUTE
        try:
            return await self._shared.answer((context.tenant.id, wanted), partial(_product, context, wanted))
        except ProductUnknown:
            if context.principal.role in _SEE_MORE:
                return None
            raise

    async def _from_kept(
        self,
        context: RequestContext,
        scope: MutableMapping[str, Any],
        question: Hashable,
        ask: Callable[[], Awaitable[dict[str, Any]]],
    ) -> Rendered:
        async def rendered() -> Rendered:
            return Rendered.of(await ask())

        answer = await self._kept.answer(context.tenant.id, question, rendered)
        self._asked_for[scope["path"], scope["query_string"]] = self._clock() + KEPT_SECONDS
        self._asked_for.move_to_end((scope["path"], scope["query_string"]))
        if len(self._asked_for) > _MOST_REMEMBERED:
            self._asked_for.popitem(last=False)
        return answer


async def _product(context: RequestContext, wanted: str) -> Rendered:
    product = await context.database.read(context.tenant, partial(show_product, wanted=wanted))
    return Rendered.of(product, version=product["version"])


@lru_cache(maxsize=1024)
def _listing(question: bytes) -> Listing | None:
    query = _understood(ListingQuery, question)
    return None if query is None else query.listing()


@lru_cache(maxsize=1024)
def _search(question: bytes) -> Search | None:
    query = _understood(SearchQuery, question)
    return None if query is None else query.search()


def _understood(model: type[Q], question: bytes) -> Q | None:
    """Read a query string as the router would, or return None where the router would refuse it."""
    if len(question) > _LONGEST_QUESTION_BYTES:
        return None
    given = QueryParams(question)
    values = {name: given.getlist(name) if name in _REPEATED else given[name] for name in given}
    try:
        return model.model_validate(values)
    except ValidationError:
        return None


_REPEATED = frozenset({"tag", "include"})
