"""The tariff code and the country of origin of variants, through the API."""

from typing import Any

import asyncpg
import pytest

from tests.modules.catalog.shop import Shop, dollars

CUSTOMS = {"hs_code": "6109.10.0012", "country_of_origin": "PT"}
SHIRT: dict[str, Any] = {"options": {"Size": "S"}, "price": dollars(10)}
OPTIONS = [{"name": "Size", "values": ["S", "M"]}]


def _customs_of(variant: dict[str, Any]) -> tuple[str | None, str | None]:
    return variant["hs_code"], variant["country_of_origin"]


async def test_customs_data_is_stored_and_returned(shop: Shop) -> None:
    shirt = await shop.product("Shirt", options=OPTIONS, variants=[{**SHIRT, **CUSTOMS}])
    [small] = shirt["variants"]
    assert _customs_of(small) == ("6109.10.0012", "PT")
    path = f"/products/{shirt['id']}/variants"
    added = await shop.staff.post(path, json={"options": {"Size": "M"}, "hs_code": "610910"})
    assert _customs_of(added.json()["variants"][1]) == ("610910", None)
    changed = await shop.staff.patch(f"{path}/{small['id']}", json={"country_of_origin": "IT"})
    assert _customs_of(changed.json()["variants"][0]) == ("6109.10.0012", "IT")
    emptied = await shop.staff.patch(f"{path}/{small['id']}", json={"hs_code": None})
    assert _customs_of(emptied.json()["variants"][0]) == (None, "IT")
    replaced = await shop.staff.put(f"{path}/{small['id']}", json=SHIRT)
    assert _customs_of(replaced.json()["variants"][0]) == (None, None)


@pytest.mark.parametrize("code", ["61091", "61091000120000", "6109-10", "6109..10", ".610910", "610910.", "61O910"])
async def test_an_invalid_tariff_code_is_refused_with_its_rule_in_words(shop: Shop, code: str) -> None:
    answer = await shop.staff.post(
        "/products", json={"name": "Shirt", "options": OPTIONS, "variants": [{**SHIRT, "hs_code": code}]}
    )
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert error["pointer"] == "/variants/0/hs_code"
    assert "must be an HS code: 6 to 13 digits and dots" in error["message"]
    assert repr(code) in error["message"]


@pytest.mark.parametrize("code", ["de", "DEU", "XX", "D", ""])
async def test_a_country_that_does_not_exist_is_refused_with_its_rule_in_words(shop: Shop, code: str) -> None:
    answer = await shop.staff.post(
        "/products", json={"name": "Shirt", "options": OPTIONS, "variants": [{**SHIRT, "country_of_origin": code}]}
    )
    assert answer.status_code == 400
    [error] = answer.json()["errors"]
    assert "must be an ISO 3166-1 alpha-2 country code: two capital letters, such as DE" in error["message"]


@pytest.mark.parametrize(("column", "value"), [("hs_code", "cotton"), ("hs_code", "1"), ("country_of_origin", "pt")])
async def test_the_database_itself_refuses_invalid_customs_data(shop: Shop, column: str, value: str) -> None:
    await shop.product("Shirt")
    with pytest.raises(asyncpg.CheckViolationError):
        await shop.rows(f"UPDATE catalog_variants SET {column} = $1 RETURNING id", value)
