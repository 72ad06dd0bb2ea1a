"""How files are read: joined rows, kept variants, repeated SKUs, price lists and stock lists, and other formats."""

import gzip
import io
import zipfile

import pytest
from openpyxl import Workbook

from luxewin.modules.catalog_import.public import (
    DuplicateSku,
    ImportStatus,
    OnError,
    ReadingOptions,
    StockPolicy,
    VariantPolicy,
)
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of, notes_of, products_of
from tests.workflows.import_catalog.files import file_of, of_variant, plain, shop_file

TRACKED = {"Variant Inventory Tracker": "shopify"}
SIZE_S = {"Option1 Name": "Size", "Option1 Value": "S"}
SHIRT = plain("shirt", **SIZE_S, **TRACKED, **{"Variant SKU": "S", "Variant Inventory Qty": "4"})
LARGE = of_variant("shirt", "L", **TRACKED, **{"Variant SKU": "L", "Variant Inventory Qty": "2"})

VARIANTS = (
    "SELECT v.options ->> 'Size' AS size, v.sku, v.price_minor, a.available FROM catalog_v_variants v"
    " JOIN catalog_v_products p ON p.id = v.product_id JOIN inventory_v_availability a ON a.variant_id = v.id"
    " ORDER BY p.slug, v.position"
)


async def variants_of(shop: Shop) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await shop.rows(VARIANTS)]


async def test_rows_of_a_product_that_are_apart_are_joined(shop: Shop, desk: Desk) -> None:
    report = await desk.import_file(file_of([SHIRT, plain("cup"), LARGE]))
    assert counts_of(report) == (2, 0, 0, 0)
    assert notes_of(report) == [(2, "Handle", "rows_joined")]
    assert "lines 2, 4" in report.notes[0].message
    assert [row[0] for row in await variants_of(shop)] == [None, "S", "L"]


async def test_a_fault_in_one_piece_leaves_out_the_whole_product(shop: Shop, desk: Desk) -> None:
    broken = {**LARGE, "Variant Price": "free"}
    report = await desk.import_file(file_of([SHIRT, plain("cup"), broken]))
    assert codes_of(report) == [(4, "Variant Price", "amount_unreadable")]
    assert set(await products_of(shop)) == {"cup"}


async def test_variants_that_the_file_does_not_have_stay(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([SHIRT, LARGE]))
    before = await variants_of(shop)
    report = await desk.import_file(file_of([SHIRT]))
    assert (counts_of(report), notes_of(report)) == ((0, 0, 1, 0), [(2, None, "variants_kept")])
    assert await variants_of(shop) == before
    preview = await desk.import_file(file_of([SHIRT]), dry_run=True, variants=VariantPolicy.REPLACE)
    [change] = await shop.rows("SELECT fields FROM catalog_import_changes WHERE import_id = $1", preview.import_id)
    removed = {each["field"]: each["after"] for each in change["fields"]}
    assert removed["variant[L].price"] is None
    await desk.import_file(file_of([SHIRT]), variants=VariantPolicy.REPLACE)
    assert [row[0] for row in await variants_of(shop)] == ["S"]
    await desk.undo()
    assert await variants_of(shop) == before


async def test_variants_with_other_options_are_not_deleted_silently(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([SHIRT, LARGE]))
    other = {**SHIRT, "Option2 Name": "Colour", "Option2 Value": "Red", "Variant SKU": "R"}
    assert codes_of(await desk.import_file(file_of([other]))) == [(2, None, "product_invalid")]
    assert len(await variants_of(shop)) == 2


@pytest.mark.parametrize(
    ("policy", "skus"), [(DuplicateSku.CLEAR, ["A", None, None]), (DuplicateSku.SUFFIX, ["A", "A-2", "A-3"])]
)
async def test_a_sku_that_occurs_again_is_cleared_or_numbered_and_named(
    shop: Shop, desk: Desk, policy: DuplicateSku, skus: list[str | None]
) -> None:
    rows = [plain(handle, **{"Variant SKU": "A"}) for handle in ("a", "b", "c")]
    report = await desk.import_file(file_of(rows), on_duplicate_sku=policy, on_error=OnError.ABORT)
    assert counts_of(report) == (3, 0, 0, 0)
    assert notes_of(report) == [(line, "Variant SKU", "sku_repeated") for line in (3, 4)]
    assert [row[1] for row in await variants_of(shop)] == skus
    again = await desk.import_file(file_of(rows), on_duplicate_sku=policy)
    assert counts_of(again) == (0, 0, 3, 0)


