"""What the storefront shows of a product is a valid body to replace it, and changes nothing."""

from typing import Any

import httpx2
import pytest

from luxewin.kit.ids import new_id
from tests.modules.storefront.front import add_product

SHIRT: dict[str, Any] = {
    "description": "<p>Linen.</p>",
    "category": "Clothes/Shirts",
    "tags": ["Linen", "summer"],
    "images": [{"url": "/a.png", "alt": "Front", "width": 10, "height": 20}],
    "seo": {"title": "Linen shirts", "description": "From Oslo"},
    "options": [{"name": "Size", "values": ["S", "M"]}],
    "variants": [
        {
            "sku": "S-1",
            "options": {"Size": "S"},
            "price": {"amount": 4000, "currency": "USD"},
            "compare_at_price": {"amount": 5000, "currency": "USD"},
            "stock": 3,
            "barcode": "4006381333931",
            "weight_grams": 210,
            "requires_shipping": False,
            "taxable": False,
            "tax_code": "P0000000",
            "image_url": "/s.png",
            "hs_code": "6109.10",
            "country_of_origin": "DE",
        },
        {"options": {"Size": "M"}, "price": {"amount": 4500, "currency": "USD"}},
    ],
}
PLAIN: dict[str, Any] = {"sku": "P-1", "stock": 2, "weight_grams": 900, "image_url": "/pot.png"}


@pytest.mark.parametrize("body", [SHIRT, PLAIN, {"status": "draft"}])
async def test_a_product_is_written_back_as_it_is_shown(staff: httpx2.AsyncClient, body: dict[str, Any]) -> None:
    made = await add_product(staff, "Thing", **body)
    path = f"/products/{made['id']}"
    shown = await staff.get(path)
    assert shown.json() == made
    again = await staff.put(path, json=shown.json(), headers={"If-Match": shown.headers["etag"]})
    assert (again.status_code, again.json()) == (200, shown.json()), again.text
    for variant in shown.json()["variants"]:
        one = await staff.put(f"{path}/variants/{variant['id']}", json=variant)
        assert (one.status_code, one.json()) == (200, shown.json()), one.text


async def test_all_that_is_written_is_shown(staff: httpx2.AsyncClient) -> None:
    made = await add_product(staff, "Shirt", **SHIRT)
    shown = (await staff.get(f"/products/{made['id']}")).json()
    given = SHIRT["variants"][0] | {"image_url": f"{staff.base_url.scheme}://{staff.base_url.host}/s.png"}
    assert {name: shown["variants"][0][name] for name in given} == given
    assert (shown["seo"], shown["product_type_id"]) == (SHIRT["seo"], None)
    assert "cost" not in shown["variants"][0]


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"id": str(new_id())}, 400, "/id"),
        ({"created_at": "2020-01-01T00:00:00Z"}, 400, "/created_at"),
        ({"in_stock": False}, 400, "/in_stock"),
        ({"rating": 5.0}, 400, "/rating"),
        ({"vendor": {"id": str(new_id()), "name": "V"}}, 400, "/vendor"),
        ({"category": {"id": str(new_id()), "slug": "a", "name": "A", "path": "A"}}, 400, "/category"),
        ({"images": [{"url": "/a.png", "sizes": {"100": "/x.png"}}]}, 400, "/images/0/sizes"),
        ({"stock": 9}, 400, "/stock"),
        ({"price": {"amount": 1, "currency": "USD"}}, 400, "/price"),
        ({"version": 7}, 412, None),
    ],
)
async def test_a_field_that_cannot_be_written_is_refused_by_name_if_it_differs(
    staff: httpx2.AsyncClient, change: dict[str, Any], status: int, pointer: str | None
) -> None:
    variants = [SHIRT["variants"][0]]
    made = await add_product(staff, "Shirt", **{**SHIRT, "variants": variants})
    refused = await staff.put(f"/products/{made['id']}", json={**made, **change})
    assert refused.status_code == status, refused.text
    assert pointer is None or refused.json()["errors"][0]["pointer"] == pointer
    new = await staff.post("/products", json={**SHIRT, "name": "Other", "variants": variants, **change})
    assert new.status_code == 400 or "price" in change


async def test_a_category_that_is_written_as_a_text_moves_the_product(staff: httpx2.AsyncClient) -> None:
    made = await add_product(staff, "Shirt", **SHIRT)
    moved = await staff.put(f"/products/{made['id']}", json={**made, "category": "Sale"})
    assert moved.json()["category"]["path"] == "Sale"
    removed = await staff.put(f"/products/{made['id']}", json={**moved.json(), "category": None})
    assert removed.json()["category"] is None


async def test_a_slug_that_looks_like_an_id_is_found(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    slug = str(new_id())
    made = await add_product(staff, "Shirt", slug=slug, category="Clothes")
    assert (await visitor.get(f"/products/{slug}")).json()["id"] == made["id"]
    assert (await visitor.get(f"/products/{made['id']}")).json()["slug"] == slug
    other = await add_product(staff, "Pot", slug=made["id"])
    assert (await visitor.get(f"/products/{made['id']}")).json()["id"] == made["id"]
    assert (await visitor.get(f"/products/{other['id']}")).json()["slug"] == made["id"]
