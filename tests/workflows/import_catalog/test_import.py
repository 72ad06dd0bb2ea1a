"""Product files on their way in and out."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.modules.catalog.public import ImportStatus, StockPolicy
from luxewin.workflows.import_catalog.story import ImportReport, export_products, import_file
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.files import (
    COLUMNS,
    REAL_FILES,
    Row,
    file_of,
    of_image,
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


class Desk:
    """Where files are handed in and out."""

    def __init__(self, shop: Shop, folder: Path) -> None:
        self._shop = shop
        self._path = folder / "products.csv"

    async def bring_in(
        self, file: bytes, *, dry_run: bool = False, stock: StockPolicy = StockPolicy.KEEP
    ) -> ImportReport:
        self._path.write_bytes(file)
        return await import_file(self._shop.database, self._shop.tenant, self._path, dry_run=dry_run, stock=stock)

    async def take_out(self) -> bytes:
        pieces = export_products(self._shop.database, self._shop.tenant, SYSTEM)
        return b"".join([piece async for piece in pieces])


@pytest.fixture
def desk(shop: Shop, tmp_path: Path) -> Desk:
    return Desk(shop, tmp_path)


def _counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.created, report.changed, report.unchanged, report.error_count


def _codes(report: ImportReport) -> list[tuple[int, str | None, str]]:
    return [(error.line, error.column, error.code) for error in report.errors]


async def _products(shop: Shop) -> Mapping[str, Mapping[str, object]]:
    rows = await shop.rows("SELECT * FROM catalog_v_products ORDER BY slug")
    return {row["slug"]: dict(row) for row in rows}


async def test_a_file_becomes_a_catalogue(shop: Shop, desk: Desk) -> None:
    report = await desk.bring_in(shop_file())
    assert (report.status, report.errors) == (ImportStatus.COMPLETED, ())
    assert _counts(report) == (5, 0, 0, 0)
    products = await _products(shop)
    assert {slug: row["status"] for slug, row in products.items()} == {
        "draft": "draft",
        "gift-card": "draft",
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


async def test_bringing_in_what_was_taken_out_changes_nothing(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(shop_file())
    before, traces = await _products(shop), await shop.traces()
    taken_out = await desk.take_out()
    for stock in StockPolicy:
        assert _counts(await desk.bring_in(taken_out, stock=stock)) == (0, 0, 5, 0)
    assert await _products(shop) == before
    assert await shop.traces() == traces
    assert await desk.take_out() == taken_out


async def test_bringing_in_the_same_file_again_changes_nothing(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(shop_file())
    traces = await shop.traces()
    assert _counts(await desk.bring_in(shop_file())) == (0, 0, 5, 0)
    assert await shop.traces() == traces


@pytest.mark.skipif(not REAL_FILES, reason="the real files are not kept in this repository; made ones stand for them")
async def test_the_real_files_come_in_whole_and_go_out_without_a_difference(shop: Shop, desk: Desk) -> None:
    assert len(REAL_FILES) == 3
    for path in REAL_FILES:
        report = await desk.bring_in(path.read_bytes())
        handles = {row["Handle"] for row in rows_of(path.read_bytes()) if row["Handle"]}
        assert _counts(report) == (len(handles), 0, 0, 0), report.errors
    traces, taken_out = await shop.traces(), await desk.take_out()
    report = await desk.bring_in(taken_out, stock=StockPolicy.OVERWRITE)
    assert (report.created, report.changed, report.error_count) == (0, 0, 0)
    for path in REAL_FILES:
        again = await desk.bring_in(path.read_bytes())
        assert (again.created, again.changed, again.error_count) == (0, 0, 0)
    assert await shop.traces() == traces


async def test_what_was_made_by_hand_goes_out_and_comes_in_without_a_difference(shop: Shop, desk: Desk) -> None:
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
    assert _counts(await desk.bring_in(await desk.take_out(), stock=StockPolicy.OVERWRITE)) == (0, 0, 2, 0)
    assert await shop.traces() == traces


async def test_a_status_that_was_changed_by_hand_is_the_one_that_goes_out(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(file_of([plain("secret", Status="unlisted"), plain("Odd Handle")]))
    for slug, change in {"secret": {"status": "active"}, "odd-handle": {"slug": "even-handle"}}.items():
        [row] = await shop.rows("SELECT id FROM catalog_v_products WHERE slug = $1", slug)
        await shop.staff.patch(f"/products/{row['id']}", json=change)
    taken_out = await desk.take_out()
    said = {row["Handle"]: (row["Status"], row["Published"]) for row in rows_of(taken_out)}
    assert said == {"secret": ("active", "true"), "even-handle": ("active", "true")}
    assert _counts(await desk.bring_in(taken_out)) == (0, 0, 2, 0)


async def test_a_dry_run_tells_what_would_become_of_the_products_and_changes_nothing(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(file_of([plain("pot"), plain("cup")]))
    traces = await shop.traces()
    file = file_of(
        [
            plain("pot", **{"Variant Price": "11.00"}),
            plain("cup"),
            plain("jug", Vendor="New", Type="New/Newer", **{"Variant SKU": "J"}),
            plain("mug", **{"Variant SKU": "J"}),
            plain("bad", **{"Variant Price": "1,5"}),
        ],
        [*COLUMNS, "Our Own"],
    )
    report = await desk.bring_in(file, dry_run=True)
    assert (report.status, _counts(report)) == (ImportStatus.COMPLETED_WITH_ERRORS, (1, 1, 1, 2))
    assert await shop.traces() == traces
    assert await shop.rows("SELECT id FROM vendors_v_vendors") == []
    assert await shop.rows("SELECT id FROM catalog_categories") == []
    assert await shop.rows("SELECT name FROM catalog_sheet_columns") == []
    assert _counts(await desk.bring_in(file)) == (1, 1, 1, 2)


async def test_quantities_count_for_new_variants_and_for_known_ones_only_when_asked(shop: Shop, desk: Desk) -> None:
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

    await desk.bring_in(shirt("5", None))
    assert await on_the_shelf() == [5]
    assert _counts(await desk.bring_in(shirt("9", None))) == (0, 0, 1, 0)
    assert _counts(await desk.bring_in(shirt("9", "7"))) == (0, 1, 0, 0)
    assert await on_the_shelf() == [5, 7]
    assert _counts(await desk.bring_in(shirt("9", "-3"), stock=StockPolicy.OVERWRITE)) == (0, 1, 0, 0)
    assert await on_the_shelf() == [9, 0]
    [row] = await shop.rows("SELECT version FROM catalog_v_products")
    assert row["version"] == 2


async def test_an_empty_tracker_says_that_nobody_counts(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(file_of([plain("pot", **{"Variant Inventory Qty": "1"})]))
    [row] = await shop.rows("SELECT available, in_stock FROM inventory_v_availability")
    assert tuple(row) == (None, True)


async def test_an_empty_sku_stays_empty_however_often_it_comes(shop: Shop, desk: Desk) -> None:
    assert _counts(await desk.bring_in(file_of([plain("pot"), plain("cup")]))) == (2, 0, 0, 0)
    assert [row["sku"] for row in await shop.rows("SELECT sku FROM catalog_variants")] == [None, None]


async def test_a_sku_that_comes_back_is_told_with_its_line_and_its_product_is_left_out(shop: Shop, desk: Desk) -> None:
    await shop.product("Kettle", sku="K")
    rows = [
        plain("pot", **{"Variant SKU": "A"}),
        plain("cup", **{"Variant SKU": "A"}),
        plain("jug", **{"Variant SKU": "K"}),
        plain("mug", **{"Option1 Name": "Size", "Option1 Value": "S", "Variant SKU": "M"}),
        of_variant("mug", "L", **{"Variant SKU": "M"}),
    ]
    report = await desk.bring_in(file_of(rows))
    assert _counts(report) == (1, 0, 0, 3)
    assert _codes(report) == [
        (3, "Variant SKU", "sku_repeated"),
        (4, "Variant SKU", "sku_taken"),
        (5, "Variant SKU", "sku_repeated"),
    ]
    assert set(await _products(shop)) == {"kettle", "pot"}


async def test_a_sku_can_move_from_one_product_to_another(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(file_of([plain("pot", **{"Variant SKU": "A"}), plain("cup", **{"Variant SKU": "B"})]))
    swapped = file_of([plain("pot", **{"Variant SKU": "B"}), plain("cup", **{"Variant SKU": "A"})])
    assert _counts(await desk.bring_in(swapped)) == (0, 2, 0, 0)
    rows = await shop.rows(
        "SELECT p.slug, v.sku FROM catalog_v_variants v JOIN catalog_v_products p ON p.id = v.product_id ORDER BY slug"
    )
    assert [tuple(row) for row in rows] == [("cup", "A"), ("pot", "B")]


async def test_a_variant_that_the_file_no_longer_has_is_removed_and_the_others_stay_themselves(
    shop: Shop, desk: Desk
) -> None:
    first = plain("shirt", **{"Option1 Name": "Size", "Option1 Value": "S"})
    await desk.bring_in(file_of([first, of_variant("shirt", "M"), of_variant("shirt", "L")]))
    sql = "SELECT options ->> 'Size' AS size, id FROM catalog_v_variants ORDER BY position"
    before = {row["size"]: row["id"] for row in await shop.rows(sql)}
    await desk.bring_in(file_of([first, of_variant("shirt", "XL"), of_variant("shirt", "L")]))
    after = {row["size"]: row["id"] for row in await shop.rows(sql)}
    assert list(after) == ["S", "XL", "L"]
    assert (after["S"], after["L"]) == (before["S"], before["L"])


async def test_what_the_file_has_no_column_for_stays_as_it_was(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(shop_file())
    before = await _products(shop)
    columns = ["Handle", "Title", "Option1 Name", "Option1 Value", "Variant Price"]
    prices: list[Row] = [
        {"Handle": "ocean-shirt", "Title": "Ocean Shirt", "Option1 Name": "Size", "Option1 Value": "Small"},
        {"Handle": "ocean-shirt", "Option1 Value": "Large"},
    ]
    report = await desk.bring_in(file_of([{**row, "Variant Price": "99"} for row in prices], columns))
    assert _counts(report) == (0, 1, 0, 0)
    after = await _products(shop)
    moved = {"price_minor", "compare_at_minor", "updated_at", "version"}
    assert {key for key, value in after["ocean-shirt"].items() if before["ocean-shirt"][key] != value} <= moved
    assert after["ocean-shirt"]["price_minor"] == 9900
    shirt = next(row for row in rows_of(await desk.take_out()) if row["Handle"] == "ocean-shirt")
    assert (shirt["SEO Title"], shirt["Cost per item"], shirt["Google Shopping / Gender"]) == ("Ocean", "22.10", "male")


async def test_a_file_without_option_columns_takes_no_variants_away(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(shop_file())
    rows = [{"Handle": "ocean-shirt", "Title": "Ocean Shirt", "Variant Price": "1"}]
    report = await desk.bring_in(file_of(rows, ["Handle", "Title", "Variant Price"]))
    assert _codes(report) == [(2, "Option1 Name", "options_missing")]
    assert len(await shop.rows("SELECT id FROM catalog_v_variants")) == 6


async def test_columns_of_a_shops_own_come_back_where_they_were(desk: Desk) -> None:
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
    assert _counts(await desk.bring_in(file)) == (1, 0, 0, 0)
    taken_out = await desk.take_out()
    assert [(row["Our Shelf"], row[fabric], row["Price / International"]) for row in rows_of(taken_out)] == [
        ("A1", "linen", ""),
        ("B2", "", "12"),
        ("C3", "", ""),
    ]
    assert _counts(await desk.bring_in(taken_out)) == (0, 0, 1, 0)


async def test_nothing_that_goes_out_is_run_by_a_spreadsheet(shop: Shop, desk: Desk) -> None:
    await shop.product("=HYPERLINK(1)", tags=["@cmd", "-1+1"], sku="+A")
    taken_out = await desk.take_out()
    cells = [cell for row in rows_of(taken_out) for cell in row.values() if cell]
    assert [cell for cell in cells if cell.startswith(("=", "@", "+", "-"))] == []
    assert _counts(await desk.bring_in(taken_out)) == (0, 0, 1, 0)


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
async def test_what_the_catalogue_cannot_keep_is_told_and_the_others_come_in(
    shop: Shop, desk: Desk, cells: dict[str, str], column: str | None, code: str
) -> None:
    report = await desk.bring_in(file_of([plain("good"), plain("bad", **cells), plain("fine")]))
    assert (report.created, _codes(report)) == (2, [(3, column, code)])
    assert set(await _products(shop)) == {"good", "fine"}


async def test_two_handles_that_make_one_address_are_not_mixed_up(desk: Desk) -> None:
    report = await desk.bring_in(file_of([plain("A Pot"), plain("a-pot")]))
    assert (report.created, _codes(report)) == (1, [(3, "Handle", "handle_taken")])
    again = await desk.bring_in(file_of([plain("a-pot")]))
    assert _codes(again) == [(2, "Handle", "handle_taken")]


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
    report = await desk.bring_in(file)
    assert (report.status, _counts(report)) == (ImportStatus.FAILED, (0, 0, 0, 0))
    assert report.failure
    [row] = await shop.rows("SELECT failure FROM catalog_imports")
    assert (row["failure"]["code"], row["failure"]["reason"]) == ("catalog.not_a_product_file", reason)
    assert await _products(shop) == {}


async def test_a_file_in_an_older_encoding_comes_in_with_a_note(desk: Desk, shop: Shop) -> None:
    report = await desk.bring_in(file_of([plain("cafe", Title="Café")]).decode().encode("cp1252"))
    assert report.note is not None
    assert (await _products(shop))["cafe"]["name"] == "Café"


async def test_a_product_is_told_to_the_shop_once_per_change(shop: Shop, desk: Desk) -> None:
    await desk.bring_in(file_of([plain("pot"), plain("cup")]))
    await desk.bring_in(file_of([plain("pot"), plain("cup", **{"Variant Price": "1"})]))
    assert await shop.facts() == [
        ("catalog.product_created", 1),
        ("catalog.product_created", 1),
        ("catalog.product_changed", 2),
    ]


async def test_a_file_brings_products_into_its_own_tenant_only(other_shop: Shop, desk: Desk) -> None:
    await desk.bring_in(shop_file())
    assert await _products(other_shop) == {}
    assert await other_shop.rows("SELECT id FROM catalog_imports") == []
