"""A page of a route: its cursor is accepted only by the same list of the same tenant, with the same sort."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.database import Database
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.paging import PageQuery, paginate, paginate_with_queries
from luxewin.kit.ids import new_id
from luxewin.kit.pagination import Cursors, InvalidCursor, Keyset, Page, keyset
from luxewin.kit.tenancy import Tenancy
from luxewin.kit.transaction import Transaction

OURS = Tenancy(id=new_id(), slug="ours", currency="USD")
THEIRS = Tenancy(id=new_id(), slug="theirs", currency="USD")
NUMBERS = [1, 2, 3, 4, 5]
BY_NUMBER = keyset(int)

Read = Callable[..., Coroutine[Any, Any, Page[int]]]


class WithoutDatabase(RequestContext):
    """A request context whose transactions have no database."""

    async def transaction(self, work: Callable[[Transaction], Any]) -> Any:
        """Run work with a transaction that it must not use."""
        return await work(Transaction.__new__(Transaction))


async def numbers_after(_tx: Transaction, after: Any, limit: int) -> list[int]:
    return [number for number in NUMBERS if after is None or number > after][:limit]


async def same(_tx: Transaction, rows: Any) -> list[int]:
    return list(rows)


def _arguments(tenant: Tenancy, limit: int, cursor: str | None) -> tuple[RequestContext, PageQuery]:
    context = WithoutDatabase(
        database=Database.__new__(Database),
        tenant=tenant,
        principal=ANONYMOUS,
        request_id="request",
        address="203.0.113.9",
        services={Cursors: Cursors(b"k" * 32)},
    )
    return context, PageQuery(limit, cursor)


async def with_views(
    cursor: str | None = None,
    *,
    limit: int = 2,
    tenant: Tenancy = OURS,
    listing: str = "numbers/odd",
    sort: Keyset[Any] = BY_NUMBER,
) -> Page[int]:
    return await paginate(
        *_arguments(tenant, limit, cursor),
        listing=listing,
        keyset=sort,
        fetch=numbers_after,
        key=lambda number: number,
        view=lambda number: number,
    )


async def with_queries(
    cursor: str | None = None,
    *,
    limit: int = 2,
    tenant: Tenancy = OURS,
    listing: str = "numbers/odd",
    sort: Keyset[Any] = BY_NUMBER,
) -> Page[int]:
    return await paginate_with_queries(
        *_arguments(tenant, limit, cursor),
        listing=listing,
        keyset=sort,
        fetch=numbers_after,
        key=lambda number: number,
        views=same,
    )


@pytest.mark.parametrize("read", [with_views, with_queries])
async def test_pages_continue_where_the_one_before_ended(read: Read) -> None:
    first = await read()
    second = await read(first.next_cursor)
    last = await read(second.next_cursor, limit=3)
    assert [first.data, second.data, last.data] == [[1, 2], [3, 4], [5]]
    assert last.next_cursor is None


@pytest.mark.parametrize("read", [with_views, with_queries])
@pytest.mark.parametrize(
    "other",
    [
        {"tenant": THEIRS},
        {"listing": "numbers/even"},
        {"listing": "names/odd"},
        {"sort": keyset(str)},
        {"sort": keyset(datetime, UUID)},
        {"sort": keyset(int, int)},
    ],
    ids=["tenant", "filter", "route", "type", "types", "count of values"],
)
async def test_a_cursor_of_another_tenant_list_or_sort_is_refused(read: Read, other: dict[str, Any]) -> None:
    cursor = (await read()).next_cursor
    with pytest.raises(InvalidCursor):
        await read(cursor, **other)
