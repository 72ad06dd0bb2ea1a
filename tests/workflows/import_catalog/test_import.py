"""Importing product files."""

import pytest

from luxewin.modules.catalog_import.public import DuplicateSku, ImportStatus, StockPolicy
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of, notes_of, products_of
from tests.workflows.import_catalog.files import (
    COLUMNS,
    Row,
    file_of,
    of_variant,
    plain,
    rows_of,
    shop_file,
)

TWO_NAMES_OF_ONE_OPTION = {
    "Option1 Name": "Size",
    "Option1 Value": "S",
    "Option2 Name": "size",
    "Option2 Value": "S",
}
TRACKED = {"Variant Inventory Tracker": "shopify"}


async def test_a_file_is_imported_into_the_catalogue(shop: Shop, desk: Desk) -> None:
    report = await desk.import_file(shop_file())
    assert (report.status, report.errors) == (ImportStatus.COMPLETED, ())
    assert counts_of(report) == (5, 0, 0, 0)
    products = await products_of(shop)
    assert {slug: row["status"] for slug, row in products.items()} == {
        "draft": "draft",
        "gift-wrap": "draft",
        "hidden": "draft",
        "ocean-shirt": "active",
        "old": "archived",
    }
    shirt = products["ocean-shirt"]
    assert (shirt["category_path"], shirt["vendor_name"], shirt["tags"]) == (
        "Apparel/Shirts",
        "Company 123",
        ["men", "Summer", "sale"],
    )
    assert (shirt["price_minor"], shirt["currency"]) == (1000, "USD")
    assert products["hidden"]["vendor_id"] == shirt["vendor_id"]
    variants = await shop.rows(
        "SELECT v.options, v.sku, v.price_minor, v.compare_at_minor, a.available FROM catalog_v_variants v"
        " JOIN inventory_v_availability a ON a.variant_id = v.id WHERE v.product_id = $1 ORDER BY v.position",
        shirt["id"],
    )
    assert [tuple(row) for row in variants] == [
        ({"Size": "Small"}, "OS-S", 5000, 6050, 4),
        ({"Size": "Large"}, None, 1000, None, 1_000_000),
    ]


