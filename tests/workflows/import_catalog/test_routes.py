"""Product files over HTTP."""

import csv
import io
import json
from typing import Any
from uuid import UUID

import httpx2
import pytest

from luxewin.kit.ids import new_id
from luxewin.workflows.import_catalog.workflow import WORK_CHANNEL, run_due_imports
from tests.conftest import TestDatabase
from tests.modules.catalog.shop import Shop, listen_to
from tests.workflows.import_catalog.files import file_of, plain, shop_file


async def _send(client: httpx2.AsyncClient, file: bytes, **fields: str) -> httpx2.Response:
    return await client.post("/imports", files={"file": ("my products.csv", file, "text/csv")}, data=fields)


async def _finish(shop: Shop) -> None:
    await run_due_imports(shop.database, shop.tenant)


async def test_a_file_is_queued_at_once_and_its_progress_can_be_read(shop: Shop) -> None:
    taken = await _send(shop.staff, shop_file(), format="shopify_csv")
    queued = taken.json()
    assert (taken.status_code, taken.headers["location"]) == (202, f"/api/v1/imports/{queued['id']}")
    assert UUID(queued["id"]).version == 7
    assert (queued["status"], queued["progress"], queued["file_name"], queued["stock"], queued["dry_run"]) == (
        "queued",
        {"phase": "checking", "done": 0, "total": None, "percent": 0},
        "my products.csv",
        "keep",
        False,
    )
    assert (await shop.staff.get(f"/imports/{queued['id']}")).json() == queued
    await _finish(shop)
    done = (await shop.staff.get(f"/imports/{queued['id']}")).json()
    assert (done["status"], done["progress"], done["counts"], done["failure"]) == (
        "completed",
        {"phase": "writing", "done": 5, "total": 5, "percent": 100},
        {"created": 5, "changed": 0, "unchanged": 0, "errors": 0, "notes": 0},
        None,
    )
    assert done["finished_at"] >= done["started_at"] >= done["created_at"]


