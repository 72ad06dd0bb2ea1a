"""Lists, searches and details return the requested fields of products, as a media type of its own."""

from typing import Any

import httpx2
import pytest

from luxewin.kit.database import Database
from luxewin.kit.http.sparse_fields import PARTIAL_JSON
from luxewin.modules.catalog.public import ProductView
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Shop, add_product

NAMES = ["Birch Chair", "Cedar Chair", "Elm Chair"]
FIELDS = list(ProductView.model_fields)


@pytest.fixture
async def chairs(database: Database, shop: Shop, staff: httpx2.AsyncClient) -> None:
    for name in NAMES:
        await add_product(staff, name, tags=["oak"])
    await settle(database, shop.tenant)


async def read(client: httpx2.AsyncClient, url: str) -> Any:
    answer = await client.get(url)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.usefixtures("chairs")
@pytest.mark.parametrize("path", ["/products?sort=name", "/products?q=chair", "/search?q=chair"])
async def test_each_product_has_the_requested_fields_unchanged(path: str, visitor: httpx2.AsyncClient) -> None:
    whole = (await read(visitor, path))["data"]
    assert len(whole) == len(NAMES)
    for name in FIELDS:
        expected = [{key: product[key] for key in product if key in {"id", name}} for product in whole]
        assert (await read(visitor, f"{path}&fields={name}"))["data"] == expected
    assert (await read(visitor, f"{path}&fields="))["data"] == whole


@pytest.mark.usefixtures("chairs")
async def test_staff_choose_fields_of_lists_by_status_too(staff: httpx2.AsyncClient) -> None:
    page = await read(staff, "/products?status=any&fields=slug")
    assert all(set(product) == {"id", "slug"} for product in page["data"])
    assert len(page["data"]) == len(NAMES)


@pytest.mark.usefixtures("chairs")
async def test_a_search_has_highlights_if_they_are_requested(visitor: httpx2.AsyncClient) -> None:
    with_highlights = (await read(visitor, "/search?q=birch&fields=highlights,name"))["data"]
    assert [set(hit) for hit in with_highlights] == [{"id", "name", "highlights"}]
    refused = await visitor.get("/products?q=birch&fields=highlights")
    assert refused.status_code == 400


@pytest.mark.usefixtures("chairs")
async def test_fields_separate_cached_responses_and_entity_tags_but_not_cursors(visitor: httpx2.AsyncClient) -> None:
    first = await visitor.get("/products?sort=name&limit=1")
    lean = await visitor.get("/products?sort=name&limit=1&fields=name,price")
    assert first.headers["etag"] != lean.headers["etag"]
    again = await visitor.get("/products?sort=name&limit=1&fields=price&fields=name")
    assert (again.content, again.headers["etag"]) == (lean.content, lean.headers["etag"])
    known = {"If-None-Match": lean.headers["etag"]}
    assert (await visitor.get("/products?sort=name&limit=1&fields=name,price", headers=known)).status_code == 304
    assert (await visitor.get("/products?sort=name&limit=1", headers=known)).content == first.content
    cursor = first.json()["next_cursor"]
    rest = await read(visitor, f"/products?sort=name&limit=2&fields=name&cursor={cursor}")
    assert [product["name"] for product in rest["data"]] == NAMES[1:]


@pytest.mark.parametrize("path", ["/products?", "/search?q=chair&"])
async def test_an_unknown_field_is_refused_with_the_nearest_known_one(path: str, visitor: httpx2.AsyncClient) -> None:
    refused = await visitor.get(f"{path}fields=name,pirce")
    assert refused.status_code == 400
    [error] = refused.json()["errors"]
    assert error["pointer"] == "fields"
    assert error["message"] == "`fields`: There is no field 'pirce'; did you mean `price`?"


@pytest.mark.usefixtures("chairs")
async def test_a_product_has_the_requested_fields_and_the_state_for_writes(visitor: httpx2.AsyncClient) -> None:
    [product] = (await read(visitor, "/products?q=birch"))["data"]
    complete = await visitor.get(f"/products/{product['id']}")
    partial = await visitor.get(f"/products/{product['slug']}?fields=version,name")
    assert partial.json() == {"id": product["id"], "name": "Birch Chair", "version": product["version"]}
    states = [answer.headers["etag"].rpartition("-")[0] for answer in (complete, partial)]
    assert states[0] == states[1] != ""
    assert complete.headers["etag"] != partial.headers["etag"]
    refused = await visitor.get(f"/products/{product['id']}?fields=highlights")
    assert refused.status_code == 400


@pytest.mark.usefixtures("chairs")
@pytest.mark.parametrize("path", ["/products?", "/products?status=any&", "/search?q=chair&", "/products/{id}?"])
async def test_a_partial_response_has_a_media_type_of_its_own(path: str, staff: httpx2.AsyncClient) -> None:
    url = path.format(id=(await read(staff, "/products"))["data"][0]["id"])
    assert (await staff.get(url)).headers["content-type"] == "application/json"
    assert (await staff.get(f"{url}fields=name")).headers["content-type"] == PARTIAL_JSON
