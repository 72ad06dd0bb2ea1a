"""Lists and details return the products for sale."""

import httpx2
import pytest

from luxewin.kit.database import Database
from luxewin.kit.pagination import LARGEST_LIMIT
from luxewin.modules.catalog.public import ProductView
from luxewin.modules.identity.public import Role
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Front, Shop, add_product, known_versions, open_shop


async def names(client: httpx2.AsyncClient, **parameters: object) -> list[str]:
    answer = await client.get("/products", params=httpx2.QueryParams(**parameters))
    assert answer.status_code == 200, answer.text
    return [product["name"] for product in answer.json()["data"]]


_SIZES = {
    "options": [{"name": "Size", "values": ["S", "L"]}],
    "variants": [
        {"sku": "RUG-S", "options": {"Size": "S"}, "price": {"amount": 5000, "currency": "USD"}, "stock": 3},
        {"sku": "RUG-L", "options": {"Size": "L"}, "price": {"amount": 9000, "currency": "USD"}, "stock": 0},
    ],
}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"stock": 0},
        {"stock": 12, "sku": "OSLO-1", "image_url": "https://images.example.com/oslo.jpg", "tags": ["Oak", "wool"]},
        {"category": "Living Room/Chairs", "description": "<p>Solid 'oak' & \"wool\" \u2028 é 🪑</p>"},
        {"compare_at_price": {"amount": 2000, "currency": "USD"}},
        {**_SIZES, "price": {"amount": 5000, "currency": "USD"}},
    ],
)
async def test_a_product_reads_as_it_was_answered_when_it_was_made(
    body: dict[str, object], staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Oslo Chair", **body)
    by_id = (await visitor.get(f"/products/{made['id']}")).json()
    by_slug = (await visitor.get(f"/products/{made['slug']}")).json()
    listed = (await visitor.get("/products")).json()["data"]
    assert by_id == by_slug == made
    assert listed == [made]
    assert ProductView.model_validate(by_id, extra="forbid").model_dump(mode="json") == made


async def test_a_product_has_the_price_of_its_cheapest_variant_and_the_stock_of_all(
    staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Rug", **_SIZES)
    product = (await visitor.get(f"/products/{made['slug']}")).json()
    assert product["price"] == {"amount": 5000, "currency": "USD"}
    assert (product["stock"], product["in_stock"]) == (3, True)
    assert [(each["sku"], each["stock"], each["in_stock"]) for each in product["variants"]] == [
        ("RUG-S", 3, True),
        ("RUG-L", 0, False),
    ]


async def test_an_untracked_variant_is_always_in_stock(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    made = await add_product(staff, "Advice")
    product = (await visitor.get(f"/products/{made['slug']}")).json()
    assert (product["stock"], product["in_stock"]) == (None, True)


@pytest.mark.parametrize("status", ["draft", "archived"])
async def test_products_not_for_sale_are_shown_only_to_staff_and_never_listed(
    status: str, front: Front, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    made = await add_product(staff, "Secret Chair", status=status)
    async with front.client(shop, Role.CUSTOMER) as customer, front.client(shop, Role.VENDOR) as vendor:
        for client in (visitor, customer, vendor):
            answer = await client.get(f"/products/{made['id']}")
            unknown = await client.get("/products/00000000-0000-7000-8000-000000000000")
            assert answer.status_code == 404
            assert answer.content == unknown.content
    product = await staff.get(f"/products/{made['slug']}")
    assert product.json() == made
    assert product.headers["cache-control"] == "private, no-store"
    assert await names(staff) == []


async def test_a_vendor_sees_its_own_drafts_and_no_others(front: Front, shop: Shop, staff: httpx2.AsyncClient) -> None:
    vendor = (await staff.post("/vendors", json={"name": "Nordlys"})).json()
    joined = await staff.post(f"/vendors/{vendor['id']}/members", json={"user_id": str(shop.user_id(Role.VENDOR))})
    assert joined.status_code == 201, joined.text
    own = await add_product(staff, "Own", status="draft", vendor_id=vendor["id"])
    other = await add_product(staff, "Other", status="draft")
    async with front.client(shop, Role.VENDOR) as client:
        assert (await client.get(f"/products/{own['id']}")).status_code == 200
        assert (await client.get(f"/products/{other['id']}")).status_code == 404


async def test_a_deleted_product_is_gone(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    made = await add_product(staff, "Chair")
    assert await names(visitor) == ["Chair"]
    assert (await staff.delete(f"/products/{made['id']}")).status_code == 204
    assert await names(visitor) == []
    assert (await visitor.get(f"/products/{made['id']}")).status_code == 404
    assert (await staff.get(f"/products/{made['id']}")).status_code == 404


async def test_a_canary_of_one_tenant_is_neither_listed_nor_shown_nor_found_in_another(
    database: Database, staff: httpx2.AsyncClient, shop: Shop
) -> None:
    made = await add_product(staff, "Zanzibar Canary", tags=["canary"], category="Aviary")
    await settle(database, shop.tenant)
    other = await open_shop(database)
    front = Front(database, shop, other, versions=known_versions())
    async with front.client(other) as stranger, front.client(shop) as friend:
        paths = (
            "/products", f"/products/{made['id']}", f"/products/{made['slug']}", "/products?tag=canary",
            "/products?category=aviary", f"/products?category={made['category']['id']}", "/search?q=zanzibar",
            "/products?q=canary", "/search?q=canary&include=facets",
        )  # fmt: skip
        for path in paths:
            assert made["id"] in (await friend.get(path)).text
            answer = await stranger.get(path)
            assert "canary" not in answer.text.lower().replace("q=canary", "")
            assert made["id"] not in answer.text


@pytest.fixture
async def furnished(staff: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """A shop with five different products."""
    vendor = (await staff.post("/vendors", json={"name": "Nordlys Interiors", "slug": "nordlys"})).json()
    for name, price, more in (
        ("Birch Chair", 300, {"category": "Living Room/Chairs", "tags": ["Oak", "sale"], "stock": 5}),
        ("Åsele Chair", 100, {"category": "Living Room/Chairs", "tags": ["oak"], "stock": 0}),
        (
            "Cedar Lamp",
            200,
            {"category": "Living Room", "tags": ["Brass lamp"], "vendor_id": vendor["id"], "sku": "LAMP-1"},
        ),
        ("dune Rug", 500, {"category": "Bedroom", "tags": ["sale"], "stock": 1, "sku": "RUG"}),
        ("Elm Table", 400, {"stock": 2}),
    ):
        await add_product(staff, name, price={"amount": price, "currency": "USD"}, **more)
    favourites = await ids_of(staff, "elm-table", "birch-chair", "asele-chair")
    assert (await staff.post("/collections", json={"name": "Favourites", "product_ids": favourites})).is_success
    return staff


async def ids_of(client: httpx2.AsyncClient, *slugs: str) -> list[str]:
    """Return the ids of products."""
    return [(await client.get(f"/products/{slug}")).json()["id"] for slug in slugs]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"category": "chairs"}, {"Birch Chair", "Åsele Chair"}),
        ({"category": "living-room"}, {"Birch Chair", "Åsele Chair", "Cedar Lamp"}),
        ({"category": "Living Room"}, {"Birch Chair", "Åsele Chair", "Cedar Lamp"}),
        ({"category": "living room / CHAIRS"}, {"Birch Chair", "Åsele Chair"}),
        ({"category": ""}, {"Birch Chair", "Åsele Chair", "Cedar Lamp", "dune Rug", "Elm Table"}),
        ({"q": " ", "tag": ["", "sale"], "vendor": ""}, {"Birch Chair", "dune Rug"}),
        ({"tag": "oak"}, {"Birch Chair", "Åsele Chair"}),
        ({"tag": "OAK"}, {"Birch Chair", "Åsele Chair"}),
        ({"tag": "brass lamp"}, {"Cedar Lamp"}),
        ({"tag": ["oak", "sale"]}, {"Birch Chair"}),
        ({"tag": "oa"}, set()),
        ({"vendor": "nordlys"}, {"Cedar Lamp"}),
        ({"sku": "LAMP-1"}, {"Cedar Lamp"}),
        ({"sku": ["LAMP-1", "none", "RUG"]}, {"Cedar Lamp", "dune Rug"}),
        ({"sku": ["LAMP-1", "RUG"], "max_price": 200}, {"Cedar Lamp"}),
        ({"collection": "favourites"}, {"Elm Table", "Birch Chair", "Åsele Chair"}),
        ({"collection": "favourites", "tag": "oak", "in_stock": "true"}, {"Birch Chair"}),
        ({"min_price": 200, "max_price": 400}, {"Birch Chair", "Cedar Lamp", "Elm Table"}),
        ({"min_price": 401}, {"dune Rug"}),
        ({"max_price": 99}, set()),
        ({"in_stock": "true"}, {"Birch Chair", "Cedar Lamp", "dune Rug", "Elm Table"}),
        ({"in_stock": "false"}, {"Åsele Chair"}),
        ({"category": "living-room", "tag": "oak", "in_stock": "true", "max_price": 300}, {"Birch Chair"}),
    ],
)
async def test_a_filter_returns_exactly_the_matching_products(
    filters: dict[str, object], expected: set[str], furnished: httpx2.AsyncClient
) -> None:
    assert set(await names(furnished, **filters)) == expected


@pytest.mark.parametrize("name", ["category", "vendor", "collection"])
@pytest.mark.parametrize("value", ["nowhere", "00000000-0000-0000-0000-000000000000"])
async def test_a_filter_that_names_nothing_is_refused_by_name(
    name: str, value: str, furnished: httpx2.AsyncClient
) -> None:
    for path in ("/products", "/search?q=chair&include=facets"):
        answer = await furnished.get(path, params={name: value, **httpx2.QueryParams(path.partition("?")[2])})
        assert answer.status_code == 400, answer.text
        problem = answer.json()
        assert (problem["code"], problem["errors"][0]["pointer"]) == ("storefront.unknown_filter_value", name)
        assert f"There is no {name} '{value}'" in problem["detail"]


async def test_products_are_listed_by_their_ids_however_these_are_written(furnished: httpx2.AsyncClient) -> None:
    lamp, rug = await ids_of(furnished, "cedar-lamp", "dune-rug")
    unknown = "00000000-0000-0000-0000-000000000000"
    for ids in (f"{lamp},{rug}", [lamp, rug], [f"{lamp}, {rug}", unknown], f"{lamp},{lamp},{rug},"):
        assert set(await names(furnished, ids=ids)) == {"Cedar Lamp", "dune Rug"}
    refused = await furnished.get("/products?ids=lamp")
    assert refused.status_code == 400
    assert "must be a UUID" in refused.text


async def test_a_collection_is_listed_in_its_order_unless_another_is_asked_for(furnished: httpx2.AsyncClient) -> None:
    in_order = ["Elm Table", "Birch Chair", "Åsele Chair"]
    collection = (await furnished.get("/collections/favourites")).json()["id"]
    assert await names(furnished, collection="favourites") == in_order
    assert await walked(furnished, collection=collection, limit=1) == in_order
    assert await names(furnished, collection="favourites", sort="price") == ["Åsele Chair", "Birch Chair", "Elm Table"]
    assert (await furnished.get("/products?sort=position")).status_code == 400


async def test_only_staff_and_vendors_list_what_is_not_for_sale(
    furnished: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    for number in range(3):
        await add_product(furnished, f"Draft {number}", status="draft")
    await add_product(furnished, "Old", status="archived")
    assert await walked(furnished, status="draft", limit=2) == ["Draft 2", "Draft 1", "Draft 0"]
    assert await names(furnished, status="archived") == ["Old"]
    assert len(await names(furnished, status="any")) == 9
    assert await names(furnished, status="any", sort="created_at", tag="sale") == ["Birch Chair", "dune Rug"]
    answer = await furnished.get("/products?status=draft")
    assert answer.headers["cache-control"] == "private, no-store"
    refused = await visitor.get("/products?status=draft")
    assert (refused.status_code, refused.json()["code"]) == (403, "identity.forbidden")
    assert "Draft" not in (await visitor.get("/products?limit=100")).text
    for unsupported in ("status=any&sort=price", "status=draft&q=chair", "status=hidden"):
        assert (await furnished.get(f"/products?{unsupported}")).status_code == 400


async def test_a_vendor_lists_only_their_own_drafts(front: Front, shop: Shop, staff: httpx2.AsyncClient) -> None:
    vendor, other = [(await staff.post("/vendors", json={"name": name})).json() for name in ("Nordlys", "Other")]
    await staff.post(f"/vendors/{vendor['id']}/members", json={"user_id": str(shop.user_id(Role.VENDOR))})
    await add_product(staff, "Own", status="draft", vendor_id=vendor["id"])
    await add_product(staff, "Foreign", status="draft", vendor_id=other["id"])
    await add_product(staff, "Of the shop", status="draft")
    async with front.client(shop, Role.VENDOR) as client:
        assert await names(client, status="draft") == ["Own"]
        assert await names(client, status="any", vendor=other["id"]) == ["Own"]


async def test_a_draft_in_a_collection_is_seen_by_staff_only(
    furnished: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    chair, lamp = await ids_of(furnished, "birch-chair", "cedar-lamp")
    body = {"name": "Mixed", "product_ids": [chair, lamp]}
    collection = (await furnished.post("/collections", json=body)).json()
    before = await visitor.get("/collections/mixed")
    assert (await furnished.patch(f"/products/{chair}", json={"status": "draft"})).is_success
    after = await visitor.get("/collections/mixed", headers={"if-none-match": before.headers["etag"]})
    assert (after.status_code, after.json()["product_ids"]) == (200, [lamp])
    assert [each["product_ids"] for each in (await visitor.get("/collections")).json()["data"]][:1] == [[lamp]]
    read = await furnished.get(f"/collections/{collection['id']}")
    assert read.json()["product_ids"] == [chair, lamp]
    assert await names(visitor, collection="mixed") == ["Cedar Lamp"]


async def test_a_category_and_a_vendor_are_also_known_by_their_ids(furnished: httpx2.AsyncClient) -> None:
    lamp = (await furnished.get("/products/cedar-lamp")).json()
    assert await names(furnished, vendor=lamp["vendor"]["id"]) == ["Cedar Lamp"]
    assert len(await names(furnished, category=lamp["category"]["id"])) == 3


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, ["Elm Table", "dune Rug", "Cedar Lamp", "Åsele Chair", "Birch Chair"]),
        ("-created_at", ["Elm Table", "dune Rug", "Cedar Lamp", "Åsele Chair", "Birch Chair"]),
        ("created_at", ["Birch Chair", "Åsele Chair", "Cedar Lamp", "dune Rug", "Elm Table"]),
        ("price", ["Åsele Chair", "Cedar Lamp", "Birch Chair", "Elm Table", "dune Rug"]),
        ("-price", ["dune Rug", "Elm Table", "Birch Chair", "Cedar Lamp", "Åsele Chair"]),
        ("name", ["Åsele Chair", "Birch Chair", "Cedar Lamp", "dune Rug", "Elm Table"]),
        ("-name", ["Elm Table", "dune Rug", "Cedar Lamp", "Birch Chair", "Åsele Chair"]),
    ],
)
async def test_a_list_has_the_requested_order_in_one_page_or_many(
    sort: str | None, expected: list[str], furnished: httpx2.AsyncClient
) -> None:
    parameters = {} if sort is None else {"sort": sort}
    assert await names(furnished, **parameters) == expected
    assert await walked(furnished, limit=2, **parameters) == expected


async def walked(client: httpx2.AsyncClient, **parameters: object) -> list[str]:
    """Follow the cursors of a list to its end, and return the names of all products."""
    seen: list[str] = []
    cursor: dict[str, object] = {}
    while True:
        page = (await client.get("/products", params=httpx2.QueryParams(**parameters, **cursor))).json()
        seen += [product["name"] for product in page["data"]]
        if page["next_cursor"] is None:
            return seen
        cursor = {"cursor": page["next_cursor"]}


async def test_products_of_equal_price_are_each_listed_once_over_all_pages(
    staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    for number in range(7):
        await add_product(staff, f"Chair {number}")
    for sort in ("price", "-price"):
        assert sorted(await walked(visitor, limit=2, sort=sort)) == [f"Chair {number}" for number in range(7)]


async def test_a_product_added_during_pagination_neither_repeats_nor_hides_another(
    staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    for number in range(4):
        await add_product(staff, f"Chair {number}")
    first = (await visitor.get("/products", params={"limit": 2})).json()
    await add_product(staff, "Newcomer")
    second = (await visitor.get("/products", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [product["name"] for page in (first, second) for product in page["data"]] == [
        f"Chair {number}" for number in (3, 2, 1, 0)
    ]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    "query",
    ["limit=0", f"limit={LARGEST_LIMIT + 1}", "limit=x", "limit=1.0", "limit=", "min_price=-1", "min_price=1e3",
     "max_price=9007199254740992", "in_stock=1", "in_stock=yes", "sort=secret", "sort=version", "sort=relevance",
     "category=" + "x" * 201, "ids=1", "sku=" + "x" * 256, "status=sold", "vendor=a%0ab", "unknown=1",
     "Limit=3", "q=" + "x" * 201,
     "&".join(["tag=x"] * 11), "cursor=!", "cursor=AAAA", "cursor=" + "A" * 601, "id=1", "select=description"],
)  # fmt: skip
async def test_a_parameter_that_is_unknown_or_out_of_bounds_is_refused_by_name(
    query: str, visitor: httpx2.AsyncClient
) -> None:
    answer = await visitor.get(f"/products?{query}")
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    if problem["code"] == "request.invalid":
        named = query.partition("=")[0]
        assert {error["pointer"].partition("/")[0] for error in problem["errors"]} in ({named}, {""})
    else:
        assert problem["code"] == "request.invalid_cursor"


async def test_a_cursor_fits_only_the_list_it_was_made_for(
    database: Database, furnished: httpx2.AsyncClient, shop: Shop
) -> None:
    cursor = (await furnished.get("/products?limit=2&sort=price")).json()["next_cursor"]
    assert (await furnished.get(f"/products?limit=3&sort=price&cursor={cursor}")).status_code == 200
    tampered = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for other in (
        f"sort=name&cursor={cursor}",
        f"sort=price&in_stock=true&cursor={cursor}",
        f"sort=price&cursor={tampered}",
    ):
        answer = await furnished.get(f"/products?{other}")
        assert (answer.status_code, answer.json()["code"]) == (400, "request.invalid_cursor")
    elsewhere = await open_shop(database)
    async with Front(database, shop, elsewhere, versions=known_versions()).client(elsewhere) as stranger:
        assert (await stranger.get(f"/products?limit=2&sort=price&cursor={cursor}")).status_code == 400
