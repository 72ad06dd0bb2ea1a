"""Damaged and malicious files: each gets a clear error, and none crashes the worker."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from luxewin.workflows.import_catalog.workflow import run_due_imports
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.files import file_of, plain, rows_of

SOUND = file_of([plain("pot"), plain("cup", Title="Müg")])
HEADER = SOUND.splitlines(keepends=True)[0]


def _workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "only a mark": (lambda: b"\xef\xbb\xbf", "empty"),
    "only line ends": (lambda: b"\r\n\r\n\n", "empty"),
    "a workbook": (_workbook, "not_csv"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "missing_columns"),
    "zeros": (lambda: bytes(100_000), "nul"),
    "a NUL in a cell": (lambda: SOUND.replace(b"Pot", b"P\0t"), "nul"),
    "cut in a quoted cell": (lambda: HEADER + b'pot,"Pot, a', "unterminated_quote"),
    "cut in a character": (lambda: SOUND + "mug,Mü".encode()[:-1], "encoding"),
    "UTF-8, then not": (lambda: SOUND + b"\xff\xfe\xfa,x\n", "encoding"),
    "UTF-16, cut": (lambda: SOUND.decode().encode("utf-16")[:-1], "encoding"),
    "a stray quote": (lambda: HEADER + b'pot,Po"t\n', "stray_quote"),
    "a million columns": (
        lambda: HEADER.rstrip() + b"".join(b",c%d" % n for n in range(1_000_000)) + b"\n",
        "row_too_large",
    ),
    "two thousand columns": (
        lambda: HEADER.rstrip() + b"".join(b",c%d" % n for n in range(2_000)) + b"\n",
        "too_many_columns",
    ),
    "one endless line": (lambda: b"a" * 9_000_000, "row_too_large"),
    "one endless cell": (lambda: HEADER + b'pot,"' + b"a\n" * 3_000_000, "cell_too_large"),
    "a column twice": (lambda: HEADER.replace(b"Vendor", b"Title"), "duplicate_columns"),
    "no prices": (lambda: HEADER.replace(b"Variant Price", b"Cost"), "missing_columns"),
}


@pytest.mark.parametrize(("file", "reason"), REFUSED.values(), ids=REFUSED.keys())
async def test_an_unreadable_file_fails_with_a_reason_and_the_next_one_is_imported(
    shop: Shop, file: Callable[[], bytes], reason: str
) -> None:
    failed = await _brought_in(shop, file())
    assert (failed["status"], failed["failure"]["reason"]) == ("failed", reason)
    assert failed["failure"]["message"]
    assert await shop.rows("SELECT 1 FROM catalog_products") == []
    assert (await _brought_in(shop, SOUND))["counts"]["created"] == 2


TAKEN: dict[str, tuple[Callable[[], bytes], int]] = {
    "nothing but a header": (lambda: HEADER, 0),
    "with a mark": (lambda: b"\xef\xbb\xbf" + SOUND, 2),
    "Latin-1": (lambda: SOUND.decode().encode("latin-1"), 2),
    "UTF-16, little end": (lambda: b"\xff\xfe" + SOUND.decode().encode("utf-16-le"), 2),
    "UTF-16, big end": (lambda: b"\xfe\xff" + SOUND.decode().encode("utf-16-be"), 2),
    "semicolons": (lambda: SOUND.replace(b",", b";"), 2),
    "lines ended by CR": (lambda: SOUND.replace(b"\r\n", b"\r"), 2),
    "no end to its last line": (SOUND.rstrip, 2),
}


@pytest.mark.parametrize(("file", "created"), TAKEN.values(), ids=TAKEN.keys())
async def test_an_unusual_file_is_imported(shop: Shop, file: Callable[[], bytes], created: int) -> None:
    done = await _brought_in(shop, file())
    assert (done["status"], done["counts"]["created"]) == ("completed", created)
    names = {row["name"] for row in await shop.rows("SELECT name FROM catalog_products")}
    assert not created or "Müg" in names


FAULTS: dict[str, tuple[dict[str, str], str, str]] = {
    "a negative price": ({"Variant Price": "-1.00"}, "Variant Price", "amount_negative"),
    "a price that is none": ({"Variant Price": "NaN"}, "Variant Price", "amount_not_a_number"),
    "a price beyond all": ({"Variant Price": "9" * 5_000}, "Variant Price", "amount_too_large"),
    "a price with too many decimals": ({"Variant Price": "1.005"}, "Variant Price", "amount_too_precise"),
    "a quantity beyond all": ({"Variant Inventory Qty": "2147483648"}, "Variant Inventory Qty", "number_out_of_range"),
    "a script for a picture": ({"Image Src": "javascript:alert(1)"}, "Image Src", "image_address_refused"),
    "a title that does not end": ({"Title": "x" * 300}, "Title", "text_too_long"),
    "a category as deep as the sea": ({"Type": "/".join("abcdefghij")}, "Type", "category_invalid"),
}


@pytest.mark.parametrize(("cells", "column", "code"), FAULTS.values(), ids=FAULTS.keys())
async def test_an_invalid_row_is_reported_with_line_and_column(
    shop: Shop, cells: dict[str, str], column: str, code: str
) -> None:
    done = await _brought_in(shop, file_of([plain("cup"), plain("pot", **cells)]))
    assert (done["status"], done["failure"]["code"]) == ("failed", "catalog.import_aborted")
    [error] = (await shop.staff.get(f"/imports/{done['id']}/errors")).json()["data"]
    assert (error["line"], error["column"], error["code"]) == (3, column, code)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "'=", "'"])
async def test_a_cell_that_a_spreadsheet_would_run_is_disarmed_going_out_and_itself_coming_in(
    shop: Shop, begin: str
) -> None:
    text = f"{begin}cmd|' /C calc'!A0"
    await shop.product("Pot" if begin.isspace() else text, slug="pot", description=text)
    taken_out = (await shop.staff.get("/exports/products.csv")).content
    [row] = rows_of(taken_out)
    assert row["Body (HTML)"].endswith("cmd|' /C calc'!A0")
    for column in ("Title", "Body (HTML)"):
        assert not row[column].startswith(("=", "+", "-", "@", "\t", "\r"))
    again = await _brought_in(shop, taken_out)
    assert again["counts"] == {"created": 0, "changed": 0, "unchanged": 1, "errors": 0, "notes": 0}


async def _brought_in(shop: Shop, file: bytes) -> dict[str, Any]:
    taken = await shop.staff.post("/imports", files={"file": ("p.csv", file, "text/csv")})
    assert taken.status_code == 202, taken.text
    await run_due_imports(shop.database, shop.tenant)
    done: dict[str, Any] = (await shop.staff.get(f"/imports/{taken.json()['id']}")).json()
    return done
