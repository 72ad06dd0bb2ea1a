"""Creating, changing and deleting products as staff."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from luxewin.kit.ids import new_id
from luxewin.modules.catalog.public import CATALOG_CHANNEL
from tests.conftest import TestDatabase
from tests.modules.catalog.shop import Shop, dollars, listen_to

CHAIR: dict[str, Any] = {
    "name": "Oslo Lounge Chair",
    "description": "<p>Solid <b>oak</b>.</p>",
    "category": "Living Room/Chairs",
    "tags": ["oak", "wool"],
    "price": {"amount": 64900, "currency": "USD"},
    "compare_at_price": {"amount": 79900, "currency": "USD"},
    "stock": 12,
    "sku": "OSLO-OAK",
    "image_url": "https://images.example.com/oslo.jpg",
}
SHIRT: dict[str, Any] = {
    "name": "Linen Shirt",
    "options": [{"name": "Size", "values": ["S", "M", "L"]}, {"name": "Colour", "values": ["White", "Blue"]}],
    "variants": [
        {"sku": "SHIRT-S-W", "options": {"Size": "S", "Colour": "White"}, "price": dollars(50), "stock": 5},
        {"sku": "SHIRT-L-B", "options": {"Size": "L", "Colour": "Blue"}, "price": dollars(45), "weight_grams": 210},
    ],
}


async def test_a_product_is_shown_as_it_was_given(shop: Shop) -> None:
    product = await shop.product(**CHAIR)
    [variant] = product["variants"]
    category = product["category"]
    assert UUID(product["id"]).version == 7
    assert product == {
        "id": product["id"],
        "slug": "oslo-lounge-chair",
        "name": "Oslo Lounge Chair",
        "description": "<p>Solid <b>oak</b>.</p>",
        "status": "active",
        "category": {"id": category["id"], "slug": "chairs", "name": "Chairs", "path": "Living Room/Chairs"},
        "tags": ["oak", "wool"],
        "images": [
            {"url": "https://images.example.com/oslo.jpg", "alt": "", "width": None, "height": None, "sizes": {}}
        ],
        "price": {"amount": 64900, "currency": "USD"},
        "compare_at_price": {"amount": 79900, "currency": "USD"},
        "in_stock": True,
        "stock": 12,
        "options": [],
        "variants": [
            {
                "id": variant["id"],
                "sku": "OSLO-OAK",
                "options": {},
                "price": {"amount": 64900, "currency": "USD"},
                "compare_at_price": {"amount": 79900, "currency": "USD"},
                "stock": 12,
                "in_stock": True,
                "barcode": "",
                "weight_grams": None,
                "requires_shipping": True,
                "taxable": True,
                "tax_code": "",
                "image_url": None,
                "hs_code": None,
                "country_of_origin": None,
            }
        ],
        "vendor": None,
        "rating": None,
        "product_type_id": None,
        "attributes": {},
        "seo": {"title": "", "description": ""},
        "created_at": product["created_at"],
        "updated_at": product["created_at"],
        "version": 1,
    }
    assert product["created_at"].endswith("Z")


async def test_a_product_with_options_has_the_price_of_its_cheapest_variant(shop: Shop) -> None:
    product = await shop.product(**SHIRT)
    assert product["price"] == dollars(45)
    assert product["options"] == [
        {"name": "Size", "values": ["S", "L"]},
        {"name": "Colour", "values": ["White", "Blue"]},
    ]
    assert [variant["options"] for variant in product["variants"]] == [
        {"Size": "S", "Colour": "White"},
        {"Size": "L", "Colour": "Blue"},
    ]


async def test_untracked_stock_never_runs_out(shop: Shop) -> None:
    counted, uncounted = (await shop.product(**SHIRT))["variants"]
    assert (counted["stock"], counted["in_stock"]) == (5, True)
    assert (uncounted["stock"], uncounted["in_stock"]) == (None, True)
    sold_out = await shop.product("Sold Out", stock=0)
    assert (sold_out["stock"], sold_out["in_stock"]) == (0, False)


async def test_two_products_of_one_name_have_addresses_of_their_own(shop: Shop) -> None:
    slugs = [(await shop.product("Tea Pot"))["slug"] for _ in range(3)]
    assert slugs == ["tea-pot", "tea-pot-2", "tea-pot-3"]
    foreign = await shop.product("☕")
    assert foreign["slug"].startswith("product-")


async def test_products_made_at_once_under_one_name_are_products_of_their_own(shop: Shop) -> None:
    body = {"name": "Tea Pot", "price": dollars(1)}
    answers = await asyncio.gather(*(shop.staff.post("/products", json=body) for _ in range(6)))
    made = [answer.json()["slug"] for answer in answers if answer.status_code == 201]
    lost = [answer.json()["code"] for answer in answers if answer.status_code != 201]
    assert len(set(made)) == len(made) >= 3
    assert set(lost) <= {"catalog.contended"}


async def test_a_requested_slug_is_assigned_or_refused(shop: Shop) -> None:
    assert (await shop.product(slug="the-pot"))["slug"] == "the-pot"
    again = await shop.staff.post("/products", json={"name": "Pot", "slug": "the-pot", "price": dollars(1)})
    assert (again.status_code, again.json()["code"]) == (409, "catalog.slug_taken")


async def test_active_content_is_removed_from_a_description(shop: Shop) -> None:
    dirty = '<p onclick="steal()">Oak<script>steal()</script> <a href="javascript:steal()">more</a></p>'
    product = await shop.product(description=dirty)
    assert "steal" not in product["description"]
    assert product["description"].startswith("<p>Oak")
    plain = await shop.product("Plain", description="Tables & chairs, 5 > 4")
    assert plain["description"] == "Tables & chairs, 5 > 4"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "data:image/svg+xml;base64,AAAA",
        "//evil.example.com/x.png",
        "/\\evil.example.com/x.png",
        "https://user:secret@example.com/x.png",
        "ftp://example.com/x.png",
        "https://example.com/a b.png",
        'https://example.com/"onload="x',
        "relative.png",
        "",
    ],
)
async def test_an_image_comes_from_the_web_or_the_site_and_nowhere_else(shop: Shop, address: str) -> None:
    body = {"name": "Chair", "price": dollars(1), "image_url": address}
    refused = await shop.staff.post("/products", json=body)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["pointer"] == "/image_url"


@pytest.mark.parametrize("address", ["/demo/images/sofa.svg", "https://cdn.example.com/a@2x.jpg?v=1#x"])
async def test_the_address_of_an_image_is_kept_as_it_is(shop: Shop, address: str) -> None:
    assert (await shop.product(image_url=address))["images"][0]["url"] == address


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"price": {"amount": 100, "currency": "EUR"}}, "catalog.currency_not_sold"),
        ({"price": {"amount": -1, "currency": "USD"}}, "request.invalid"),
        ({"price": {"amount": 1.5, "currency": "USD"}}, "request.invalid"),
        ({"price": {"amount": 10**12 + 1, "currency": "USD"}}, "request.invalid"),
        ({"price": None}, "request.invalid"),
        ({"name": ""}, "request.invalid"),
        ({"name": "A\r\nB"}, "request.invalid"),
        ({"stock": -1}, "catalog.product_invalid"),
        ({"stock": "3"}, "request.invalid"),
        ({"tags": ["a,b"]}, "request.invalid"),
        ({"version": 3}, "request.invalid"),
        ({"rating": 5}, "request.invalid"),
        ({"attributes": {"Material": "oak"}}, "catalog.attribute_invalid"),
        ({"product_type_id": "0199a1b2-7c00-7000-8000-000000000001"}, "catalog.product_type_not_found"),
        ({"vendor_id": "0199a1b2-7c00-7000-8000-000000000001"}, "catalog.vendor_not_found"),
        ({"category": "Living Room//Chairs"}, "catalog.category_invalid"),
        ({"category": "/".join("abcdefghi")}, "catalog.category_invalid"),
        ({"images": [{"url": "/a.png"}]}, "request.invalid"),
        ({"options": [{"name": "Size", "values": ["S"]}]}, "request.invalid"),
    ],
)
async def test_an_invalid_product_is_refused_and_nothing_is_stored(
    shop: Shop, change: dict[str, Any], code: str
) -> None:
    before = await shop.traces()
    refused = await shop.staff.post("/products", json={**CHAIR, **change})
    assert (refused.status_code, refused.json()["code"]) == (400, code)
    assert await shop.traces() == before


@pytest.mark.parametrize(
    "variants",
    [
        [{"options": {"Size": "S"}}, {"options": {"Size": "S"}}],
        [{"options": {"Size": "XL"}}],
        [{"options": {"Length": "S"}}],
        [{"options": {}}],
        [{"options": {"Size": "S"}, "sku": "A"}, {"options": {"Size": "M"}, "sku": "A"}],
    ],
)
async def test_variants_answer_the_options_each_in_its_own_way(shop: Shop, variants: list[Any]) -> None:
    options = [{"name": "Size", "values": ["S", "M"]}]
    body = {"name": "Shirt", "price": dollars(5), "options": options, "variants": variants}
    refused = await shop.staff.post("/products", json=body)
    assert (refused.status_code, refused.json()["code"]) == (400, "catalog.product_invalid")


async def test_a_patch_changes_only_the_fields_in_the_body(shop: Shop) -> None:
    before = await shop.product(**CHAIR)
    answer = await shop.staff.patch(f"/products/{before['id']}", json={"price": dollars(500), "tags": ["sale"]})
    assert answer.status_code == 200
    after = answer.json()
    differing = {key for key in after if after[key] != before[key]}
    assert differing == {"price", "tags", "variants", "updated_at", "version"}
    assert after["variants"] == [{**before["variants"][0], "price": dollars(500)}]
    assert answer.headers["etag"].startswith('"2-')


async def test_a_change_that_changes_nothing_leaves_no_trace(shop: Shop) -> None:
    product = await shop.product(**SHIRT)
    before = await shop.traces()
    body = {"name": product["name"], "tags": [], "variants": SHIRT["variants"], "options": SHIRT["options"]}
    for answer in (
        await shop.staff.patch(f"/products/{product['id']}", json=body),
        await shop.staff.put(f"/products/{product['id']}", json=SHIRT),
        await shop.staff.patch(f"/products/{product['id']}", json={}),
    ):
        assert answer.json() == product
    assert await shop.traces() == before


async def test_a_replaced_product_keeps_only_slug_and_stock_if_the_body_does_not_name_them(shop: Shop) -> None:
    before = await shop.product(**CHAIR)
    answer = await shop.staff.put(f"/products/{before['id']}", json={"name": "Bergen Chair", "price": dollars(7)})
    after = answer.json()
    assert (after["category"], after["tags"], after["images"], after["description"]) == (None, [], [], "")
    assert (after["slug"], after["stock"], after["variants"][0]["id"]) == (
        before["slug"],
        12,
        before["variants"][0]["id"],
    )


async def test_variants_are_recognised_by_their_options(shop: Shop) -> None:
    before = await shop.product(**SHIRT)
    await shop.staff.patch(f"/products/{before['id']}/variants/{before['variants'][0]['id']}", json={"stock": 0})
    small, large = before["variants"]
    medium = {"sku": "SHIRT-M", "options": {"Size": "M", "Colour": "White"}, "price": dollars(48)}
    remaining = {**SHIRT["variants"][1], "price": dollars(60)}
    answer = await shop.staff.put(f"/products/{before['id']}", json={**SHIRT, "variants": [medium, remaining]})
    after = answer.json()
    assert [variant["id"] for variant in after["variants"]][1] == large["id"]
    assert small["id"] not in {variant["id"] for variant in after["variants"]}
    assert after["price"] == dollars(48)


async def test_variants_can_exchange_their_skus(shop: Shop) -> None:
    product = await shop.product(**SHIRT)
    first, second = SHIRT["variants"]
    ids = [each["id"] for each in product["variants"]]
    swapped = [{**first, "id": ids[0], "sku": second["sku"]}, {**second, "id": ids[1], "sku": first["sku"]}]
    answer = await shop.staff.put(f"/products/{product['id']}", json={**SHIRT, "variants": swapped})
    assert answer.status_code == 200, answer.text
    assert [variant["sku"] for variant in answer.json()["variants"]] == ["SHIRT-L-B", "SHIRT-S-W"]
    assert [variant["id"] for variant in answer.json()["variants"]] == [each["id"] for each in product["variants"]]


async def test_a_new_variant_can_take_over_the_sku_of_a_removed_one(shop: Shop) -> None:
    product = await shop.product(**SHIRT)
    heir = {"sku": "SHIRT-S-W", "options": {"Size": "M", "Colour": "Blue"}, "price": dollars(50)}
    answer = await shop.staff.put(f"/products/{product['id']}", json={**SHIRT, "variants": [heir]})
    assert [variant["sku"] for variant in answer.json()["variants"]] == ["SHIRT-S-W"]


async def test_a_sku_belongs_to_one_variant(shop: Shop) -> None:
    await shop.product(sku="A-1")
    refused = await shop.staff.post("/products", json={"name": "Other", "price": dollars(1), "sku": "A-1"})
    assert (refused.status_code, refused.json()["code"], refused.json()["sku"]) == (409, "catalog.sku_taken", "A-1")


async def test_an_edit_of_an_older_version_is_refused(shop: Shop) -> None:
    product = await shop.product()
    path, fresh = f"/products/{product['id']}", {"If-Match": '"1"'}
    answers = await asyncio.gather(
        *(shop.staff.patch(path, json={"price": dollars(20 + n)}, headers=fresh) for n in range(8))
    )
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 7]
    assert (await shop.staff.delete(path, headers=fresh)).status_code == 412
    assert (await shop.staff.delete(path, headers={"If-Match": '"2"'})).status_code == 204


async def test_simultaneous_edits_each_publish_an_event(shop: Shop) -> None:
    product = await shop.product()
    path = f"/products/{product['id']}"
    answers = await asyncio.gather(*(shop.staff.patch(path, json={"tags": [f"tag-{number}"]}) for number in range(3)))
    done = sorted(answer.json()["version"] for answer in answers if answer.status_code == 200)
    assert done == list(range(2, len(done) + 2)) != []
    versions = [version for kind, version in await shop.events() if kind == "catalog.product_changed"]
    assert sorted(versions) == done


async def test_a_deleted_product_is_gone_and_its_names_are_free(shop: Shop) -> None:
    product = await shop.product(**CHAIR)
    path = f"/products/{product['id']}"
    assert (await shop.staff.delete(path)).status_code == 204
    for again in (await shop.staff.delete(path), await shop.staff.patch(path, json={"name": "Ghost"})):
        assert (again.status_code, again.json()["code"]) == (404, "request.not_found")
    assert (await shop.product(**CHAIR))["slug"] == product["slug"]
    assert await shop.events() == [
        ("catalog.category_changed", 1),
        ("catalog.category_changed", 1),
        ("catalog.product_created", 1),
        ("catalog.product_deleted", 2),
        ("catalog.product_created", 1),
    ]


async def test_a_rehearsal_shows_the_effect_and_leaves_none(shop: Shop) -> None:
    before = await shop.traces()
    product = await shop.staff.post("/products", json=CHAIR, headers={"Prefer": "dry-run"})
    assert (product.status_code, product.json()["stock"]) == (201, 12)
    assert await shop.traces() == before
    assert await shop.rows("SELECT id FROM catalog_products") == []


async def test_another_tenants_product_does_not_exist(shop: Shop, other_shop: Shop) -> None:
    theirs = await other_shop.product()
    for path in (f"/products/{theirs['id']}", f"/products/{new_id()}"):
        refused = await shop.staff.patch(path, json={"name": "Mine"})
        assert (refused.status_code, refused.json()["code"]) == (404, "request.not_found")


async def test_customers_keep_no_catalogue(shop: Shop) -> None:
    product = await shop.product()
    for answer in (
        await shop.customer.post("/products", json=CHAIR),
        await shop.customer.patch(f"/products/{product['id']}", json={}),
        await shop.customer.delete(f"/products/{product['id']}"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "identity.forbidden")


async def test_every_change_has_one_audit_row(shop: Shop) -> None:
    product = await shop.product(**CHAIR)
    await shop.staff.patch(f"/products/{product['id']}", json={"price": dollars(1)})
    await shop.staff.delete(f"/products/{product['id']}")
    rows = await shop.rows("SELECT action, after FROM kit_audit WHERE target = $1 ORDER BY at, id", product["id"])
    assert [row["action"] for row in rows] == [
        "catalog.product_created",
        "catalog.product_changed",
        "catalog.product_deleted",
    ]
    assert [each["price_minor"] for each in rows[1]["after"]["variants"]] == [100]
    assert rows[1]["after"].keys() == {"variants"}


async def test_every_edit_turns_the_caches_over_in_its_commit(shop: Shop, test_database: TestDatabase) -> None:
    async with listen_to(test_database, CATALOG_CHANNEL) as next_notification:
        product = await shop.product(stock=1)
        assert await next_notification() == str(shop.tenant.id)
        path = f"/products/{product['id']}"
        for edit in (
            shop.staff.patch(path, json={"name": "Bergen Chair"}),
            shop.staff.patch(path, json={"stock": 2}),
            shop.staff.post("/categories", json={"name": "Chairs"}),
            shop.staff.post("/collections", json={"name": "Winter"}),
            shop.staff.delete(path),
        ):
            assert (await edit).status_code in {200, 201, 204}
            assert await next_notification() == str(shop.tenant.id)
