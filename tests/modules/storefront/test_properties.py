"""Lists and searches filtered by options and attributes."""

import random
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.modules.storefront.service import indexing
from tests.modules.storefront.front import Shop

PRICE = {"amount": 4900, "currency": "USD"}
SIZES, COLOURS = ("S", "M", "Grüße"), ("Red", "Blue")


async def add(staff: httpx2.AsyncClient, name: str, options: Mapping[str, Sequence[str]], **more: Any) -> str:
    names = list(options)
    body = {
        "name": name,
        "options": [{"name": option, "values": list(values)} for option, values in options.items()],
        "variants": [
            {"options": dict(zip(names, values, strict=True)), "price": PRICE}
            for values in zip(*options.values(), strict=True)
        ],
        **more,
    }
    added = await staff.post("/products", json=body)
    assert added.status_code == 201, added.text
    return str(added.json()["id"])


async def found(client: httpx2.AsyncClient, query: str, path: str = "/products") -> set[str]:
    answer = await client.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return {product["id"] for product in answer.json()["data"]}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("option.Size=M", {"ab", "b"}),
        ("option.size=m&option.SIZE=s", {"a", "ab", "b"}),
        ("option.size=%20GR%C3%9CSSE%20", {"c"}),
        ("option.Size=Gru%CC%88sse", {"c"}),
        ("option.Size=M&option.Colour=red", {"ab"}),
        ("option.Size=M&option.Colour=Green", set()),
        ("option.Size=XXL", set()),
        ("option.Nothing=M", set()),
        ("option.Size=", {"a", "ab", "b", "c"}),
        ("option.Size=M&max_price=5000&in_stock=true", {"ab", "b"}),
        ("option.Size=M&sort=name", {"ab", "b"}),
    ],
)
async def test_a_list_is_filtered_by_options(
    staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient, query: str, names: set[str]
) -> None:
    ids = {
        "a": await add(staff, "a", {"Size": ["S"], "Colour": ["Red"]}),
        "ab": await add(staff, "ab", {"Size": ["S", "M"], "Colour": ["Red", "Blue"]}),
        "b": await add(staff, "b", {"Size": ["M"], "Colour": ["Blue"]}),
        "c": await add(staff, "c", {"Size": ["Grüße"]}),
    }
    assert await found(visitor, query) == {ids[name] for name in names}


async def test_a_list_and_a_search_are_filtered_by_attributes(
    database: Database, shop: Shop, staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient
) -> None:
    declared = [
        {"name": name, "kind": kind}
        for name, kind in (("material", "text"), ("legs", "integer"), ("folding", "boolean"))
    ]
    made = await staff.post("/product-types", json={"name": "Table", "attributes": declared})
    assert made.status_code == 201, made.text
    values = {"material": "Oak", "legs": 4, "folding": True}
    body = {"name": "Table", "price": PRICE, "product_type_id": made.json()["id"], "attributes": values}
    table = (await staff.post("/products", json=body)).json()
    words: dict[str, Any] = {"options": [], "skus": [], "vendor_name": None, "category_path": None}
    async with database.begin(shop.tenant, SYSTEM) as tx:
        await indexing.update_index(tx, {UUID(table["id"]): (1, table | words)}, {})
    for query in ("attribute.material=oak", "attribute.legs=4&attribute.Folding=true"):
        assert await found(visitor, query) == {table["id"]}
        assert await found(visitor, f"q=table&{query}", "/search") == {table["id"]}
        assert await found(visitor, f"q=table&{query}&attribute.material=pine", "/search") == (
            {table["id"]} if "material" in query else set()
        )
    assert await found(visitor, "attribute.legs=3") == set()
    await staff.patch(f"/products/{table['id']}", json={"attributes": {**values, "material": "Pine"}})
    assert await found(visitor, "attribute.material=oak") == set()
    assert await found(visitor, "attribute.material=PINE") == {table["id"]}


async def test_lists_agree_with_a_plain_comparison(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    chance = random.Random(11)  # noqa: S311 - a test must be reproducible
    options = {}
    for number in range(20):
        sizes = chance.sample(SIZES, chance.randint(1, 3))
        chosen = {"Size": sizes, "Colour": [chance.choice(COLOURS) for _ in sizes]}
        options[await add(staff, f"p{number}", chosen)] = chosen
    for _ in range(20):
        wanted = {"Size": set(chance.sample(SIZES, chance.randint(0, 2))), "Colour": set(chance.sample(COLOURS, 1))}
        query = "&".join(f"option.{name}={value}" for name, values in wanted.items() for value in values)
        expected = {
            id_
            for id_, has in options.items()
            if all(not values or values & set(has[name]) for name, values in wanted.items())
        }
        assert await found(visitor, f"limit=100&{query}") == expected


@pytest.mark.parametrize("query", ["optoin.Size=M", "option=M", "option.=M", "colour=red"])
async def test_other_unknown_parameters_are_refused(visitor: httpx2.AsyncClient, query: str) -> None:
    refused = await visitor.get(f"/products?{query}")
    assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")
    assert "is not a parameter of this request" in refused.json()["detail"]


async def test_the_number_of_values_is_limited(visitor: httpx2.AsyncClient) -> None:
    query = "&".join(f"option.Size={number}" for number in range(31))
    assert (await visitor.get(f"/products?{query}")).status_code == 400
