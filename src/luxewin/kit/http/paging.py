"""The query parameters of lists, and the functions by which a route reads a page."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Query

from luxewin.kit.http.context import RequestContext
from luxewin.kit.pagination import DEFAULT_LIMIT, LARGEST_LIMIT, Cursors, Keyset, Listing, Page
from luxewin.kit.transaction import Transaction

K = TypeVar("K")
Row = TypeVar("Row")
V = TypeVar("V")
_LONGEST_CURSOR = 1000


@dataclass(frozen=True, slots=True)
class PageQuery:
    """The requested page of a list: the largest number of rows, and the `next_cursor` of the previous page."""

    limit: int
    cursor: str | None


async def page_query(
    limit: Annotated[int, Query(ge=1, le=LARGEST_LIMIT)] = DEFAULT_LIMIT,
    cursor: Annotated[str | None, Query(max_length=_LONGEST_CURSOR)] = None,
) -> PageQuery:
    """Return the page that the query parameters request."""
    # Asynchronous, because the framework runs a synchronous dependency in a thread.
    return PageQuery(limit, cursor)


Paging = Annotated[PageQuery, Depends(page_query)]
"""The parameters `limit` and `cursor` of a list's route."""


async def paginate(
    context: RequestContext,
    paging: PageQuery,
    *,
    listing: str,
    keyset: Keyset[K],
    fetch: Callable[[Transaction, K | None, int], Awaitable[Sequence[Row]]],
    key: Callable[[Row], K],
    view: Callable[[Row], V],
) -> Page[V]:
    """Return a page of the context's tenant.

    `listing` names the route and every filter. `fetch` returns a limited number of rows after a position, in the order
    of the keyset; `key` returns the position of a row, `view` its public form.

    Raises:
        InvalidCursor: the cursor does not belong to this list.
    """
    source = _source(context, listing, keyset)
    after = source.position(paging.cursor)
    found = await context.transaction(lambda tx: fetch(tx, after, paging.limit + 1))
    rows, next_cursor = source.split(found, limit=paging.limit, key=key)
    return Page(data=[view(row) for row in rows], next_cursor=next_cursor)


async def paginate_with_queries(
    context: RequestContext,
    paging: PageQuery,
    *,
    listing: str,
    keyset: Keyset[K],
    fetch: Callable[[Transaction, K | None, int], Awaitable[Sequence[Row]]],
    key: Callable[[Row], K],
    views: Callable[[Transaction, Sequence[Row]], Awaitable[list[V]]],
) -> Page[V]:
    """Return a page whose views need further queries; `views` runs in the transaction that read the rows.

    Raises:
        InvalidCursor: the cursor does not belong to this list.
    """
    source = _source(context, listing, keyset)
    after = source.position(paging.cursor)

    async def read(tx: Transaction) -> Page[V]:
        rows, next_cursor = source.split(await fetch(tx, after, paging.limit + 1), limit=paging.limit, key=key)
        return Page(data=await views(tx, rows), next_cursor=next_cursor)

    return await context.transaction(read)


def _source(context: RequestContext, listing: str, keyset: Keyset[K]) -> Listing[K]:
    return Listing(cursors=context.service(Cursors), tenant_id=context.tenant.id, name=listing, keyset=keyset)
