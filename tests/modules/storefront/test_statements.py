"""Every statement text stays prepared in every connection, so values must not create new texts."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import pytest

from luxewin.kit.access import ANONYMOUS
from luxewin.kit.pagination import LARGEST_LIMIT
from luxewin.kit.transaction import Transaction
from luxewin.modules.storefront.repository import products
from luxewin.modules.storefront.repository.filtering import ResolvedFilters
from luxewin.modules.storefront.repository.search import Hits
from luxewin.modules.storefront.schemas import ListingQuery


class Noted(Transaction):
    """Records statements instead of sending them."""

    def __init__(self) -> None:
        super().__init__(None, tenant_id=uuid4(), principal=ANONYMOUS)
        self.statements: set[str] = set()

    async def fetch(self, sql: str, *parameters: Any) -> list[Any]:
        assert sql.count("$") >= len(parameters)
        self.statements.add(sql)
        return []

    async def fetchval(self, sql: str, *parameters: Any) -> int:
        await self.fetch(sql, *parameters)
        return 0


async def shapes(*queries: dict[str, Any], found: Sequence[ResolvedFilters] = (), after: bool = False) -> int:
    """Return the number of distinct statements of these requests."""
    noted = Noted()
    for query in queries:
        listing = ListingQuery.model_validate(query).listing()
        hits = Hits([uuid4()], [1], [], []) if listing.query else None
        for each in found or (ResolvedFilters(tag_sizes={}),):
            await products.page(noted, listing, each, hits=hits, after=["1", str(uuid4())] if after else None)
    return len(noted.statements)


async def test_page_sizes_need_three_statements() -> None:
    assert await shapes(*({"limit": limit} for limit in range(1, LARGEST_LIMIT + 1))) == 3


@pytest.mark.parametrize("size", [5, 50_000])
async def test_any_number_of_tags_needs_one_statement(size: int) -> None:
    found = [ResolvedFilters(tag_sizes={f"tag {number}": size for number in range(number)}) for number in range(1, 11)]
    assert await shapes({}, found=found) == 1


async def test_any_price_bounds_need_a_short_scan_a_count_and_a_page() -> None:
    bounds = ({"min_price": 5}, {"max_price": 7}, {"min_price": 0, "max_price": 10**9})
    assert await shapes(*bounds) == 3


async def test_words_categories_vendors_and_places_need_no_statement_of_their_own() -> None:
    found = [ResolvedFilters(category_id=uuid4(), category_size=9, vendor_id=uuid4(), tag_sizes={}) for _ in range(3)]
    assert await shapes({"q": "lamp"}, {"q": "o'neil; --"}, found=found, after=True) == 1
    assert await shapes({}, found=found, after=True) == 1


async def test_no_statement_contains_a_value() -> None:
    noted = Noted()
    listing = ListingQuery.model_validate({"min_price": 1234567}).listing()
    found = ResolvedFilters(category_id=uuid4(), category_size=7654321, vendor_id=uuid4(), tag_sizes={"'; DROP": 99999})
    await products.page(noted, listing, found, hits=None, after=["2468101", str(uuid4())])
    assert len(noted.statements) == 3
    for statement in noted.statements:
        for value in ("1234567", str(found.category_id), str(found.vendor_id), "DROP", "2468101"):
            assert value not in statement
