"""Cached reads return the same as uncached reads, and never stale data."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import REGISTRY

from luxewin.kit.database import Database
from luxewin.kit.http.middleware import BASE
from luxewin.kit.http.public_urls import BASE_URL
from luxewin.modules.identity.public import Role
from luxewin.modules.storefront.public import CacheVersions
from luxewin.modules.storefront.routes import cached_reads
from tests.conftest import TestDatabase
from tests.modules.inventory.stockroom import Stockroom
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Front, Shop, Watched, add_product, known_versions, listening

HEADERS_OF_ONE_REQUEST = {"ratelimit", "ratelimit-policy"}
REACHED = {BASE_URL: "http://nobody.test"}


@pytest.fixture
async def routed(database: Database, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of a process in which the framework handles every request."""
    async with Front(database, shop, versions=known_versions(), direct=False).client(shop) as client:
        yield client


@pytest.fixture
async def stocked(database: Database, shop: Shop, staff: httpx2.AsyncClient) -> None:
    """Some products, listed and found."""
    for name in ("Oslo Chair", "Bergen Chair", "Rug"):
        await add_product(staff, name, tags=["oak", "sale"])
    await settle(database, shop.tenant)


@pytest.mark.usefixtures("stocked")
@pytest.mark.parametrize(
    "path",
    ["/products", "/products?limit=2", "/products?sort=-price&limit=1", "/products?tag=oak&tag=sale",
     "/products?q=chair", "/products?q=chair&sort=name", "/products/oslo-chair", "/search?q=chair",
     "/search?q=chiar&include=facets",
     "/products?limit=2&limit=1", "/products?limit=0", "/products?unknown=1", "/products?q=", "/products?cursor=AAAA",
     "/products?tag=%00", "/products?sort=relevance", "/search", "/search?q=x&sort=price", "/search?q=x&include=all",
     "/products/nothing", "/products/oslo-chair?x=1", "/products/00000000-0000-7000-8000-000000000000",
     "/products/" + "x" * 256, "/products/%20", "/products/oslo-chair/", "/products/oslo%2Fchair", "/products/",
     "/search/", "/products/oslo-chair/reviews", "/products?q=%F0%28%8C%28", "/products?q=a%00b", "/products/..%5c",
     "/products?tag", "/products?=x", "/products?&&", "/products?limit=%2B5", "/products?limit=2;sort=price",
     "/products?limit=%D9%A3", "/products?include=facets", "/products?q=chair&sort=relevance&limit=1"],
)  # fmt: skip
async def test_direct_calls_and_the_framework_answer_the_same(
    path: str, visitor: httpx2.AsyncClient, routed: httpx2.AsyncClient
) -> None:
    direct, framework = await visitor.get(path), await routed.get(path)
    assert (direct.status_code, direct.content) == (framework.status_code, framework.content)
    assert _lasting(direct) == _lasting(framework)


def _lasting(answer: httpx2.Response) -> dict[str, str]:
    return {name: text for name, text in answer.headers.items() if name not in HEADERS_OF_ONE_REQUEST}


@pytest.mark.usefixtures("stocked")
async def test_only_urls_that_were_requested_before_are_found(
    front: Front, shop: Shop, visitor: httpx2.AsyncClient
) -> None:
    def found(**other: Any) -> bool:
        scope = {"method": "GET", "path": f"{BASE}/products", "query_string": b"limit=2", **REACHED, **other}

        return front.reads.find(shop.tenant, {}, scope) is not None

    assert not found()
    assert (await visitor.get("/products?limit=2")).status_code == 200
    assert found()
    assert not found(query_string=b"limit=3")
    assert not found(**{BASE_URL: "http://somebody.test"})
    assert not found(path=f"{BASE}/search")
    front.versions.bump(shop.tenant.id)
    assert not found()


@pytest.mark.usefixtures("stocked")
async def test_only_the_most_recent_urls_are_found(
    front: Front, shop: Shop, visitor: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cached_reads, "_MAX_URLS", 2)
    for limit in (1, 2, 3):
        await visitor.get(f"/products?limit={limit}")
    scopes = [
        {"method": "GET", "path": f"{BASE}/products", "query_string": f"limit={limit}".encode(), **REACHED}
        for limit in (1, 2, 3)
    ]
    assert [front.reads.find(shop.tenant, {}, scope) is not None for scope in scopes] == [False, True, True]


