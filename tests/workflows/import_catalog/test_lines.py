"""Importing and exporting products as lines of JSON."""

import json
from typing import Any

import pytest

from luxewin.modules.catalog_import.public import ImportFormat, ImportStatus, StockPolicy
from luxewin.workflows.import_catalog.workflow import run_due_imports
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of, products_of
from tests.workflows.import_catalog.files import COLUMNS, file_of, of_image, of_variant, plain, shop_file

LINES = ImportFormat.JSONL
POT: dict[str, Any] = {
    "handle": "pot",
    "title": "Pot",
    "variants": [{"price": {"amount": 1000, "currency": "USD"}}],
}


def lines_of(*products: Any) -> bytes:
    return b"".join(json.dumps(product).encode() + b"\n" for product in products)


async def test_importing_exported_lines_changes_nothing(shop: Shop, desk: Desk) -> None:
    fabric = "Fabric (product.metafields.custom.fabric)"
    own = [*COLUMNS, "Our Shelf", fabric]
    shirt = {"Option1 Name": "Size", "Option1 Value": "S", "Our Shelf": "A1", fabric: "linen"}
    rows = [
        plain("shirt", **shirt),
        of_variant("shirt", "L", **{"Our Shelf": "B2"}),
        of_image("shirt", "https://images.example.com/1.jpg", "1", **{"Our Shelf": "C3"}),
    ]
    await desk.import_file(shop_file())
    await desk.import_file(file_of(rows, own))
    await shop.product("=HYPERLINK(1)", tags=["@cmd", "a b"], description="'+1", sku="+A", stock=4)
    before, traces, as_rows = await products_of(shop), await shop.traces(), await desk.export_file()
    taken_out = await desk.export_file(LINES)
    for stock in StockPolicy:
        report = await desk.import_file(taken_out, file_format=LINES, stock=stock)
        assert (report.errors, counts_of(report)) == ((), (0, 0, 7, 0))
    assert (await products_of(shop), await shop.traces()) == (before, traces)
    assert (await desk.export_file(LINES), await desk.export_file()) == (taken_out, as_rows)


async def test_an_empty_shop_becomes_the_shop_that_was_exported(other_shop: Shop, desk: Desk) -> None:
    await desk.import_file(shop_file())
    other = desk.of(other_shop)
    report = await other.import_file(await desk.export_file(LINES), file_format=LINES)
    assert (report.errors, counts_of(report)) == ((), (5, 0, 0, 0))
    assert await other.export_file(LINES) == await desk.export_file(LINES)
    assert await other.export_file() == await desk.export_file()


async def test_fields_that_a_line_omits_stay_unchanged(shop: Shop, desk: Desk) -> None:
    full = {
        **POT,
        "vendor": "V",
        "category": "A/B",
        "tags": ["x"],
        "images": [{"src": "https://images.example.com/1.jpg", "alt": "A"}],
        "variants": [{**POT["variants"][0], "sku": "P", "weight_grams": 7, "requires_shipping": False}],
    }
    assert counts_of(await desk.import_file(lines_of(full), file_format=LINES)) == (1, 0, 0, 0)
    before = await products_of(shop)
    assert counts_of(await desk.import_file(lines_of(POT), file_format=LINES)) == (0, 0, 1, 0)
    emptied = {**POT, "vendor": None, "category": "", "tags": [], "images": []}
    assert counts_of(await desk.import_file(lines_of(emptied), file_format=LINES)) == (0, 1, 0, 0)
    [after] = (await products_of(shop)).values()
    assert before["pot"]["vendor_name"] == "V"
    assert (after["vendor_name"], after["category_path"], after["tags"], after["images"]) == (None, None, [], [])


