"""The hot path answers as the router does, only sooner; and never what is not true any more."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import ANONYMOUS, Role
from luxewin.kit.database import Database
from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.middleware import BASE
from luxewin.kit.pagination import Cursors
from luxewin.modules.storefront.public import Versions
from luxewin.modules.storefront.routes import HotReads, hot
from tests.conftest import TestDatabase
from tests.modules.inventory.stockroom import Stockroom
from tests.modules.storefront.front import Front, Shop, Watched, add_product, hearing, listening
from tests.modules.storefront.told import settle

HEADERS_OF_ONE_REQUEST = {"ratelimit", "ratelimit-policy"}


@pytest.fixture
async def routed(database: Database, shop: Shop) -> AsyncIterator[httpx2.AsyncClient]:
    """A visitor of a front without a hot path."""
    async with Front(database, shop, versions=hearing(), hot=False).client(shop) as client:
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
async def test_both_ways_answer_the_same(path: str, visitor: httpx2.AsyncClient, routed: httpx2.AsyncClient) -> None:
    hot, cold = await visitor.get(path), await routed.get(path)
    assert (hot.status_code, hot.content) == (cold.status_code, cold.content)
    assert _lasting(hot) == _lasting(cold)


def _lasting(answer: httpx2.Response) -> dict[str, str]:
    return {name: text for name, text in answer.headers.items() if name not in HEADERS_OF_ONE_REQUEST}


@pytest.mark.usefixtures("stocked")
async def test_only_what_was_asked_for_a_moment_ago_may_be_known(front: Front, visitor: httpx2.AsyncClient) -> None:
    asked = {"method": "GET", "path": f"{BASE}/products", "query_string": b"limit=2"}
    assert not front.hot.may_be_cached(asked)
    assert (await visitor.get("/products?limit=2")).status_code == 200
    assert front.hot.may_be_cached(asked)
    others: list[dict[str, Any]] = [{"query_string": b"limit=3"}, {"method": "POST"}, {"path": f"{BASE}/search"}]
    assert not any(front.hot.may_be_cached({**asked, **other}) for other in others)
    front.seconds += 1
    assert not front.hot.may_be_cached(asked)


@pytest.mark.usefixtures("stocked")
async def test_only_the_last_questions_are_remembered(
    front: Front, visitor: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot, "_MOST_REMEMBERED", 2)
    for limit in (1, 2, 3):
        await visitor.get(f"/products?limit={limit}")
    asked = [
        {"method": "GET", "path": f"{BASE}/products", "query_string": f"limit={limit}".encode()} for limit in (1, 2, 3)
    ]
    assert [front.hot.may_be_cached(one) for one in asked] == [False, True, True]


class Counted:
    """A database that counts how often it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.transactions = 0

    async def run(self, *given: Any) -> Any:
        self.transactions += 1
        return await self._database.run(*given)

    async def read(self, *given: Any) -> Any:
        self.transactions += 1
        return await self._database.read(*given)


class Dispatcher:
    """The hot path alone, over a database that counts."""

    def __init__(self, database: Database, shop: Shop, versions: Versions) -> None:
        self.counted = Counted(database)
        self._hot = HotReads(versions)
        self._shop = shop

    async def get(self, path: str, *, method: str = "GET") -> tuple[Any, dict[str, Any]]:
        """Return the dispatcher's answer and the scope it leaves."""
        path, _, query = path.partition("?")
        scope = {"method": method, "path": BASE + path, "query_string": query.encode()}
        context = RequestContext(
            database=self.counted,  # type: ignore[arg-type]  # what it counts it passes on
            tenant=self._shop.tenant,
            principal=ANONYMOUS,
            request_id="one-of-a-test",
            address="127.0.0.1",
            services={Cursors: Cursors(b"a key of one test that nobody else has")},
        )
        return await self._hot.answer(context, scope), scope