async def test_a_dry_run_counts_the_outcomes_and_changes_nothing(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot"), plain("cup")]))
    traces = await shop.traces()
    file = file_of(
        [
            plain("pot", **{"Variant Price": "11.00"}),
            plain("cup"),
            plain("jug", Vendor="New", Type="New/Newer", **{"Variant SKU": "J"}),
            plain("mug", Title="x" * 256),
            plain("bad", **{"Variant Price": "1,5"}),
        ],
        [*COLUMNS, "Our Own"],
    )
    report = await desk.import_file(file, dry_run=True)
    assert (report.status, counts_of(report)) == (ImportStatus.COMPLETED_WITH_ERRORS, (1, 1, 1, 2))
    assert await shop.traces() == traces
    assert await shop.rows("SELECT id FROM vendors_v_vendors") == []
    assert await shop.rows("SELECT id FROM catalog_categories") == []
    assert await shop.rows("SELECT name FROM catalog_sheet_columns") == []
    assert counts_of(await desk.import_file(file)) == (1, 1, 1, 2)


async def test_quantities_apply_to_new_variants_and_to_existing_ones_only_on_request(shop: Shop, desk: Desk) -> None:
    def shirt(small: str, large: str | None) -> bytes:
        rows = [
            plain("shirt", **TRACKED, **{"Option1 Name": "Size", "Option1 Value": "S", "Variant Inventory Qty": small})
        ]
        if large is not None:
            rows.append(of_variant("shirt", "L", **TRACKED, **{"Variant Inventory Qty": large}))
        return file_of(rows)

    async def on_the_shelf() -> list[int]:
        rows = await shop.rows(
            "SELECT a.available FROM catalog_v_variants v JOIN inventory_v_availability a ON a.variant_id = v.id"
            " ORDER BY v.position"
        )
        return [row["available"] for row in rows]

    await desk.import_file(shirt("5", None))
    assert await on_the_shelf() == [5]
    assert counts_of(await desk.import_file(shirt("9", None))) == (0, 0, 1, 0)
    assert counts_of(await desk.import_file(shirt("9", "7"))) == (0, 1, 0, 0)
    assert await on_the_shelf() == [5, 7]
    assert counts_of(await desk.import_file(shirt("9", "-3"), stock=StockPolicy.OVERWRITE)) == (0, 1, 0, 0)
    assert await on_the_shelf() == [9, 0]
    [row] = await shop.rows("SELECT version FROM catalog_v_products")
    assert row["version"] == 2


async def test_a_blank_tracker_means_untracked_stock(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot", **{"Variant Inventory Qty": "1"})]))
    [row] = await shop.rows("SELECT available, in_stock FROM inventory_v_availability")
    assert tuple(row) == (None, True)


async def test_an_empty_sku_stays_empty_however_often_it_comes(shop: Shop, desk: Desk) -> None:
    assert counts_of(await desk.import_file(file_of([plain("pot"), plain("cup")]))) == (2, 0, 0, 0)
    assert [row["sku"] for row in await shop.rows("SELECT sku FROM catalog_variants")] == [None, None]


async def test_a_repeated_sku_is_reported_with_its_line_and_leaves_out_its_product(shop: Shop, desk: Desk) -> None:
    await shop.product("Kettle", sku="K")
    rows = [
        plain("pot", **{"Variant SKU": "A"}),
        plain("cup", **{"Variant SKU": "A"}),
        plain("jug", **{"Variant SKU": "K"}),
        plain("mug", **{"Option1 Name": "Size", "Option1 Value": "S", "Variant SKU": "M"}),
        of_variant("mug", "L", **{"Variant SKU": "M"}),
    ]
    report = await desk.import_file(file_of(rows), on_duplicate_sku=DuplicateSku.REFUSE)
    assert counts_of(report) == (1, 0, 0, 3)
    assert codes_of(report) == [
        (3, "Variant SKU", "sku_repeated"),
        (4, "Variant SKU", "sku_taken"),
        (6, "Variant SKU", "sku_repeated"),
    ]
    assert set(await products_of(shop)) == {"kettle", "pot"}


async def test_a_sku_can_move_from_one_product_to_another(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot", **{"Variant SKU": "A"}), plain("cup", **{"Variant SKU": "B"})]))
    swapped = file_of([plain("pot", **{"Variant SKU": "B"}), plain("cup", **{"Variant SKU": "A"})])
    assert counts_of(await desk.import_file(swapped)) == (0, 2, 0, 0)
    rows = await shop.rows(
        "SELECT p.slug, v.sku FROM catalog_v_variants v JOIN catalog_v_products p ON p.id = v.product_id ORDER BY slug"
    )
    assert [tuple(row) for row in rows] == [("cup", "A"), ("pot", "B")]


async def test_a_variant_that_the_file_does_not_have_stays(shop: Shop, desk: Desk) -> None:
    first = plain("shirt", **{"Option1 Name": "Size", "Option1 Value": "S"})
    await desk.import_file(file_of([first, of_variant("shirt", "M"), of_variant("shirt", "L")]))
    sql = "SELECT options ->> 'Size' AS size, id FROM catalog_v_variants ORDER BY position"
    before = {row["size"]: row["id"] for row in await shop.rows(sql)}
    smaller = file_of([first, of_variant("shirt", "XL"), of_variant("shirt", "L")])
    report = await desk.import_file(smaller)
    assert notes_of(report) == [(2, None, "variants_kept")]
    after = {row["size"]: row["id"] for row in await shop.rows(sql)}
    assert list(after) == ["S", "M", "L", "XL"]
    assert {size: after[size] for size in before} == before


async def test_values_without_a_column_in_the_file_stay_unchanged(shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    before = await products_of(shop)
    columns = ["Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price"]
    prices: list[Row] = [
        {"Handle": "ocean-shirt", "Title": "Ocean Shirt", "Option1 Name": "Size", "Option1 Value": "Small"},
        {"Handle": "ocean-shirt", "Option1 Value": "Large"},
    ]
    report = await desk.import_file(file_of([{**row, "Variant Price": "99"} for row in prices], columns))
    assert counts_of(report) == (0, 1, 0, 0)
    after = await products_of(shop)
    moved = {"price_minor", "compare_at_minor", "updated_at", "version"}
    assert {key for key, value in after["ocean-shirt"].items() if before["ocean-shirt"][key] != value} <= moved
    assert after["ocean-shirt"]["price_minor"] == 9900
    shirt = next(row for row in rows_of(await desk.export_file()) if row["Handle"] == "ocean-shirt")
    assert (shirt["SEO Title"], shirt["Cost per item"], shirt["Google Shopping / Gender"]) == ("Ocean", "22.10", "male")


async def test_a_file_without_option_columns_takes_no_variants_away(shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    rows = [{"Handle": "ocean-shirt", "Title": "Ocean Shirt", "Variant Price": "1"}]
    report = await desk.import_file(file_of(rows, ["Handle", "Title", "Variant Price"]))
    assert codes_of(report) == [(2, "Option1 Name", "options_missing")]
    assert len(await shop.rows("SELECT id FROM catalog_v_variants")) == 6


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"Title": "x" * 256}, "Title", "text_too_long"),
        ({"Body (HTML)": "x" * 100_001}, "Body (HTML)", "text_too_long"),
        ({"Type": "/".join("abcdefghi")}, "Type", "category_invalid"),
        ({"Image Src": "javascript:alert(1)"}, "Image Src", "image_address_refused"),
        ({"Variant Image": "//evil.example.com/x"}, "Variant Image", "image_address_refused"),
        (
            {"Option1 Name": "Size", "Option1 Value": "S", "Option2 Name": "size", "Option2 Value": "S"},
            None,
            "product_invalid",
        ),
    ],
)
async def test_products_that_cannot_be_stored_are_reported_and_the_others_imported(
    shop: Shop, desk: Desk, cells: dict[str, str], column: str | None, code: str
) -> None:
    report = await desk.import_file(file_of([plain("good"), plain("bad", **cells), plain("fine")]))
    assert (report.created, codes_of(report)) == (2, [(3, column, code)])
    assert set(await products_of(shop)) == {"good", "fine"}


async def test_two_handles_that_make_one_address_are_not_mixed_up(desk: Desk) -> None:
    report = await desk.import_file(file_of([plain("A Pot"), plain("a-pot")]))
    assert (report.created, codes_of(report)) == (1, [(3, "Handle", "handle_taken")])
    again = await desk.import_file(file_of([plain("a-pot")]))
    assert codes_of(again) == [(2, "Handle", "handle_taken")]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "not_csv"),
        (b"Handle,Name\na,b\n", "missing_columns"),
        (file_of([plain("pot")]) + b'x,"never closed', "unterminated_quote"),
    ],
)
async def test_a_file_that_cannot_be_read_to_its_end_brings_nothing_in(
    shop: Shop, desk: Desk, file: bytes, reason: str
) -> None:
    report = await desk.import_file(file)
    assert (report.status, counts_of(report)) == (ImportStatus.FAILED, (0, 0, 0, 0))
    assert report.failure
    [row] = await shop.rows("SELECT failure FROM catalog_imports")
    assert (row["failure"]["code"], row["failure"]["reason"]) == ("catalog.not_a_product_file", reason)
    assert await products_of(shop) == {}


async def test_a_file_in_an_older_encoding_is_imported_with_a_note(desk: Desk, shop: Shop) -> None:
    report = await desk.import_file(file_of([plain("cafe", Title="Café")]).decode().encode("cp1252"))
    assert report.note is not None
    assert (await products_of(shop))["cafe"]["name"] == "Café"


async def test_each_change_of_a_product_publishes_one_event(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot"), plain("cup")]))
    await desk.import_file(file_of([plain("pot"), plain("cup", **{"Variant Price": "1"})]))
    assert await shop.events() == [
        ("catalog.product_created", 1),
        ("catalog.product_created", 1),
        ("catalog.product_changed", 2),
    ]


async def test_a_file_brings_products_into_its_own_tenant_only(other_shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    assert await products_of(other_shop) == {}
    assert await other_shop.rows("SELECT id FROM catalog_imports") == []
