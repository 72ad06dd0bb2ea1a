"""Lists with only the fields that a page needs."""

from typing import Any

import httpx2
import pytest

PRICE = {"amount": 4900, "currency": "USD"}


@pytest.fixture
async def product(staff: httpx2.AsyncClient) -> dict[str, Any]:
    added = await staff.post("/products", json={"name": "Lamp", "description": "Bright", "price": PRICE})
    made: dict[str, Any] = added.json()
    return made


@pytest.mark.parametrize("query", ["fields=name,price", "fields=price&fields=name", "fields=name,%20price,id,"])
async def test_only_the_named_fields_and_the_id_are_sent(
    visitor: httpx2.AsyncClient, product: dict[str, Any], query: str
) -> None:
    (listed,) = (await visitor.get(f"/products?{query}")).json()["data"]
    assert listed == {name: product[name] for name in ("id", "name", "price")}


async def test_lists_with_other_fields_have_other_entity_tags_and_the_same_cursors(
    staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, product: dict[str, Any]
) -> None:
    await staff.post("/products", json={"name": "Chair", "price": PRICE})
    full, short = await visitor.get("/products?limit=1"), await visitor.get("/products?limit=1&fields=name")
    assert full.headers["etag"] != short.headers["etag"]
    unchanged = await visitor.get("/products?limit=1&fields=name", headers={"If-None-Match": short.headers["etag"]})
    assert unchanged.status_code == 304
    cursor = full.json()["next_cursor"]
    (listed,) = (await visitor.get(f"/products?limit=1&fields=name&cursor={cursor}")).json()["data"]
    assert listed == {"id": product["id"], "name": "Lamp"}


async def test_staff_lists_take_fields_too(staff: httpx2.AsyncClient, product: dict[str, Any]) -> None:
    (listed,) = (await staff.get("/products?status=any&fields=status")).json()["data"]
    assert listed == {"id": product["id"], "status": "active"}


async def test_an_unknown_field_is_refused_with_the_nearest_one(visitor: httpx2.AsyncClient) -> None:
    refused = await visitor.get("/products?fields=nane")
    assert refused.status_code == 400
    assert "did you mean `name`?" in refused.json()["detail"]
