"""Shoppers read the public fields of variants that the catalogue declares."""

import httpx2

from tests.modules.storefront.front import add_product


async def test_customs_data_is_shown_with_the_variant(staff: httpx2.AsyncClient, visitor: httpx2.AsyncClient) -> None:
    variant = {"options": {"Size": "S"}, "hs_code": "6109.10", "country_of_origin": "PT"}
    price = {"amount": 1000, "currency": "USD"}
    options = [{"name": "Size", "values": ["S"]}]
    made = await add_product(staff, "Shirt", price=price, options=options, variants=[variant])
    product = (await visitor.get(f"/products/{made['id']}")).json()
    [listed] = (await visitor.get("/products")).json()["data"]
    assert product == listed == made
    assert (product["variants"][0]["hs_code"], product["variants"][0]["country_of_origin"]) == ("6109.10", "PT")
