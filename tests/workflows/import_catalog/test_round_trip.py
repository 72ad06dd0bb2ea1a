"""An export that is imported again changes nothing."""

import pytest

from luxewin.modules.catalog_import.public import StockPolicy
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, counts_of, products_of
from tests.workflows.import_catalog.files import (
    COLUMNS,
    REAL_FILES,
    file_of,
    of_image,
    of_variant,
    plain,
    rows_of,
    shop_file,
)


async def test_importing_an_export_changes_nothing(shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    before, traces = await products_of(shop), await shop.traces()
    taken_out = await desk.export_file()
    for stock in StockPolicy:
        assert counts_of(await desk.import_file(taken_out, stock=stock)) == (0, 0, 5, 0)
    assert await products_of(shop) == before
    assert await shop.traces() == traces
    assert await desk.export_file() == taken_out


async def test_importing_the_same_file_again_changes_nothing(shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    traces = await shop.traces()
    assert counts_of(await desk.import_file(shop_file())) == (0, 0, 5, 0)
    assert await shop.traces() == traces


@pytest.mark.skipif(
    not REAL_FILES, reason="the real files are not in this repository; generated files are used instead"
)
async def test_the_real_files_are_imported_and_exported_without_a_difference(shop: Shop, desk: Desk) -> None:
    assert len(REAL_FILES) == 3
    for path in REAL_FILES:
        report = await desk.import_file(path.read_bytes())
        handles = {row["Handle"] for row in rows_of(path.read_bytes()) if row["Handle"]}
        assert counts_of(report) == (len(handles), 0, 0, 0), report.errors
    traces, taken_out = await shop.traces(), await desk.export_file()
    report = await desk.import_file(taken_out, stock=StockPolicy.OVERWRITE)
    assert (report.created, report.changed, report.error_count) == (0, 0, 0)
    for path in REAL_FILES:
        again = await desk.import_file(path.read_bytes())
        assert (again.created, again.changed, again.error_count) == (0, 0, 0)
    assert await shop.traces() == traces


async def test_products_of_the_api_are_exported_and_imported_without_a_difference(shop: Shop, desk: Desk) -> None:
    await shop.product(
        "Chair",
        description="<ul><li>oak</li></ul>",
        category="Seats/Chairs",
        tags=["a b", "-c"],
        images=[{"url": "/a.png", "alt": "A", "width": 10, "height": 20}],
        options=[{"name": "Size", "values": ["L", "S"]}, {"name": "Colour", "values": ["Red", "Blue"]}],
        variants=[
            {
                "sku": "1",
                "options": {"Size": "S", "Colour": "Blue"},
                "price": {"amount": 5, "currency": "USD"},
                "stock": 0,
            },
            {"options": {"Size": "L", "Colour": "Red"}, "price": {"amount": 999, "currency": "USD"}, "barcode": "9"},
        ],
    )
    hidden = await shop.product("Hidden", status="draft", stock=5, weight_grams=12)
    await shop.staff.patch(f"/products/{hidden['id']}", json={"status": "archived"})
    traces = await shop.traces()
    assert counts_of(await desk.import_file(await desk.export_file(), stock=StockPolicy.OVERWRITE)) == (0, 0, 2, 0)
    assert await shop.traces() == traces


async def test_a_status_that_was_changed_by_the_api_is_exported(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("secret", Status="unlisted"), plain("Odd Handle")]))
    for slug, change in {"secret": {"status": "active"}, "odd-handle": {"slug": "even-handle"}}.items():
        [row] = await shop.rows("SELECT id FROM catalog_v_products WHERE slug = $1", slug)
        await shop.staff.patch(f"/products/{row['id']}", json=change)
    taken_out = await desk.export_file()
    status_cells = {row["Handle"]: (row["Status"], row["Published"]) for row in rows_of(taken_out)}
    assert status_cells == {"secret": ("active", "true"), "even-handle": ("active", "true")}
    assert counts_of(await desk.import_file(taken_out)) == (0, 0, 2, 0)


async def test_a_shops_own_columns_are_exported_at_their_positions(desk: Desk) -> None:
    columns = [*COLUMNS, "Our Shelf", "Fabric (product.metafields.custom.fabric)", "Price / International"]
    fabric = "Fabric (product.metafields.custom.fabric)"
    file = file_of(
        [
            plain(
                "shirt",
                **{"Option1 Name": "Size", "Option1 Value": "S", "Our Shelf": "A1", fabric: "linen"},
            ),
            of_variant("shirt", "L", **{"Our Shelf": "B2", "Price / International": "12"}),
            of_image("shirt", "https://images.example.com/1.jpg", "1", **{"Our Shelf": "C3"}),
        ],
        columns,
    )
    assert counts_of(await desk.import_file(file)) == (1, 0, 0, 0)
    taken_out = await desk.export_file()
    assert [(row["Our Shelf"], row[fabric], row["Price / International"]) for row in rows_of(taken_out)] == [
        ("A1", "linen", ""),
        ("B2", "", "12"),
        ("C3", "", ""),
    ]
    assert counts_of(await desk.import_file(taken_out)) == (0, 0, 1, 0)


async def test_a_spreadsheet_runs_nothing_of_an_export(shop: Shop, desk: Desk) -> None:
    await shop.product("=HYPERLINK(1)", tags=["@cmd", "-1+1"], sku="+A")
    taken_out = await desk.export_file()
    cells = [cell for row in rows_of(taken_out) for cell in row.values() if cell]
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "-"))] == []
    assert counts_of(await desk.import_file(taken_out)) == (0, 0, 1, 0)