async def test_a_tracked_variant_without_a_quantity_keeps_its_stock_and_a_new_one_is_noted(
    shop: Shop, desk: Desk
) -> None:
    await desk.import_file(file_of([SHIRT]))
    without = [{name: cell for name, cell in row.items() if name != "Variant Inventory Qty"} for row in (SHIRT, LARGE)]
    columns = list(without[0])
    report = await desk.import_file(file_of(without, columns), stock=StockPolicy.OVERWRITE)
    assert notes_of(report) == [(3, "Variant Inventory Qty", "quantity_missing")]
    assert [(row[0], row[3]) for row in await variants_of(shop)] == [("S", 4), ("L", 0)]


async def test_a_price_list_by_sku_changes_prices_and_creates_nothing(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([SHIRT, LARGE, plain("cup", **{"Variant SKU": "C"})]))
    report = await desk.import_file(b"SKU;Price\nL;12,50\nC;3\nGONE;1\nS;11,00\n")
    assert (counts_of(report), codes_of(report)) == ((0, 2, 0, 1), [(4, "SKU", "sku_unknown")])
    assert [(row[1], row[2]) for row in await variants_of(shop)] == [("C", 300), ("S", 1100), ("L", 1250)]
    await desk.undo()
    assert [(row[1], row[2]) for row in await variants_of(shop)] == [("C", 1000), ("S", 1000), ("L", 1000)]


async def test_an_inventory_file_sets_the_stock_over_all_locations_on_request(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([SHIRT, LARGE]))
    file = (
        b"Handle,Title,Option1 Name,Option1 Value,SKU,Location,Available (not editable),On hand (new)\n"
        b"shirt,Shirt,Size,S,S,Berlin,1,5\nshirt,Shirt,Size,S,S,Paris,1,6\nshirt,Shirt,Size,L,L,Berlin,2,not stocked\n"
    )
    report = await desk.import_file(file)
    assert (counts_of(report), notes_of(report)[-1]) == ((0, 0, 1, 0), (2, "On hand (new)", "stock_kept"))
    report = await desk.import_file(file, stock=StockPolicy.OVERWRITE)
    assert counts_of(report) == (0, 1, 0, 0)
    assert [(row[0], row[3]) for row in await variants_of(shop)] == [("S", 11), ("L", 2)]


async def test_a_stock_list_needs_only_the_handle_and_what_changes(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("cup", **TRACKED, **{"Variant Inventory Qty": "1"}), SHIRT, LARGE]))
    file = b"product_id,quantity\ncup,1000\nmug,2\nshirt,1\n"
    mapping = {"product_id": "Handle", "quantity": "Variant Inventory Qty"}
    report = await desk.import_file(file, stock=StockPolicy.OVERWRITE, reading=ReadingOptions(mapping=mapping))
    assert codes_of(report) == [(3, "product_id", "product_unknown"), (4, "product_id", "variant_unknown")]
    assert [row[3] for row in await variants_of(shop)] == [1000, 4, 2]


async def test_codes_that_a_spreadsheet_has_marked_are_restored_and_lost_digits_are_refused(
    shop: Shop, desk: Desk
) -> None:
    header = "Handle,Title,Variant Price,Variant SKU,Variant Barcode\n"
    file = header + (
        'a,\'s-Hertogenbosch,1.00,\'0042,"=""4006381333931"""\n'
        'b,O\'Neill,2.00,="0043",4006381333931.0\n'
        "c,Lost,3.00,X,4.00638E+12\n"
    )
    report = await desk.import_file(file.encode())
    assert codes_of(report) == [(4, "Variant Barcode", "digits_lost")]
    rows = await shop.rows(
        "SELECT p.name, v.sku, v.barcode FROM catalog_variants v JOIN catalog_products p ON p.id = v.product_id"
    )
    assert sorted(map(tuple, rows)) == [
        ("'s-Hertogenbosch", "0042", "4006381333931"),
        ("O'Neill", "0043", "4006381333931"),
    ]
    assert counts_of(await desk.import_file(await desk.export_file())) == (0, 0, 2, 0)


async def test_gift_cards_and_useless_comparisons_are_left_out_with_a_note(shop: Shop, desk: Desk) -> None:
    rows = [
        plain("card", **{"Gift Card": "true"}),
        plain("cup", **{"Variant Compare At Price": "0", "Variant Price": ".99", "Published": "WAHR"}),
        plain("mug", **{"Variant Compare At Price": "8", "Variant Grams": "2 lbs", "Published": "FAUX"}),
        plain("pot", Type="Kitchen > Pots"),
    ]
    report = await desk.import_file(file_of(rows))
    assert (counts_of(report), [code for *_, code in notes_of(report)]) == (
        (3, 0, 0, 0),
        ["gift_card_left_out", "compare_at_ignored", "compare_at_ignored"],
    )
    found = await products_of(shop)
    assert {slug: row["status"] for slug, row in found.items()} == {"cup": "active", "mug": "draft", "pot": "active"}
    assert (found["cup"]["price_minor"], found["pot"]["category_path"]) == (99, "Kitchen/Pots")
    [mug] = await shop.rows("SELECT weight_grams, compare_at_minor FROM catalog_variants WHERE weight_grams > 0")
    assert tuple(mug) == (907, None)


