"""A search returns products, highlights, facets, corrections and suggestions."""

from typing import Any

import httpx2
import pytest

from luxewin.kit.database import Database
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Shop, add_product


@pytest.fixture
async def furnished(database: Database, shop: Shop, staff: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """A shop with products to search for."""
    nordlys = (await staff.post("/vendors", json={"name": "Nordlys"})).json()["id"]
    for name, more in (
        ("Oslo Chair", {"category": "Living Room/Chairs", "tags": ["Oak", "Sale"], "vendor_id": nordlys, "stock": 1}),
        ("Bergen Chair", {"category": "Living Room/Chairs", "tags": ["Oak"], "stock": 0}),
        ("Oslo Rug", {"category": "Bedroom", "description": "<p>Lies <b>before</b> every <i>chair</i> &amp; bed.</p>"}),
        ("Draft Chair", {"status": "draft"}),
    ):
        await add_product(staff, name, **more)
    await settle(database, shop.tenant)
    return staff


async def searched(client: httpx2.AsyncClient, **parameters: Any) -> dict[str, Any]:
    answer = await client.get("/search", params=httpx2.QueryParams(**parameters))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [product["name"] for product in found["data"]]


async def test_a_hit_is_the_product_with_the_words_that_matched(furnished: httpx2.AsyncClient) -> None:
    found = await searched(furnished, q="chairs")
    assert set(names(found)[:2]) == {"Oslo Chair", "Bergen Chair"}
    assert names(found)[2:] == ["Oslo Rug"]
    rug = found["data"][2]
    assert rug.pop("highlights") == {
        "name": "Oslo Rug",
        "description": "Lies before every <mark>chair</mark> &amp; bed.",
    }
    assert rug == (await furnished.get("/products/oslo-rug")).json()
    assert found["data"][0]["highlights"]["name"].endswith("<mark>Chair</mark>")
    assert found["data"][0]["highlights"]["description"] is None


async def test_facets_count_all_that_was_found_and_fit_the_filters(furnished: httpx2.AsyncClient) -> None:
    found = await searched(furnished, q="chair", include="facets", limit=1)
    facets = found["facets"]
    assert facets["products"] == 3
    assert facets["categories"] == [
        {"value": "chairs", "label": "Chairs", "products": 2},
        {"value": "living-room", "label": "Living Room", "products": 2},
        {"value": "bedroom", "label": "Bedroom", "products": 1},
    ]
    assert [(tag["value"], tag["products"]) for tag in facets["tags"]] == [("Oak", 2), ("Sale", 1)]
    assert [(vendor["label"], vendor["products"]) for vendor in facets["vendors"]] == [("Nordlys", 1)]
    for name, kind in (("category", "categories"), ("tag", "tags"), ("vendor", "vendors")):
        for value in facets[kind]:
            narrowed = await searched(furnished, q="chair", **{name: value["value"]})
            assert len(narrowed["data"]) == value["products"]


async def test_facets_are_counted_only_if_requested(furnished: httpx2.AsyncClient) -> None:
    assert (await searched(furnished, q="chair"))["facets"] is None


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"in_stock": "true"}, {"Oslo Chair", "Oslo Rug"}),
        ({"tag": "sale"}, {"Oslo Chair"}),
        ({"category": "living-room"}, {"Oslo Chair", "Bergen Chair"}),
        ({"max_price": 999}, set()),
    ],
)
async def test_filters_narrow_the_results_and_their_facets(
    filters: dict[str, Any], expected: set[str], furnished: httpx2.AsyncClient
) -> None:
    found = await searched(furnished, q="chair", include="facets", **filters)
    assert set(names(found)) == expected
    assert found["facets"]["products"] == len(expected)


async def test_a_misspelt_query_is_corrected_and_the_correction_returned(furnished: httpx2.AsyncClient) -> None:
    found = await searched(furnished, q="olso chiar")
    assert names(found) == ["Oslo Chair", "Oslo Rug"]
    assert found["corrected"] == "oslo chair"
    assert (await searched(furnished, q="oslo chair"))["corrected"] is None


async def test_names_that_begin_like_the_query_are_suggested(furnished: httpx2.AsyncClient) -> None:
    assert (await searched(furnished, q="OSL"))["suggestions"] == ["Oslo Chair", "Oslo Rug"]
    assert (await searched(furnished, q="!"))["suggestions"] == []


async def test_the_pages_of_a_search_hold_each_hit_once_best_first(furnished: httpx2.AsyncClient) -> None:
    whole = names(await searched(furnished, q="chair"))
    walked: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await searched(furnished, q="chair", limit=1, **cursor)
        walked += names(page)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert walked == whole


async def test_a_cursor_of_a_search_fits_no_list_and_no_other_search(furnished: httpx2.AsyncClient) -> None:
    cursor = (await searched(furnished, q="chair", limit=1))["next_cursor"]
    for path in ("/search?q=oslo", "/products?q=chair", "/products?q=chair&sort=relevance"):
        answer = await furnished.get(f"{path}&limit=1&cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid_cursor")


async def test_a_list_with_a_query_has_the_results_of_a_search_in_any_order(furnished: httpx2.AsyncClient) -> None:
    by_relevance = (await furnished.get("/products?q=chair")).json()["data"]
    assert [product["name"] for product in by_relevance] == names(await searched(furnished, q="chair"))
    by_name = (await furnished.get("/products?q=chair&sort=name")).json()["data"]
    assert [product["name"] for product in by_name] == ["Bergen Chair", "Oslo Chair", "Oslo Rug"]


async def test_a_renamed_category_is_searched_by_its_new_name(
    database: Database, shop: Shop, furnished: httpx2.AsyncClient
) -> None:
    category = (await furnished.get("/products/oslo-chair")).json()["category"]
    assert set(names(await searched(furnished, q="living"))) == {"Oslo Chair", "Bergen Chair"}
    above = next(each for each in (await furnished.get("/categories")).json()["data"] if each["slug"] == "living-room")
    for each, name in ((above, "Parlour"), ({"id": category["id"]}, "Seats")):
        renamed = await furnished.patch(f"/categories/{each['id']}", json={"name": name})
        assert renamed.status_code == 200, renamed.text
    await settle(database, shop.tenant)
    for query in ("parlour", "seats", "parlour oslo"):
        assert "Oslo Chair" in names(await searched(furnished, q=query))
    assert names(await searched(furnished, q="living room")) == []


async def test_a_changed_and_a_deleted_product_are_found_as_they_are(
    database: Database, shop: Shop, furnished: httpx2.AsyncClient
) -> None:
    chair = (await furnished.get("/products/oslo-chair")).json()
    await furnished.patch(f"/products/{chair['id']}", json={"name": "Bodø Chair"})
    await settle(database, shop.tenant)
    assert names(await searched(furnished, q="bodo")) == ["Bodø Chair"]
    await furnished.delete(f"/products/{chair['id']}")
    await settle(database, shop.tenant)
    assert names(await searched(furnished, q="bodo")) == []


async def test_tags_that_differ_in_case_are_counted_as_one_in_their_first_spelling(
    staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, database: Database, shop: Shop
) -> None:
    for name, tag in (("Old lamp", "Brass"), ("New lamp", "BRASS"), ("Lamp shade", "brass")):
        await add_product(staff, name, tags=[tag])
    await settle(database, shop.tenant)
    found = await searched(visitor, q="lamp", include="facets")
    assert found["facets"]["tags"] == [{"value": "Brass", "label": "Brass", "products": 3}]
    listed = (await visitor.get("/products", params={"tag": "bRASS"})).json()["data"]
    assert len(listed) == 3
