"""Undoing an import."""

from functools import partial
from typing import Any

import pytest

from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import ImportNotUndoable, ImportStatus, StockPolicy, VariantPolicy
from luxewin.workflows.import_catalog.workflow import run_due_imports
from tests.modules.catalog.shop import Shop, dollars
from tests.workflows.import_catalog.desk import Desk, counts_of
from tests.workflows.import_catalog.files import file_of, of_variant, plain, shop_file

TRACKED = {"Variant Inventory Tracker": "shopify"}
SHIRT = {"Option1 Name": "Size", "Option1 Value": "S", "Vendor": "First", "Type": "Apparel/Shirts", "Tags": "old"}


def shirt(price: str, sizes: str, **more: str) -> bytes:
    first, *others = tuple(sizes)
    rows = [
        plain("shirt", **SHIRT | {"Option1 Value": first, "Variant SKU": f"S-{first}", "Variant Price": price} | more)
    ]
    return file_of([*rows, *(of_variant("shirt", size, **{"Variant SKU": f"S-{size}"}) for size in others)])


async def _state(shop: Shop) -> list[dict[str, Any]]:
    """Return the catalogue as shoppers and staff see it, without times and versions."""
    rows = await shop.rows(
        "SELECT to_jsonb(p) - '{updated_at,version}'::text[] AS product, (SELECT jsonb_agg(to_jsonb(v) - 'updated_at'"
        " ORDER BY v.id) FROM catalog_variants v WHERE v.product_id = p.id AND v.deleted_at IS NULL) AS variants,"
        " (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.variant_id) FROM inventory_v_availability a JOIN catalog_variants v"
        " ON v.id = a.variant_id WHERE v.product_id = p.id AND v.deleted_at IS NULL) AS stock,"
        " (SELECT array_agg(t.tag_key ORDER BY 1) FROM catalog_product_tags t WHERE t.product_id = p.id) AS tags,"
        " (SELECT array_agg(c.category_id ORDER BY 1) FROM catalog_product_categories c WHERE c.product_id = p.id)"
        " AS categories FROM catalog_products p WHERE p.deleted_at IS NULL ORDER BY p.slug"
    )
    return [dict(row) for row in rows]


async def _refusal(desk: Desk) -> str:
    with pytest.raises(ImportNotUndoable) as refused:
        await desk.undo()
    return str(refused.value.facts["reason"])