def _zipped(file: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("products.csv", file)
    return packed.getvalue()


def _workbook() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Handle", "Title", "Variant Price", "Variant Barcode"])
    sheet.append(["pot", "Müg", 10.5, 4006381333931])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


SMALL = "Handle,Title,Variant Price,Variant Barcode\npot,Müg,10.50,4006381333931\n"


@pytest.mark.parametrize(
    ("file", "encoding"),
    [
        (_zipped(SMALL.encode()), "UTF-8"),
        (gzip.compress(SMALL.encode()), "UTF-8"),
        (_workbook(), "xlsx"),
        (SMALL.encode("utf-16-le"), "UTF-16 without a byte order mark"),
        (("sep=;\n" + SMALL.replace(",", ";")).encode("cp1252"), "Windows-1252"),
        (SMALL.replace(",", "\t").encode(), "UTF-8"),
    ],
    ids=["zip", "gzip", "xlsx", "UTF-16", "sep=", "tabs"],
)
async def test_compressed_files_workbooks_and_other_dialects_are_read(
    shop: Shop, desk: Desk, file: bytes, encoding: str
) -> None:
    report = await desk.import_file(file)
    assert (report.status, counts_of(report)) == (ImportStatus.COMPLETED, (1, 0, 0, 0))
    assert report.reading is not None
    assert report.reading.encoding == encoding
    [row] = await shop.rows(
        "SELECT p.name, v.price_minor, v.barcode FROM catalog_variants v JOIN catalog_products p ON p.id = v.product_id"
    )
    assert tuple(row) == ("Müg", 1050, "4006381333931")


async def test_a_workbook_with_entities_is_refused(desk: Desk) -> None:
    document = b'<!DOCTYPE worksheet [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'
    hostile = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook())) as book, zipfile.ZipFile(hostile, "w") as copy:
        for name in book.namelist():
            content = book.read(name)
            copy.writestr(name, document + content if name == "xl/worksheets/sheet1.xml" else content)
    report = await desk.import_file(hostile.getvalue())
    assert report.status is ImportStatus.FAILED
    assert "The workbook is damaged" in str(report.failure)


async def test_an_archive_that_would_fill_the_disk_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("luxewin.modules.catalog_import.domain.csv_files.unpacking.MOST_UNPACKED_BYTES", 10_000)
    for bomb in (gzip.compress(SMALL.encode() + b" " * 100_000), _zipped(SMALL.encode() + b" " * 100_000)):
        report = await desk.import_file(bomb)
        assert (report.status, report.failure) == (
            ImportStatus.FAILED,
            "The archive unpacks to more than 10,000 bytes; split the file",
        )


async def test_a_file_with_unknown_columns_shows_what_they_may_be(shop: Shop, desk: Desk) -> None:
    file = b"id,name,price,image_url\nroses,Roses,35.00,https://img.example/r.jpg\n"
    report = await desk.import_file(file, dry_run=True)
    assert report.status is ImportStatus.FAILED
    assert report.reading is not None
    assert report.reading.fields == ("Handle", "Title", "Variant Price", "Image Src")
    mapping: dict[str, str | None] = dict(zip(report.reading.header, report.reading.fields, strict=True))
    assert counts_of(await desk.import_file(file, reading=ReadingOptions(mapping=mapping))) == (1, 0, 0, 0)
    assert set(await products_of(shop)) == {"roses"}


async def test_a_column_that_the_mapping_ignores_is_not_stored(shop: Shop, desk: Desk) -> None:
    file = b"Handle,Title,Variant Price,Remark\na,A,1.00,secret\n"
    report = await desk.import_file(file, reading=ReadingOptions(mapping={"Remark": None}))
    assert counts_of(report) == (1, 0, 0, 0)
    assert await shop.rows("SELECT name FROM catalog_sheet_columns") == []
    assert b"secret" not in await desk.export_file()


async def test_a_matrixify_column_is_named_in_the_report_with_a_guess(desk: Desk) -> None:
    file = b"Handle,Title,Body HTML,Variant Price,Brand\na,A,<p>x</p>,1.00,B\n"
    report = await desk.import_file(file, dry_run=True)
    guesses = {note.column: note.message for note in report.notes}
    assert "'Body (HTML)'" in guesses["Body HTML"]
    assert "'Vendor'" in guesses["Brand"]


async def test_a_dry_run_reports_the_notes_without_storing_products(shop: Shop, desk: Desk) -> None:
    report = await desk.import_file(shop_file(), dry_run=True)
    assert report.reading is not None
    assert (report.reading.platform, report.note_count) == ("shopify", 0)
    assert await products_of(shop) == {}