async def test_errors_are_listed_by_line_page_by_page(shop: Shop) -> None:
    rows = [plain(f"pot-{number}", **{"Variant Price": "1,299"}) for number in range(5)]
    queued = (await _send(shop.staff, file_of(rows), on_error="skip")).json()
    await _finish(shop)
    path, seen, cursor = f"/imports/{queued['id']}/errors", [], None
    while True:
        page = (await shop.staff.get(path, params={"limit": 2} | ({"cursor": cursor} if cursor else {}))).json()
        seen += [(error["line"], error["column"], error["code"]) for error in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [(line, "Variant Price", "amount_ambiguous") for line in range(2, 7)]
    assert (await shop.staff.get(f"/imports/{queued['id']}")).json()["status"] == "completed_with_errors"


async def test_a_file_that_is_no_product_file_fails_with_a_reason(shop: Shop) -> None:
    queued = (await _send(shop.staff, b"PK\x03\x04 a workbook")).json()
    await _finish(shop)
    failed = (await shop.staff.get(f"/imports/{queued['id']}")).json()
    assert (failed["status"], failed["failure"]["code"], failed["failure"]["reason"]) == (
        "failed",
        "catalog.not_a_product_file",
        "not_csv",
    )


async def test_any_spreadsheet_opens_an_export(shop: Shop) -> None:
    await _send(shop.staff, shop_file())
    await _finish(shop)
    answer = await shop.staff.get("/exports/products.csv")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "products.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert {row["Handle"] for row in rows} == {"ocean-shirt", "Gift Wrap £", "hidden", "old", "draft"}
    again = (await _send(shop.staff, answer.content)).json()
    await _finish(shop)
    counts = (await shop.staff.get(f"/imports/{again['id']}")).json()["counts"]
    assert counts == {"created": 0, "changed": 0, "unchanged": 5, "errors": 0, "notes": 0}


async def test_an_export_of_several_pages_has_one_header(shop: Shop) -> None:
    await _send(shop.staff, file_of(plain(f"pot-{number}") for number in range(260)))
    await _finish(shop)
    lines = (await shop.staff.get("/exports/products.csv")).text.splitlines()
    assert len(lines) == 261
    assert [line for line in lines if line.startswith("Handle,")] == lines[:1]


async def test_an_empty_catalogue_is_exported_as_its_columns(shop: Shop) -> None:
    assert (await shop.staff.get("/exports/products.csv")).text.startswith("Handle,Title,")


async def test_the_address_of_images_and_the_unit_of_weights_can_be_named(shop: Shop) -> None:
    file = b"Handle,Title,Variant Price,Variant Grams,Image Src\nroses,Roses,35.00,2,/r/red.jpg\n"
    queued = (await _send(shop.staff, file, image_base="https://old.example/media", weight_unit="lb")).json()
    await _finish(shop)
    assert (await shop.staff.get(f"/imports/{queued['id']}")).json()["status"] == "completed"
    roses = json.loads((await shop.staff.get("/exports/products.jsonl")).text)
    assert [image["src"] for image in roses["images"]] == ["https://old.example/media/r/red.jpg"]
    assert roses["variants"][0]["weight_grams"] == 907


@pytest.mark.parametrize(
    "fields",
    [{"format": "xlsx"}, {"stock": "guess"}, {"dry_run": "perhaps"}, {"more": "x"}],
)
async def test_a_form_with_anything_unknown_is_refused(shop: Shop, fields: dict[str, str]) -> None:
    refused = await _send(shop.staff, shop_file(), **fields)
    assert (refused.status_code, refused.json()["code"]) == (400, "request.invalid")
    assert (await shop.staff.get("/imports")).json()["data"] == []


async def test_a_form_without_anything_in_its_file_is_refused(shop: Shop) -> None:
    assert (await _send(shop.staff, b"")).json()["code"] == "catalog.file_empty"
    assert (await shop.staff.post("/imports", data={"format": "shopify_csv"})).status_code == 400


async def test_the_same_upload_sent_twice_is_brought_in_once(shop: Shop) -> None:
    async def send() -> dict[str, Any]:
        files = {"file": ("products.csv", shop_file(), "text/csv")}
        answer = await shop.staff.post("/imports", files=files, headers={"Idempotency-Key": "once"})
        taken: dict[str, Any] = answer.json()
        return taken

    assert await send() == await send()
    assert len((await shop.staff.get("/imports")).json()["data"]) == 1


async def test_imports_are_listed_the_newest_first(shop: Shop) -> None:
    made = [(await _send(shop.staff, shop_file())) for _ in range(3)]
    listed = (await shop.staff.get("/imports", params={"limit": 2})).json()
    rest = (await shop.staff.get("/imports", params={"limit": 2, "cursor": listed["next_cursor"]})).json()
    assert [each["id"] for each in [*listed["data"], *rest["data"]]] == [each.json()["id"] for each in made[::-1]]
    assert rest["next_cursor"] is None


async def test_only_the_shops_own_staff_may_import_and_export_files(shop: Shop, other_shop: Shop) -> None:
    queued = (await _send(shop.staff, shop_file())).json()
    own = f"/imports/{queued['id']}"
    _, vendor = await shop.vendor("Nordlys")
    for client in (shop.customer, vendor):
        assert (await _send(client, shop_file())).status_code == 403
        for path in ("/imports", own, f"{own}/errors", "/exports/products.csv"):
            assert (await client.get(path)).status_code == 403
    for import_id in (queued["id"], str(new_id())):
        for path in (f"/imports/{import_id}", f"/imports/{import_id}/errors"):
            refused = await other_shop.staff.get(path)
            assert (refused.status_code, refused.json()["code"]) == (404, "request.not_found")


async def test_an_upload_wakes_the_workers(shop: Shop, test_database: TestDatabase) -> None:
    async with listen_to(test_database, WORK_CHANNEL) as next_notification:
        await _send(shop.staff, shop_file())
        assert await next_notification() == str(shop.tenant.id)


async def test_the_reading_and_the_notes_of_a_file_are_shown(shop: Shop) -> None:
    file = "Artikel;Bezeichnung;Preis\nroses;Röses;35,00\nroses-2;Roses;\n".encode("cp1252")
    mapping = '{"Artikel": "Handle", "Bezeichnung": "Title", "Preis": "Price"}'
    queued = (await _send(shop.staff, file, mapping=mapping, dry_run="true", variants="replace")).json()
    assert (queued["reading"], queued["variants"], queued["on_duplicate_sku"]) == (None, "replace", "clear")
    await _finish(shop)
    done = (await shop.staff.get(f"/imports/{queued['id']}")).json()
    assert done["reading"] == {
        "platform": None,
        "contents": "products",
        "encoding": "Windows-1252",
        "delimiter": ";",
        "decimal": ",",
        "columns": [
            {"name": "Artikel", "field": "Handle"},
            {"name": "Bezeichnung", "field": "Title"},
            {"name": "Preis", "field": "Variant Price"},
        ],
        "sample": [["roses", "Röses", "35,00"], ["roses-2", "Roses", ""]],
    }
    notes = (await shop.staff.get(f"/imports/{queued['id']}/notes")).json()["data"]
    codes = [note["code"] for note in notes]
    assert codes == ["encoding_detected", "delimiter_detected", "decimal_comma"]
    assert done["counts"]["notes"] == len(notes)
    errors = (await shop.staff.get(f"/imports/{queued['id']}/errors")).json()["data"]
    assert [(error["line"], error["column"]) for error in errors] == [(3, "Preis")]


@pytest.mark.parametrize(
    "fields",
    [
        {"mapping": "no JSON"},
        {"mapping": '["Title"]'},
        {"mapping": '{"a\\u0000": "Title"}'},
        {"mapping": '{"a": "\\ud800"}'},
        {"mapping": '{"a": 1}'},
        {"encoding": "ebcdic"},
        {"delimiter": ";"},
        {"decimal": "."},
        {"image_base": "/media/"},
        {"image_base": "https://user:word@shop.example"},
        {"weight_unit": "stone"},
        {"variants": "delete"},
        {"on_duplicate_sku": "ignore"},
    ],
)
async def test_options_without_meaning_are_refused(shop: Shop, fields: dict[str, str]) -> None:
    refused = await _send(shop.staff, shop_file(), **fields)
    assert refused.status_code == 400, refused.text
    assert await shop.rows("SELECT id FROM catalog_imports") == []


async def test_a_mapping_that_does_not_fit_the_file_is_explained(shop: Shop) -> None:
    for mapping, message in (
        ('{"Nowhere": "Title"}', "The mapping names the column 'Nowhere', which the file does not have"),
        ('{"Title": "Colour"}', "The mapping names the field 'Colour', which is unknown"),
    ):
        queued = (await _send(shop.staff, shop_file(), mapping=mapping)).json()
        await _finish(shop)
        failure = (await shop.staff.get(f"/imports/{queued['id']}")).json()["failure"]
        assert failure["reason"] == "mapping"
        assert message in failure["message"]
