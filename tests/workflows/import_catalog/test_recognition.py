"""A variant in a file is recognised, and keeps its stock; variants that the file does not have stay."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest

from luxewin.modules.catalog_import.public import StockPolicy, VariantPolicy
from luxewin.modules.inventory.public import SoldOut
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, counts_of
from tests.workflows.import_catalog.files import file_of, of_variant, plain, rows_of
from tests.workflows.import_catalog.test_changes import TRACKED, changes_of

COLOUR = {"Option1 Name": "Colour"}
STOCKED = TRACKED | {"Variant Inventory Qty": "5"}
STOCK = (
    "SELECT v.id, v.sku, v.options, a.stock FROM catalog_v_variants v JOIN inventory_v_availability a"
    " ON a.tenant_id = v.tenant_id AND a.variant_id = v.id ORDER BY v.position"
)


async def _mug(shop: Shop, desk: Desk, **more: str) -> UUID:
    await desk.import_file(file_of([plain("mug", **COLOUR, **STOCKED, **{"Option1 Value": "Café Brûlé"}, **more)]))
    [row] = await shop.rows(STOCK)
    variant_id: UUID = row["id"]
    return variant_id


@pytest.mark.parametrize("value", ["CAFÉ BRÛLÉ", "Café  Brûlé", "Cafe\u0301 Bru\u0302le\u0301"])
async def test_another_spelling_of_an_option_is_the_same_variant(shop: Shop, desk: Desk, value: str) -> None:
    variant_id = await _mug(shop, desk)
    await desk.import_file(file_of([plain("mug", **COLOUR, **TRACKED, **{"Option1 Value": value})]))
    [row] = await shop.rows(STOCK)
    assert (row["id"], row["stock"]) == (variant_id, 5)


async def test_a_file_that_adds_an_option_recognises_the_variant_by_its_sku(shop: Shop, desk: Desk) -> None:
    sku = {"Variant SKU": "M-1"}
    variant_id = await _mug(shop, desk, **sku)
    sized = {**COLOUR, "Option1 Value": "Brown", "Option2 Name": "Size", "Option2 Value": "S"}
    report = await desk.import_file(file_of([plain("mug", **sized, **TRACKED, **sku)]))
    assert counts_of(report) == (0, 1, 0, 0)
    [row] = await shop.rows(STOCK)
    assert (row["id"], row["stock"], row["options"]) == (variant_id, 5, {"Colour": "Brown", "Size": "S"})


async def test_a_variant_that_would_have_no_value_for_a_new_option_is_never_dropped(shop: Shop, desk: Desk) -> None:
    variant_id = await _mug(shop, desk)
    sized = {**COLOUR, "Option1 Value": "Brown", "Option2 Name": "Size", "Option2 Value": "S"}
    report = await desk.import_file(file_of([plain("mug", **sized, **TRACKED)]))
    assert [error.code for error in report.errors] == ["product_invalid"]
    assert "variants=replace" in report.errors[0].message
    [row] = await shop.rows(STOCK)
    assert (row["id"], row["stock"]) == (variant_id, 5)


async def test_a_dry_run_tells_what_happens_to_the_stock_of_each_variant(shop: Shop, desk: Desk) -> None:
    first = plain("mug", **COLOUR, **STOCKED, **{"Option1 Value": "Red", "Variant SKU": "R"})
    await desk.import_file(file_of([first, of_variant("mug", "Blue", **STOCKED), of_variant("mug", "Grey", **STOCKED)]))
    file = file_of(
        [
            {**first, "Option1 Value": "RED", "Variant Inventory Qty": "9"},
            of_variant("mug", "Grey", **TRACKED),
            of_variant("mug", "White"),
        ]
    )

    async def effects(**options: Any) -> dict[str, tuple[object, ...]]:
        report = await desk.import_file(file, dry_run=True, **options)
        [mug] = await changes_of(shop, report.import_id)
        return {each["field"]: (each["from"], each["to"], each["effect"]) for each in mug["fields"] if each["effect"]}

    kept = {
        "variant[RED].stock": (5, 5, "kept"),
        "variant[Blue].stock": (5, 5, "kept"),
        "variant[Grey].stock": (5, 5, "kept"),
        "variant[White].stock": (None, None, "not_tracked"),
    }
    assert await effects() == kept
    assert await effects(stock=StockPolicy.OVERWRITE) == kept | {"variant[RED].stock": (5, 9, "set")}
    assert await effects(variants=VariantPolicy.REPLACE) == kept | {"variant[Blue].stock": (5, None, "removed")}


async def test_an_export_of_units_sold_beyond_the_stock_changes_nothing(shop: Shop, desk: Desk) -> None:
    continuing = STOCKED | {"Variant Inventory Policy": "continue"}
    await desk.import_file(file_of([plain("pot", **continuing), plain("cup", **STOCKED)]))
    pot, cup = [row["id"] for row in await shop.rows(f"SELECT * FROM ({STOCK}) AS s ORDER BY id")]
    await shop.hold(pot, 7)
    await shop.hold(cup, 3)
    exported = await desk.export_file()
    assert {row["Handle"]: row["Variant Inventory Qty"] for row in rows_of(exported)} == {"pot": "-2", "cup": "2"}
    report = await desk.import_file(exported, stock=StockPolicy.OVERWRITE)
    assert counts_of(report) == (0, 0, 2, 0)


@pytest.mark.parametrize("stock", StockPolicy)
async def test_a_policy_of_the_file_opens_and_closes_the_sale_beyond_the_stock(
    shop: Shop, desk: Desk, stock: StockPolicy
) -> None:
    def policy(word: str) -> list[Mapping[str, str]]:
        return [plain("pot", **STOCKED | {"Variant Inventory Policy": word})]

    await desk.import_file(file_of(policy("continue")))
    [pot] = [row["id"] for row in await shop.rows(STOCK)]
    await shop.hold(pot, 7)
    too_many = 6 if stock is StockPolicy.OVERWRITE else 1
    report = await desk.import_file(file_of(policy("deny")), stock=stock)
    assert counts_of(report) == (0, 1, 0, 0)
    with pytest.raises(SoldOut):
        await shop.hold(pot, too_many)
    assert {row["Variant Inventory Policy"] for row in rows_of(await desk.export_file())} == {"deny"}
    await desk.import_file(file_of([plain("pot", **STOCKED)]), stock=stock)
    with pytest.raises(SoldOut):
        await shop.hold(pot, too_many)
    await desk.import_file(file_of(policy("continue")), stock=stock)
    await shop.hold(pot, too_many)
    await desk.undo()
    with pytest.raises(SoldOut):
        await shop.hold(pot, too_many)


async def test_a_quantity_of_the_file_is_the_stock_that_is_shown(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot", **STOCKED)]))
    [pot] = await shop.rows(STOCK)
    await shop.hold(pot["id"], 3)
    counted = TRACKED | {"Variant Inventory Qty": "8"}
    await desk.import_file(file_of([plain("pot", **counted)]), stock=StockPolicy.OVERWRITE)
    assert [row["stock"] for row in await shop.rows(STOCK)] == [8]
    oversold = file_of([plain("pot", **TRACKED | {"Variant Inventory Qty": "-9"})])
    await desk.import_file(oversold, stock=StockPolicy.OVERWRITE)
    report = await desk.import_file(oversold, stock=StockPolicy.OVERWRITE)
    assert counts_of(report) == (0, 0, 0, 1)
    assert [row["stock"] for row in await shop.rows(STOCK)] == [8]


async def test_labels_of_a_file_are_stored_in_one_form(shop: Shop, desk: Desk) -> None:
    labels = {"Tags": "Oak, OAK,  old   wood", "Variant SKU": "A\u200b  1"}
    await desk.import_file(file_of([plain("pot", **labels)]))
    [row] = await shop.rows(
        "SELECT p.tags, v.sku FROM catalog_v_products p JOIN catalog_v_variants v ON v.product_id = p.id"
    )
    assert (row["tags"], row["sku"]) == (["Oak", "old wood"], "A 1")


async def test_a_handle_in_another_unicode_form_is_the_same_product(desk: Desk) -> None:
    composed, decomposed = "\ud55c\uae00", "\u1112\u1161\u11ab\u1100\u1173\u11af"
    await desk.import_file(file_of([plain(composed)]))
    assert counts_of(await desk.import_file(file_of([plain(decomposed, Title=composed)]))) == (0, 0, 1, 0)