async def test_created_products_are_deleted_and_can_be_imported_again(shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    report = await desk.undo()
    assert (report.status, counts_of(report)) == (ImportStatus.COMPLETED, (0, 5, 0, 0))
    assert await _state(shop) == []
    assert {kind for kind, version in await shop.events() if version == 2} == {"catalog.product_deleted"}
    assert counts_of(await desk.import_file(shop_file())) == (5, 0, 0, 0)


async def test_changed_products_are_restored(shop: Shop, desk: Desk) -> None:
    await desk.import_file(shirt("10.00", "SM", **TRACKED, **{"Variant Inventory Qty": "4"}))
    before = await _state(shop)
    other = {"Title": "Other", "Vendor": "Second", "Type": "Outdoor", "Tags": "new", "Status": "draft"}
    assert counts_of(await desk.import_file(shirt("12.00", "LMXS", **TRACKED, **other))) == (0, 1, 0, 0)
    assert await _state(shop) != before
    assert counts_of(await desk.undo()) == (0, 1, 0, 0)
    assert await _state(shop) == before


async def test_a_variant_that_the_file_removed_is_restored_with_its_id(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.import_file(shirt("10.00", "SM"))
    before = await _state(shop)
    replacing = partial(catalog_import.import_batch, variants=VariantPolicy.REPLACE)
    monkeypatch.setattr(catalog_import, "import_batch", replacing)
    await desk.import_file(shirt("10.00", "S"))
    assert len(await shop.rows("SELECT FROM catalog_v_variants")) == 1
    await desk.undo()
    assert await _state(shop) == before


async def test_a_sku_that_was_moved_to_another_product_is_moved_back(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot", **{"Variant SKU": "A"}), plain("cup", **{"Variant SKU": "B"})]))
    before = await _state(shop)
    await desk.import_file(file_of([plain("pot", **{"Variant SKU": "B"}), plain("cup", **{"Variant SKU": "A"})]))
    await desk.undo()
    assert await _state(shop) == before


async def test_units_sold_since_stay_sold(shop: Shop, desk: Desk) -> None:
    def pot(quantity: str) -> bytes:
        return file_of([plain("pot", **TRACKED, **{"Variant Inventory Qty": quantity})])

    await desk.import_file(pot("10"))
    await desk.import_file(pot("50"), stock=StockPolicy.OVERWRITE)
    [row] = await shop.rows("SELECT id FROM catalog_variants")
    await shop.sell(row["id"], 3)
    await desk.undo()
    [stock] = await shop.rows("SELECT on_hand, reserved FROM inventory_stock")
    assert tuple(stock) == (7, 0)
    moved = await shop.rows("SELECT kind, delta FROM inventory_movements ORDER BY at, id")
    assert sorted(tuple(row) for row in moved) == [
        ("adjusted", -40),
        ("adjusted", 40),
        ("received", 10),
        ("sold", -3),
    ]


async def test_an_undo_does_not_subtract_more_units_than_are_available(shop: Shop, desk: Desk) -> None:
    def pot(quantity: str) -> bytes:
        return file_of([plain("pot", **TRACKED, **{"Variant Inventory Qty": quantity})])

    await desk.import_file(pot("0"))
    await desk.import_file(pot("50"), stock=StockPolicy.OVERWRITE)
    [row] = await shop.rows("SELECT id FROM catalog_variants")
    await shop.sell(row["id"], 48)
    assert await _refusal(desk) == "stock_sold"
    [stock] = await shop.rows("SELECT on_hand FROM inventory_stock")
    assert stock["on_hand"] == 2


async def test_the_stock_of_a_deleted_product_stays_correct(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot", **TRACKED, **{"Variant Inventory Qty": "10"})]))
    [row] = await shop.rows("SELECT id FROM catalog_variants")
    await shop.sell(row["id"], 4)
    await desk.undo()
    assert await _state(shop) == []
    [stock] = await shop.rows("SELECT on_hand, reserved FROM inventory_stock")
    assert tuple(stock) == (6, 0)


async def test_an_edit_since_then_is_never_lost(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot"), plain("cup")]))
    [pot] = await shop.rows("SELECT id FROM catalog_v_products WHERE slug = 'pot'")
    await shop.staff.patch(f"/products/{pot['id']}", json={"price": dollars(77)})
    before = await _state(shop)
    assert await _refusal(desk) == "changed_since"
    assert await _state(shop) == before


async def test_a_product_that_was_put_into_a_collection_is_not_deleted_by_an_undo(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot")]))
    [pot] = await shop.rows("SELECT id FROM catalog_v_products")
    await shop.staff.post("/collections", json={"name": "Best", "product_ids": [str(pot["id"])]})
    assert await _refusal(desk) == "changed_since"


async def test_only_the_last_import_is_undone_and_only_once(shop: Shop, desk: Desk) -> None:
    first = await desk.import_file(file_of([plain("pot")]))
    await desk.import_file(file_of([plain("cup")]))
    refused = await shop.staff.post(f"/imports/{first.import_id}/undo")
    assert (refused.status_code, refused.json()["code"], refused.json()["reason"]) == (
        409,
        "catalog.import_not_undoable",
        "not_last",
    )
    await desk.undo()
    await desk.undo()
    assert await _state(shop) == []
    assert await _refusal(desk) == "nothing_changed"
    assert (await shop.staff.post(f"/imports/{first.import_id}/undo")).json()["reason"] == "undone"


@pytest.mark.parametrize("dry_run", [True, False])
async def test_an_import_that_has_changed_nothing_cannot_be_undone(shop: Shop, desk: Desk, *, dry_run: bool) -> None:
    await desk.import_file(file_of([plain("pot")]))
    again = await desk.import_file(file_of([plain("pot"), *([plain("cup")] if dry_run else [])]), dry_run=dry_run)
    refused = await shop.staff.post(f"/imports/{again.import_id}/undo")
    assert (refused.status_code, refused.json()["reason"]) == (409, "nothing_changed")


async def test_an_undo_over_http_is_an_import_that_can_be_watched(shop: Shop) -> None:
    queued = (await shop.staff.post("/imports", files={"file": ("p.csv", shop_file(), "text/csv")})).json()
    early = await shop.staff.post(f"/imports/{queued['id']}/undo")
    assert (early.status_code, early.json()["reason"]) == (409, "not_finished")
    await run_due_imports(shop.database, shop.tenant)
    taken = await shop.staff.post(f"/imports/{queued['id']}/undo")
    undo = taken.json()
    assert (taken.status_code, taken.headers["location"]) == (202, f"/api/v1/imports/{undo['id']}")
    assert (undo["undoes"], undo["progress"]["phase"], undo["progress"]["total"]) == (queued["id"], "taking_back", 5)
    await run_due_imports(shop.database, shop.tenant)
    done = (await shop.staff.get(f"/imports/{undo['id']}")).json()
    assert (done["status"], done["progress"]["percent"], done["counts"]["changed"]) == ("completed", 100, 5)
    assert (await shop.staff.get(f"/imports/{queued['id']}")).json()["undone_by"] == undo["id"]
    assert await _state(shop) == []


async def test_only_the_shops_own_staff_may_undo_an_import(shop: Shop, other_shop: Shop, desk: Desk) -> None:
    done = await desk.import_file(shop_file())
    path = f"/imports/{done.import_id}/undo"
    assert (await shop.customer.post(path)).status_code == 403
    assert (await other_shop.staff.post(path)).status_code == 404
    assert len(await _state(shop)) == 5
