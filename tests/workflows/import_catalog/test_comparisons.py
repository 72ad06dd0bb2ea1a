"""A compare-at price is higher than the price, on every way in."""

from typing import Any

import pytest

from luxewin.modules.catalog_import.public import ImportFormat
from tests.modules.catalog.shop import Shop, dollars
from tests.workflows.import_catalog.desk import Desk, counts_of, notes_of
from tests.workflows.import_catalog.files import file_of, plain

USELESS = [0, 9, 10]


def _invalid(answer: Any) -> bool:
    problem = answer.json()
    return answer.status_code in {400, 422} and "`compare_at_price` must be higher than `price`" in problem["detail"]


@pytest.mark.parametrize("amount", USELESS)
async def test_the_api_refuses_a_comparison_that_is_not_higher(shop: Shop, amount: int) -> None:
    useless = {"price": dollars(10), "compare_at_price": dollars(amount)}
    assert _invalid(await shop.staff.post("/products", json={"name": "Pot", **useless}))
    pot = await shop.product("Pot", price=dollars(10), compare_at_price=dollars(12))
    path, variant = f"/products/{pot['id']}", f"/products/{pot['id']}/variants/{pot['variants'][0]['id']}"
    assert _invalid(await shop.staff.patch(path, json={"compare_at_price": dollars(amount)}))
    assert _invalid(await shop.staff.patch(path, json={"price": dollars(12)}))
    assert _invalid(await shop.staff.put(path, json={"name": "Pot", **useless}))
    assert _invalid(await shop.staff.patch(variant, json={"compare_at_price": dollars(amount)}))
    assert (await shop.staff.patch(path, json={"price": dollars(12), "compare_at_price": None})).status_code == 200


@pytest.mark.parametrize("amount", USELESS)
async def test_files_and_lists_are_read_without_it(shop: Shop, desk: Desk, amount: int) -> None:
    cells = {"Variant SKU": "A", "Variant Compare At Price": f"{amount}.00"}
    report = await desk.import_file(file_of([plain("pot", **cells)]))
    assert [code for _, _, code in notes_of(report)] == ["compare_at_ignored"]
    prices = {"SKU": "A", "Variant Price": "10.00", "Variant Compare At Price": f"{amount}.00"}
    report = await desk.import_file(file_of([prices], prices))
    assert "compare_at_ignored" in [code for _, _, code in notes_of(report)]
    assert [row["compare_at_minor"] for row in await shop.rows("SELECT * FROM catalog_v_variants")] == [None]


async def test_a_price_list_that_raises_the_price_clears_the_comparison(shop: Shop, desk: Desk) -> None:
    await shop.product("Pot", sku="A", price=dollars(10), compare_at_price=dollars(12))
    report = await desk.import_file(file_of([{"SKU": "A", "Variant Price": "12.00"}], ["SKU", "Variant Price"]))
    assert "compare_at_ignored" in [code for _, _, code in notes_of(report)]
    for file_format in (ImportFormat.SHOPIFY_CSV, ImportFormat.JSONL):
        again = await desk.import_file(await desk.export_file(file_format), file_format=file_format)
        assert (again.errors, counts_of(again)) == ((), (0, 0, 1, 0))