@pytest.mark.parametrize("path", ["/products", "/products?tag=oak&limit=3", "/search?q=chair&include=facets"])
async def test_a_list_is_read_once_per_version_however_many_ask_and_however_they_write_it(
    path: str, database: Database, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    versions = hearing()
    dispatcher = Dispatcher(database, shop, versions)
    await asyncio.gather(*(dispatcher.get(path) for _ in range(20)))
    assert dispatcher.counted.transactions == 1
    head, _, query = path.partition("?")
    backwards = "&".join(reversed(query.split("&")))
    await dispatcher.get(f"{head}?{backwards}" if query else f"{head}?limit=24&sort=-created_at")
    assert dispatcher.counted.transactions == 1
    versions.bump(shop.tenant.id)
    await dispatcher.get(path)
    assert dispatcher.counted.transactions == 2


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/products?limit=2", "/api/v1/products"),
        ("/products/oslo-chair", "/api/v1/products/{product}"),
        ("/search?q=chair", "/api/v1/search"),
    ],
)
async def test_the_route_is_named_by_its_template(
    path: str, route: str, database: Database, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    _, scope = await Dispatcher(database, shop, hearing()).get(path)
    assert scope["luxewin.route"] == route


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_what_is_no_read_is_left_to_the_router(method: str, database: Database, shop: Shop) -> None:
    answer, _ = await Dispatcher(database, shop, hearing()).get("/products", method=method)
    assert answer is None


@pytest.mark.parametrize("path", ["/products", "/products/oslo-chair", "/search?q=chair"])
async def test_whoever_has_the_answer_is_told_that_it_holds_until_it_does_not(
    path: str, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, shop: Shop, database: Database
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=3)
    await settle(database, shop.tenant)
    first = await visitor.get(path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "X-Tenant" in first.headers["vary"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = await visitor.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
    assert (await visitor.get(path, headers={"If-None-Match": '"other"'})).status_code == 200
    changed = await staff.patch(f"/products/{made['id']}", json={"description": "New"})
    assert changed.status_code == 200, changed.text
    after = await visitor.get(path, headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.headers["etag"] != tag


@pytest.mark.parametrize("path", ["/products", "/products/oslo-chair", "/search?q=chair"])
async def test_head_says_what_get_would_without_the_body(
    path: str, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    await add_product(staff, "Oslo Chair")
    full, head = await visitor.get(path), await visitor.head(path)
    assert head.content == b""
    assert _lasting(head) == _lasting(full)


async def test_the_tag_of_a_product_may_be_given_back_in_if_match_even_after_a_sale(
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
async def test_a_sale_shows_in_the_product_at_once_in_every_process(
    *, other_process: bool, database: Database, shop: Shop, front: Front, staff: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=3)
    reader = Front(database, shop, versions=hearing()) if other_process else front
    stockroom = Stockroom(database, shop.tenant)
    async with reader.client(shop) as client:
        for left in (2, 1, 0):
            await stockroom.hold((UUID(made["variants"][0]["id"]), 1))
            shown = (await client.get(f"/products/{made['slug']}")).json()
            assert (shown["stock"], shown["in_stock"]) == (left, left > 0)


async def test_a_change_is_listed_at_once_to_whoever_made_it(staff: httpx2.AsyncClient) -> None:
    for number in range(5):
        listed = (await staff.get("/products")).json()["data"]
        assert len(listed) == number
        await add_product(staff, f"Chair {number}")


async def test_a_refused_write_leaves_the_lists_alone(
    front: Front, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    before = front.versions.of(shop.tenant.id)
    for client, status in ((visitor, 401), (staff, 400)):
        assert (await client.post("/products", json={"name": ""})).status_code == status
    assert front.versions.of(shop.tenant.id) == before
    await add_product(staff, "Oslo Chair")
    assert front.versions.of(shop.tenant.id) != before


async def test_a_change_reaches_the_lists_of_other_processes_by_the_commits_own_notification(
    database: Database, test_database: TestDatabase, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        while versions.of(shop.tenant.id) is None:
            await versions.news()
        async with Front(database, shop, versions=versions).client(shop) as elsewhere:
            assert (await elsewhere.get("/products")).json()["data"] == []
            before = versions.of(shop.tenant.id)
            made = await add_product(staff, "Oslo Chair")
            while versions.of(shop.tenant.id) == before:
                await versions.news()
            assert (await elsewhere.get("/products")).json()["data"] == [made]


async def test_the_last_piece_sold_turns_the_lists_over_as_soon_as_the_relay_tells_of_it(
    database: Database, test_database: TestDatabase, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Oslo Chair", stock=1)
    await settle(database, shop.tenant)
    versions = Watched()
    async with listening(versions, test_database.role("app")):
        while versions.of(shop.tenant.id) is None:
            await versions.news()
        async with Front(database, shop, versions=versions).client(shop) as elsewhere:
            assert (await elsewhere.get("/products?in_stock=true")).json()["data"] == [made]
            before = versions.of(shop.tenant.id)
            await Stockroom(database, shop.tenant).hold((UUID(made["variants"][0]["id"]), 1))
            await settle(database, shop.tenant)
            while versions.of(shop.tenant.id) == before:
                await versions.news()
            assert (await elsewhere.get("/products?in_stock=true")).json()["data"] == []


async def test_while_nobody_hears_of_changes_lists_are_asked_for_each_time(
    database: Database, shop: Shop, staff: httpx2.AsyncClient
) -> None:
    deaf = Versions()
    dispatcher = Dispatcher(database, shop, deaf)
    for _ in range(3):
        await dispatcher.get("/products")
    assert dispatcher.counted.transactions == 3
    async with Front(database, shop, versions=deaf).client(shop) as elsewhere:
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