async def test_a_query_string_that_is_too_long_is_not_remembered(
    front: Front, shop: Shop, visitor: httpx2.AsyncClient
) -> None:
    query = "&".join(["tag=" + "x" * 150 + "%20" * 100] * 10)
    answer = await visitor.get(f"/products?{query}")
    scope = {"method": "GET", "path": f"{BASE}/products", "query_string": query.encode(), **REACHED}
    assert (answer.status_code, len(query) > 4096) == (200, True)
    assert front.reads.find(shop.tenant, {}, scope) is None


class Counted:
    """A database that counts how often it is queried."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.transactions = 0

    def system(self) -> Any:
        return self._database.system()

    async def run(self, *given: Any) -> Any:
        self.transactions += 1
        return await self._database.run(*given)

    async def read(self, *given: Any) -> Any:
        self.transactions += 1
        return await self._database.read(*given)


class CountedFront(Front):
    """A process that counts the queries of its reads."""

    def __init__(self, database: Database, shop: Shop, versions: CacheVersions) -> None:
        self.counted = Counted(database)
        super().__init__(self.counted, shop, versions=versions)  # type: ignore[arg-type]  # it delegates to the database that it counts
        self._shop = shop

    async def get(self, path: str) -> httpx2.Response:
        async with self.client(self._shop) as client:
            return await client.get(path)


@pytest.mark.parametrize("path", ["/products", "/products?tag=oak&limit=3", "/search?q=chair&include=facets"])
async def test_a_list_is_read_once_per_version_whatever_the_number_and_spelling_of_requests(
    path: str, database: Database, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    versions = known_versions()
    counted = CountedFront(database, shop, versions)
    await asyncio.gather(*(counted.get(path) for _ in range(20)))
    assert counted.counted.transactions == 1
    head, _, query = path.partition("?")
    backwards = "&".join(reversed(query.split("&")))
    await counted.get(f"{head}?{backwards}" if query else f"{head}?limit=24&sort=-created_at")
    assert counted.counted.transactions == 1
    versions.bump(shop.tenant.id)
    await counted.get(path)
    assert counted.counted.transactions == 2


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/products?limit=2", "/api/v1/products"),
        ("/products/oslo-chair", "/api/v1/products/{product}"),
        ("/search?q=chair", "/api/v1/search"),
    ],
)
async def test_requests_are_counted_under_the_template_of_their_route(
    path: str, route: str, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    labels = {"method": "GET", "route": route, "status": "200"}
    before = REGISTRY.get_sample_value("luxewin_http_requests_total", labels) or 0
    for _ in range(2):
        assert (await visitor.get(path)).status_code == 200
    assert REGISTRY.get_sample_value("luxewin_http_requests_total", labels) == before + 2


@pytest.mark.parametrize("path", ["/products", "/products/oslo-chair", "/search?q=chair"])
async def test_a_conditional_request_is_answered_with_304_until_the_response_changes(
    path: str, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, shop: Shop, database: Database
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=3)
    await settle(database, shop.tenant)
    first = await visitor.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "X-Tenant" in first.headers["vary"]
    for tags in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await visitor.get(path, headers={"If-None-Match": tags})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert (await visitor.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    changed = await staff.patch(f"/products/{made['id']}", json={"description": "New"})
    assert changed.status_code == 200, changed.text
    after = await visitor.get(path, headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.headers["etag"] != tag


@pytest.mark.parametrize("path", ["/products", "/products/oslo-chair", "/search?q=chair"])
async def test_head_returns_the_headers_of_get(
    path: str, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    full, head = await visitor.get(path), await visitor.head(path)
    assert head.content == b""
    assert _lasting(head) == _lasting(full)


async def test_the_tag_of_a_product_is_valid_in_if_match_even_after_a_sale(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=3)
    before = await visitor.get(f"/products/{made['id']}")
    await Stockroom(database, shop.tenant).hold((UUID(made["variants"][0]["id"]), 1))
    after = await visitor.get(f"/products/{made['id']}")
    assert after.headers["etag"] != before.headers["etag"]
    path = f"/products/{made['id']}"
    fits = await staff.patch(path, json={"name": "Bergen"}, headers={"If-Match": before.headers["etag"]})
    assert fits.status_code == 200, fits.text
    late = await staff.patch(path, json={"name": "Oslo"}, headers={"If-Match": after.headers["etag"]})
    assert late.status_code == 412


@pytest.mark.parametrize("other_process", [False, True], ids=["same process", "other process"])
async def test_a_sale_is_visible_in_the_product_at_once_in_every_process(
    *, other_process: bool, database: Database, shop: Shop, front: Front, staff: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=3)
    reader = Front(database, shop, versions=known_versions()) if other_process else front
    stockroom = Stockroom(database, shop.tenant)
    async with reader.client(shop) as client:
        for left in (2, 1, 0):
            await stockroom.hold((UUID(made["variants"][0]["id"]), 1))
            product = (await client.get(f"/products/{made['slug']}")).json()
            assert (product["stock"], product["in_stock"]) == (left, left > 0)


async def test_a_change_is_listed_at_once_to_its_author(staff: httpx2.AsyncClient) -> None:
    for number in range(5):
        listed = (await staff.get("/products")).json()["data"]
        assert len(listed) == number
        await add_product(staff, f"Chair {number}")


async def test_a_failed_write_does_not_invalidate_the_cache(
    front: Front, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    before = front.versions.of(shop.tenant.id)
    for client, status in ((visitor, 401), (staff, 400)):
        assert (await client.post("/products", json={"name": ""})).status_code == status
    assert front.versions.of(shop.tenant.id) == before
    await add_product(staff, "Oslo Chair")
    assert front.versions.of(shop.tenant.id) != before


async def test_a_change_invalidates_the_caches_of_other_processes_by_the_notification_of_its_commit(
    database: Database, test_database: TestDatabase, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        while versions.of(shop.tenant.id) is None:
            await versions.next_change()
        async with Front(database, shop, versions=versions).client(shop) as elsewhere:
            assert (await elsewhere.get("/products")).json()["data"] == []
            before = versions.of(shop.tenant.id)
            made = await add_product(staff, "Oslo Chair")
            while versions.of(shop.tenant.id) == before:
                await versions.next_change()
            assert (await elsewhere.get("/products")).json()["data"] == [made]


async def test_the_last_unit_sold_invalidates_cached_lists_as_soon_as_the_relay_publishes_it(
    database: Database, test_database: TestDatabase, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=1)
    await settle(database, shop.tenant)
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        while versions.of(shop.tenant.id) is None:
            await versions.next_change()
        async with Front(database, shop, versions=versions).client(shop) as elsewhere:
            assert (await elsewhere.get("/products?in_stock=true")).json()["data"] == [made]
            before = versions.of(shop.tenant.id)
            await Stockroom(database, shop.tenant).hold((UUID(made["variants"][0]["id"]), 1))
            await settle(database, shop.tenant)
            while versions.of(shop.tenant.id) == before:
                await versions.next_change()
            assert (await elsewhere.get("/products?in_stock=true")).json()["data"] == []


async def test_while_versions_are_unknown_lists_are_read_each_time(
    database: Database, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    unknown = CacheVersions()
    counted = CountedFront(database, shop, unknown)
    for _ in range(3):
        await counted.get("/products")
    assert counted.counted.transactions == 3
    async with Front(database, shop, versions=unknown).client(shop) as elsewhere:
        for number in range(3):
            assert len((await elsewhere.get("/products")).json()["data"]) == number
            await add_product(staff, f"Chair {number}")


@pytest.mark.parametrize("role", [None, Role.CUSTOMER, Role.VENDOR, Role.ADMIN])
async def test_a_list_and_a_product_for_sale_are_the_same_for_everybody(
    role: Role | None, front: Front, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    async with front.client(shop, role) as client:
        for path in ("/products", "/products/oslo-chair", "/search?q=oslo"):
            assert (await client.get(path)).content == (await visitor.get(path)).content