@pytest.mark.parametrize(
    ("change", "place", "code"),
    [
        ({"handle": None}, "handle", "handle_missing"),
        ({"title": ""}, "title", "title_missing"),
        ({"colour": "red"}, "colour", "field_unknown"),
        ({"tags": "red"}, "tags", "field_invalid"),
        ({"tags": ["a,b"]}, "tags", "field_invalid"),
        ({"tags": [1]}, "tags[0]", "field_invalid"),
        ({"published": "yes"}, "published", "field_invalid"),
        ({"status": "sold"}, "status", "word_unknown"),
        ({"title": "a\0b"}, "title", "nul"),
        ({"columns": {"Title": "x"}}, "columns.Title", "field_invalid"),
        ({"columns": {"": "x"}}, "columns.", "field_invalid"),
        ({"options": ["Size"]}, "variants[0].options[0]", "option_value_missing"),
        ({"options": ["A", "B", "C", "D"]}, "options", "field_invalid"),
        ({"images": [{"src": "javascript:alert(1)"}]}, "src", "image_address_refused"),
        ({"images": [{"alt": "x"}]}, "images[0].src", "image_address_missing"),
        ({"variants": []}, "variants", "variants_missing"),
        ({"variants": [{}]}, "variants[0].price", "price_missing"),
        ({"variants": [7]}, "variants[0]", "field_invalid"),
        ({"variants": [{"price": 10}]}, "variants[0].price", "field_invalid"),
        ({"variants": [{"price": {"amount": -1, "currency": "USD"}}]}, "variants[0].price", "amount_negative"),
        ({"variants": [{"price": {"amount": 1.5, "currency": "USD"}}]}, "variants[0].price", "field_invalid"),
        ({"variants": [{"price": {"amount": True, "currency": "USD"}}]}, "variants[0].price", "field_invalid"),
        ({"variants": [{"price": {"amount": 2**62, "currency": "USD"}}]}, "variants[0].price", "amount_too_large"),
        ({"variants": [{"price": {"amount": 1, "currency": "EUR"}}]}, "variants[0].price", "currency_not_sold"),
        ({"variants": [{**POT["variants"][0], "weight_grams": -1}]}, "variants[0].weight_grams", "number_unreadable"),
    ],
)
async def test_an_invalid_line_is_reported_with_its_field(
    desk: Desk, change: dict[str, Any], place: str, code: str
) -> None:
    report = await desk.import_file(lines_of({**POT, "handle": "cup"}, POT | change), file_format=LINES)
    assert (codes_of(report), report.created) == ([(2, place, code)], 1)


async def test_a_repeated_product_and_a_cut_line_are_reported(desk: Desk) -> None:
    file = lines_of(POT, POT) + b'{"handle": "cup", "ti'
    report = await desk.import_file(file, file_format=LINES)
    assert codes_of(report) == [(2, "handle", "handle_returns"), (3, None, "json_invalid")]


@pytest.mark.parametrize("file", [b"Handle,Title\n", b"[" * 100_000, b"\x00\x01", b"{'handle': 1}"])
async def test_a_file_without_lines_of_json_is_refused(desk: Desk, file: bytes) -> None:
    report = await desk.import_file(file, file_format=LINES)
    assert report.status is ImportStatus.FAILED
    assert report.failure is not None


async def test_lines_go_in_and_out_over_http(shop: Shop) -> None:
    taken = await shop.staff.post(
        "/imports", files={"file": ("p.jsonl", lines_of(POT), "application/jsonl")}, data={"format": "jsonl"}
    )
    assert taken.json()["format"] == "jsonl"
    await run_due_imports(shop.database, shop.tenant)
    answer = await shop.staff.get("/exports/products.jsonl")
    assert answer.headers["content-type"] == "application/jsonl"
    assert "products.jsonl" in answer.headers["content-disposition"]
    [line] = answer.text.splitlines()
    assert (json.loads(line)["handle"], json.loads(line)["variants"][0]["price"]) == (
        "pot",
        {"amount": 1000, "currency": "USD"},
    )
    assert (await shop.customer.get("/exports/products.jsonl")).status_code == 403
