"""The tariff code and the country of origin of variants, in product files."""

from typing import Any

import orjson
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.modules.catalog_import.public import ImportFormat, OnError
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, codes_of, counts_of
from tests.workflows.import_catalog.files import COLUMNS, file_of, of_variant, plain, rows_of

HS_CODE, COUNTRY = "Variant HS Code", "Variant Country of Origin"
WITH_CUSTOMS = [*COLUMNS, HS_CODE, COUNTRY]
SHIRT = {"Option1 Name": "Size", "Option1 Value": "S"}


async def _stored(shop: Shop) -> list[tuple[str | None, str | None]]:
    rows = await shop.rows("SELECT hs_code, country_of_origin FROM catalog_v_variants ORDER BY position")
    return [tuple(row) for row in rows]


@pytest.mark.parametrize(
    ("hs_code", "country"),
    [(HS_CODE, COUNTRY), ("HS Code", "COO"), ("harmonized system code", "Country of Origin")],
)
async def test_customs_data_is_imported_and_exported(shop: Shop, desk: Desk, hs_code: str, country: str) -> None:
    rows = [
        plain("shirt", **SHIRT, **{hs_code: "6109.10", country: "PT"}),
        of_variant("shirt", "M", **{hs_code: "610910"}),
    ]
    report = await desk.import_file(file_of(rows, [*COLUMNS, hs_code, country]))
    assert (report.errors, counts_of(report)) == ((), (1, 0, 0, 0))
    assert await _stored(shop) == [("6109.10", "PT"), ("610910", None)]
    exported = await desk.export_file()
    assert [(row[HS_CODE], row[COUNTRY]) for row in rows_of(exported)] == [("6109.10", "PT"), ("610910", "")]
    assert counts_of(await desk.import_file(exported)) == (0, 0, 1, 0)
    line = orjson.loads(await desk.export_file(ImportFormat.JSONL))
    assert [(each["hs_code"], each["country_of_origin"]) for each in line["variants"]] == [
        ("6109.10", "PT"),
        ("610910", None),
    ]
    assert counts_of(await desk.import_file(orjson.dumps(line), file_format=ImportFormat.JSONL)) == (0, 0, 1, 0)


async def test_an_invalid_code_is_reported_on_its_row_with_its_value(shop: Shop, desk: Desk) -> None:
    rows = [
        plain("shirt", **SHIRT, **{HS_CODE: "6109.10", COUNTRY: "PT"}),
        of_variant("shirt", "M", **{HS_CODE: "cotton", COUNTRY: "Portugal"}),
    ]
    report = await desk.import_file(file_of(rows, WITH_CUSTOMS), on_error=OnError.SKIP)
    assert sorted(codes_of(report)) == [
        (3, COUNTRY, "country_of_origin_invalid"),
        (3, HS_CODE, "hs_code_invalid"),
    ]
    messages = {error.code: error.message for error in report.errors}
    assert messages["hs_code_invalid"].startswith("'cotton' is not an HS code: 6 to 13 digits and dots")
    assert messages["country_of_origin_invalid"].startswith("'Portugal' is not an ISO 3166-1 alpha-2 country code")
    assert await _stored(shop) == []
    price = {"amount": 100, "currency": "USD"}
    line: dict[str, Any] = {"handle": "a", "title": "A", "options": ["Size"], "variants": []}
    line["variants"] = [{"options": [size], "price": price, "hs_code": "1"} for size in ("S", "M")]
    report = await desk.import_file(orjson.dumps(line), file_format=ImportFormat.JSONL)
    assert {error.column for error in report.errors} == {"variants[0].hs_code", "variants[1].hs_code"}


async def test_a_change_is_listed_and_undone(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("shirt", **{HS_CODE: "6109.10", COUNTRY: "PT"})], WITH_CUSTOMS))
    other = file_of([plain("shirt", **{HS_CODE: "6109.90", COUNTRY: ""})], WITH_CUSTOMS)
    report = await desk.import_file(other)
    [change] = (await shop.staff.get(f"/imports/{report.import_id}/changes")).json()["data"]
    assert {each["field"]: (each["from"], each["to"]) for each in change["fields"]} == {
        "variant.hs_code": ("6109.10", "6109.90"),
        "variant.country_of_origin": ("PT", None),
    }
    assert await _stored(shop) == [("6109.90", None)]
    assert counts_of(await desk.undo()) == (0, 1, 0, 0)
    assert await _stored(shop) == [("6109.10", "PT")]
    assert counts_of(await desk.import_file(file_of([plain("shirt")]))) == (0, 0, 1, 0)
    assert await _stored(shop) == [("6109.10", "PT")]


async def test_a_cell_that_was_imported_before_its_column_was_a_field_is_exported_as_the_field(
    shop: Shop, desk: Desk
) -> None:
    await desk.import_file(file_of([plain("shirt")]))
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        await tx.fetchval(
            "UPDATE catalog_variants SET extra = jsonb_build_object('columns',"
            " jsonb_build_object('HS Code', '6109.10', 'COO', 'nowhere', 'Shelf', 'A1')) RETURNING true"
        )
        await tx.fetchval(
            "INSERT INTO catalog_sheet_columns (tenant_id, name, position) SELECT $1, name, number FROM"
            " unnest('{HS Code,COO,Shelf}'::text[]) WITH ORDINALITY AS c(name, number) RETURNING true",
            tx.tenant_id,
        )
    exported = await desk.export_file()
    [row] = rows_of(exported)
    assert (row[HS_CODE], row[COUNTRY], row["Shelf"]) == ("6109.10", "", "A1")
    assert not {"HS Code", "COO"} & row.keys()
    assert counts_of(await desk.import_file(exported)) == (0, 1, 0, 0)
    assert await _stored(shop) == [("6109.10", None)]
    assert rows_of(await desk.export_file()) == [row]
    assert counts_of(await desk.import_file(exported)) == (0, 0, 1, 0)
