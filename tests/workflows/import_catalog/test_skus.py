"""A SKU is one SKU in every file and in the API, whatever white space surrounds or separates its parts."""

import json

import pytest

from luxewin.modules.catalog_import.public import DuplicateSku, ImportFormat, StockPolicy
from luxewin.modules.storefront.schemas import ListingQuery
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of, notes_of
from tests.workflows.import_catalog.files import file_of, plain

SPELLINGS = ["A 1", " A 1", "A  1\u00a0", "A\u2003 1", "A\t1", "\u200eA 1", "A\u200b 1"]


def _list(sku: str, **cells: str) -> bytes:
    return file_of([{"SKU": sku, **cells}], ["SKU", *cells])


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_sku_is_recognised_in_every_list_in_any_spelling(shop: Shop, desk: Desk, spelling: str) -> None:
    pot = await shop.product("Pot", sku=spelling, stock=3)
    assert pot["variants"][0]["sku"] == "A 1"
    assert counts_of(await desk.import_file(_list(spelling, Price="12.00"))) == (0, 1, 0, 0)
    report = await desk.import_file(_list(spelling, **{"Variant Inventory Qty": "9"}), stock=StockPolicy.OVERWRITE)
    assert (report.errors, counts_of(report)) == ((), (0, 1, 0, 0))
    cells = {"Title": "Pot", "Variant SKU": spelling, "Variant Price": "12.00"}
    report = await desk.import_file(file_of([plain("pot", **cells)]))
    assert (report.errors, report.created) == ((), 0)
    line = {
        "handle": "pot",
        "title": "Pot",
        "variants": [{"sku": spelling, "price": {"amount": 1200, "currency": "USD"}}],
    }
    report = await desk.import_file(json.dumps(line).encode(), file_format=ImportFormat.JSONL)
    assert (report.errors, report.created) == ((), 0)
    rows = await shop.rows("SELECT sku, price_minor FROM catalog_v_variants")
    assert [tuple(row) for row in rows] == [("A 1", 1200)]


async def test_two_spellings_of_a_sku_in_a_file_are_one_sku(shop: Shop, desk: Desk) -> None:
    file = file_of([plain("pot", **{"Variant SKU": "A 1"}), plain("cup", **{"Variant SKU": "A  1"})])
    report = await desk.import_file(file)
    assert (counts_of(report), [code for _, _, code in notes_of(report)]) == ((2, 0, 0, 0), ["sku_repeated"])
    report = await desk.import_file(file, on_duplicate_sku=DuplicateSku.REFUSE)
    assert codes_of(report) == [(3, "Variant SKU", "sku_repeated")]
    assert [row["sku"] for row in await shop.rows("SELECT sku FROM catalog_v_variants WHERE sku <> ''")] == ["A 1"]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_filter_of_lists_finds_a_sku_in_any_spelling(spelling: str) -> None:
    assert ListingQuery.model_validate({"sku": [spelling]}).filters().skus == ("A 1",)


def test_the_filter_of_lists_takes_the_longest_sku() -> None:
    assert ListingQuery.model_validate({"sku": ["A" * 255]}).filters().skus == ("A" * 255,)
