"""With one error in the file, nothing of it is imported."""

import pytest

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog_import import public as catalog_import
from luxewin.modules.catalog_import.public import ImportStatus, OnError, StockPolicy
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of, products_of
from tests.workflows.import_catalog.files import file_of, plain

MANY = [plain(f"pot-{number}") for number in range(1_200)]
FAULTY = plain("last", **{"Variant Price": "-1"})


async def _tables(shop: Shop) -> list[object]:
    """Return all rows of the catalogue, its stock, its events and its audit log, except those of imports."""
    tables = (
        *("catalog_products", "catalog_variants", "catalog_categories", "catalog_product_categories"),
        *("catalog_product_tags", "catalog_sheet_columns", "vendors_vendors", "inventory_variants"),
        *("inventory_stock", "inventory_movements"),
    )
    rows = [await shop.rows(f"SELECT to_jsonb(t)::text AS row FROM {table} t ORDER BY 1") for table in tables]
    return [await shop.traces(), *rows]


async def test_a_fault_on_the_last_line_leaves_the_catalogue_exactly_as_it_was(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot-0", **{"Variant Price": "5.00"}), plain("cup", Vendor="V", Type="T")]))
    before = await _tables(shop)
    report = await desk.import_file(file_of([*MANY, FAULTY]), on_error=OnError.ABORT)
    assert (report.status, counts_of(report)) == (ImportStatus.FAILED, (0, 0, 0, 1))
    assert codes_of(report) == [(1202, "Variant Price", "amount_negative")]
    assert report.failure == "The file has 1 error; nothing was changed"
    assert await _tables(shop) == before


async def test_a_fault_that_only_the_catalogue_knows_of_is_found_before_anything_is_written(
    shop: Shop, desk: Desk
) -> None:
    await desk.import_file(file_of([plain("cup", **{"Variant SKU": "MINE"})]))
    before = await _tables(shop)
    report = await desk.import_file(file_of([*MANY, plain("mug", **{"Variant SKU": "MINE"})]), on_error=OnError.ABORT)
    assert codes_of(report) == [(1202, "Variant SKU", "sku_taken")]
    assert await _tables(shop) == before


async def test_with_on_error_skip_the_valid_products_of_a_file_are_imported(shop: Shop, desk: Desk) -> None:
    report = await desk.import_file(file_of([*MANY, FAULTY]), on_error=OnError.SKIP)
    assert (report.status, counts_of(report)) == (ImportStatus.COMPLETED_WITH_ERRORS, (1200, 0, 0, 1))
    assert len(await products_of(shop)) == 1200


async def test_a_file_with_errors_is_not_imported_by_default(shop: Shop) -> None:
    file = file_of([plain("pot"), FAULTY])
    queued = (await shop.staff.post("/imports", files={"file": ("p.csv", file, "text/csv")})).json()
    assert queued["on_error"] == "abort"


async def test_a_sku_may_pass_from_an_early_product_to_a_late_one(desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot-0", **{"Variant SKU": "X"})]))
    report = await desk.import_file(file_of([*MANY, plain("heir", **{"Variant SKU": "X"})]), on_error=OnError.ABORT)
    assert (report.status, counts_of(report)) == (ImportStatus.COMPLETED, (1200, 1, 0, 0))


async def test_an_error_while_products_are_written_undoes_the_written_products(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await desk.import_file(file_of([plain("pot-0", **{"Variant Price": "5.00"})]))
    before = await products_of(shop)
    begin = catalog_import.begin_writing

    async def once_somebody_came_in_between(tx: Transaction, *given: object, **more: object) -> object:
        begun = await begin(tx, *given, **more)  # type: ignore[arg-type]  # passed on unchanged
        await shop.product("Rival", sku="LATE")
        return begun

    monkeypatch.setattr(catalog_import, "begin_writing", once_somebody_came_in_between)
    report = await desk.import_file(file_of([*MANY, plain("late", **{"Variant SKU": "LATE"})]), on_error=OnError.ABORT)
    assert (report.status, counts_of(report)) == (ImportStatus.FAILED, (0, 0, 0, 1))
    assert codes_of(report) == [(1202, "Variant SKU", "sku_taken")]
    after = await products_of(shop)
    assert after.keys() == {"pot-0", "rival"}
    times = {"updated_at", "version"}
    assert {k: v for k, v in after["pot-0"].items() if k not in times} == {
        k: v for k, v in before["pot-0"].items() if k not in times
    }


async def test_a_defect_while_products_are_written_undoes_the_written_products(
    shop: Shop, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    advance, calls = catalog_import.advance_import, 0

    async def stumble(tx: Transaction, job: catalog_import.Import, **more: object) -> object:
        nonlocal calls
        calls += not job.only_checks
        if calls == 2:
            raise ZeroDivisionError
        return await advance(tx, job, **more)  # type: ignore[arg-type]  # passed on unchanged

    monkeypatch.setattr(catalog_import, "advance_import", stumble)
    report = await desk.import_file(file_of(MANY), on_error=OnError.ABORT)
    assert (report.status, counts_of(report)) == (ImportStatus.FAILED, (0, 0, 0, 0))
    assert await products_of(shop) == {}


async def test_a_file_that_subtracts_units_of_another_location_changes_nothing(shop: Shop, desk: Desk) -> None:
    tracked = {"Variant Inventory Tracker": "shopify"}
    await desk.import_file(file_of([plain("pot", **tracked, **{"Variant Inventory Qty": "5"})]))
    [row] = await shop.rows("SELECT variant_id FROM inventory_stock")
    await shop.move_elsewhere(row["variant_id"], 4)
    file = file_of([*MANY, plain("pot", **tracked, **{"Variant Inventory Qty": "1"})])
    report = await desk.import_file(file, stock=StockPolicy.OVERWRITE, on_error=OnError.ABORT)
    assert (report.status, codes_of(report)) == (
        ImportStatus.FAILED,
        [(1202, "Variant Inventory Qty", "stock_reserved")],
    )
    assert (await products_of(shop)).keys() == {"pot"}
