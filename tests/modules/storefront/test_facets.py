"""The counts of facets equal the numbers of products that a list with the value has."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import httpx2
import pytest

from luxewin.kit.database import Database
from tests.modules.storefront.events import settle
from tests.modules.storefront.front import Shop, add_product

CATEGORIES = {"Room": ["room"], "Room/Chairs": ["room", "chairs"], "Room/Lamps": ["room", "lamps"], "Bath": ["bath"]}
TAGS = ["oak", "wool", "sale"]
PRICES = [100, 200, 300, 400]
PRODUCTS = 24

Product = dict[str, Any]
Condition = Callable[[Product], bool]


@pytest.fixture
async def catalogue(database: Database, shop: Shop, staff: httpx2.AsyncClient, seed: int) -> list[Product]:
    """Random products, each with its vendor, its category and those above it, its tags and its price."""
    chance = random.Random(seed)  # noqa: S311 - a test must be reproducible
    vendors = [(await staff.post("/vendors", json={"name": name})).json()["id"] for name in ("Nordlys", "Sund")]
    products = []
    for number in range(PRODUCTS):
        category, vendor = chance.choice([*CATEGORIES, None]), chance.choice([*vendors, None])
        tags, price = chance.sample(TAGS, chance.randint(0, 3)), chance.choice(PRICES)
        await add_product(
            staff,
            f"Thing {number}",
            tags=tags,
            price={"amount": price, "currency": "USD"},
            **({"category": category} if category else {}),
            **({"vendor_id": vendor} if vendor else {}),
        )
        products.append(
            {"category": CATEGORIES[category] if category else [], "vendor": vendor, "tag": tags, "price": price}
        )
    await settle(database, shop.tenant)
    return products


def conditions_of(filters: dict[str, Any]) -> dict[str, Condition]:
    """Return the condition of a product by the name of the facet whose filter it is."""
    return {
        "category": lambda product: filters.get("category") in {None, *product["category"]},
        "vendor": lambda product: filters.get("vendor") in {None, product["vendor"]},
        "tag": lambda product: filters.get("tag") in {None, *product["tag"]},
        "price": lambda product: filters.get("min_price", 0) <= product["price"] <= filters.get("max_price", 999),
    }


def counted(values: Iterable[Any]) -> dict[Any, int]:
    found = list(values)
    return {value: found.count(value) for value in found if value is not None}


def expected(products: list[Product], filters: dict[str, Any]) -> dict[str, Any]:
    conditions = conditions_of(filters)

    def matching(*, but: str | None = None) -> list[Product]:
        return [each for each in products if all(test(each) for name, test in conditions.items() if name != but)]

    prices = [each["price"] for each in matching(but="price")]
    return {
        "products": len(matching()),
        "categories": counted(name for each in matching(but="category") for name in each["category"]),
        "tags": counted(tag for each in matching() for tag in each["tag"]),
        "vendors": counted(each["vendor"] for each in matching(but="vendor")),
        "prices": {"min_price": min(prices), "max_price": max(prices)} if prices else None,
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_facets_count_what_a_scan_of_all_products_counts(
    seed: int, catalogue: list[Product], visitor: httpx2.AsyncClient
) -> None:
    chance = random.Random(-seed)  # noqa: S311 - a test must be reproducible
    vendors = sorted({each["vendor"] for each in catalogue} - {None})
    choices = {"category": ["room", "chairs", "bath"], "vendor": vendors, "tag": TAGS}
    for _ in range(25):
        filters = {name: chance.choice(values) for name, values in choices.items() if chance.random() < 0.4}
        filters |= {name: chance.choice(PRICES) for name in ("min_price", "max_price") if chance.random() < 0.3}
        answer = await visitor.get("/search", params={"q": "thing", "include": "facets", **filters})
        assert answer.status_code == 200, answer.text
        facets = answer.json()["facets"]
        for kind in ("categories", "tags", "vendors"):
            facets[kind] = {each["value"]: each["products"] for each in facets[kind]}
        assert facets == expected(catalogue, filters), filters
