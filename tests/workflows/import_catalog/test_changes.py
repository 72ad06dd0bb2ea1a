"""The changes of an import, field by field."""

from typing import Any

from luxewin.modules.catalog_import.public import StockPolicy
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk
from tests.workflows.import_catalog.files import file_of, of_variant, plain

TRACKED = {"Variant Inventory Tracker": "shopify"}


async def changes_of(shop: Shop, import_id: object, **parameters: Any) -> list[dict[str, Any]]:
    """Return all changes of an import, page by page."""
    seen, cursor = [], None
    while True:
        query = {"limit": 2, **parameters} | ({"cursor": cursor} if cursor else {})
        page = (await shop.staff.get(f"/imports/{import_id}/changes", params=query)).json()
        seen += page["data"]
        cursor = page["next_cursor"]
        if cursor is None:
            return seen


async def test_a_dry_run_lists_the_changes_of_each_field(shop: Shop, desk: Desk) -> None:
    await desk.import_file(
        file_of(
            [
                plain("pot", **TRACKED, **{"Variant Inventory Qty": "4", "Variant Price": "18.00"}, Type="Dining"),
                plain("cup"),
                plain("jug", **{"Option1 Name": "Size", "Option1 Value": "S"}),
                of_variant("jug", "M"),
            ]
        )
    )
    traces = await shop.traces()
    file = file_of(
        [
            plain(
                "pot", **TRACKED, **{"Variant Inventory Qty": "9", "Variant Price": "19.50"}, Type="Garden", Vendor="V"
            ),
            plain("cup"),
            plain("jug", **{"Option1 Name": "Size", "Option1 Value": "S"}, Title="A jug"),
            of_variant("jug", "L"),
            plain("new", **{"Variant SKU": "N"}),
        ]
    )
    report = await desk.import_file(file, dry_run=True, stock=StockPolicy.OVERWRITE)
    pot, cup, jug, new = await changes_of(shop, report.import_id)
    assert [(each["line"], each["slug"], each["outcome"]) for each in (pot, cup, jug, new)] == [
        (2, "pot", "changed"),
        (3, "cup", "unchanged"),
        (4, "jug", "changed"),
        (6, "new", "created"),
    ]
    assert {each["field"]: (each["from"], each["to"]) for each in pot["fields"]} == {
        "category": ("Dining", "Garden"),
        "vendor": (None, "V"),
        "variant.price": ({"amount": 1800, "currency": "USD"}, {"amount": 1950, "currency": "USD"}),
        "variant.stock": (4, 9),
    }
    assert cup["fields"] == [{"field": "variant.stock", "from": None, "to": None, "effect": "not_tracked"}]
    changes = {each["field"]: (each["from"], each["to"]) for each in jug["fields"]}
    assert changes["name"] == ("Jug", "A jug")
    assert "variant[M].price" not in changes
    assert changes["variant[L].price"] == (None, {"amount": 1000, "currency": "USD"})
    assert {"field": "variant.sku", "from": None, "to": "N", "effect": None} in new["fields"]
    assert await shop.traces() == traces


async def test_changes_can_be_filtered_by_outcome(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot"), plain("cup")]))
    report = await desk.import_file(file_of([plain("pot", Title="P"), plain("cup"), plain("new")]), dry_run=True)
    for outcome, slug in {"created": "new", "changed": "pot", "unchanged": "cup"}.items():
        assert [each["slug"] for each in await changes_of(shop, report.import_id, outcome=outcome)] == [slug]


async def test_an_import_that_has_written_lists_itschanges_of(shop: Shop, desk: Desk) -> None:
    await desk.import_file(file_of([plain("pot"), plain("cup")]))
    report = await desk.import_file(file_of([plain("pot", Title="P"), plain("cup"), plain("new")]))
    changes = await changes_of(shop, report.import_id)
    assert [(each["slug"], each["outcome"]) for each in changes] == [("pot", "changed"), ("new", "created")]
    assert changes[0]["fields"] == [{"field": "name", "from": "Pot", "to": "P", "effect": None}]


async def test_long_texts_are_cut_in_the_list_ofchanges_of(shop: Shop, desk: Desk) -> None:
    report = await desk.import_file(file_of([plain("pot", **{"Body (HTML)": "x" * 50_000})]), dry_run=True)
    [pot] = await changes_of(shop, report.import_id)
    [body] = [each for each in pot["fields"] if each["field"] == "description"]
    assert len(body["to"]) == 500


async def test_only_the_shops_own_staff_may_read_thechanges_of(shop: Shop, other_shop: Shop, desk: Desk) -> None:
    report = await desk.import_file(file_of([plain("pot")]), dry_run=True)
    path = f"/imports/{report.import_id}/changes"
    assert (await shop.customer.get(path)).status_code == 403
    assert (await other_shop.staff.get(path)).status_code == 404
