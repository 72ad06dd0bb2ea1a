"""Product files as each platform writes them: imported value by value, and unchanged by an export and an import.

The files have the columns and the order of rows of real ones, with other products.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from luxewin.modules.catalog_import.public import ImportFormat, ImportStatus, OnError, StockPolicy
from tests.modules.catalog.shop import Shop
from tests.workflows.import_catalog.desk import Desk, counts_of, products_of

FILES = Path(__file__).parent / "platforms"
IMG = "https://img.example/"
WIX = "https://static.wixstatic.com/media/"

Values = Sequence[Any]
"""Of a variant: options, SKU, price, former price, quantity, grams, and what is not usual."""

PRODUCTS: Mapping[str, Mapping[str, tuple[str, str, str, Sequence[str], Sequence[Values]]]] = {
    "woocommerce": {
        "fern-pot": (
            *("Garden/Pots, planters", "active", "Fired twice."),
            [f"{IMG}fern.jpg", f"{IMG}fern-2.jpg", f"{IMG}moss.jpg"],
            [
                (["Moss"], "FERN-M", 1750, 2100, 7, 907, "continue", f"{IMG}moss.jpg"),
                (["Ink, dark"], "FERN-I", 2300, None, 0, 1134),
            ],
        ),
        "bed-plan": (
            *("Garden", "active", "Two pages\nto print", []),
            [([], "PLAN", 400, None, None, None, "untaxed", "unshipped")],
        ),
    },
    "magento": {
        "vest": (
            *("Wear/Vests & tops", "active", "<p>Soft</p>", []),
            [(["S"], "VEST-S", 2400, 3000, 5, 400), (["L"], "VEST-L", 3200, None, 0, 500, "continue")],
        ),
        "song": ("", "active", "", [], [([], "SONG", 200, None, None, None, "untaxed", "unshipped")]),
    },
    "prestashop": {
        "kettle": (
            *("Kitchen", "active", "<p>Whistles</p>"),
            [f"{IMG}k1.jpg", f"{IMG}k2.jpg", f"{IMG}steel.jpg"],
            [
                (["Brass", "1.5"], "KET-B", 4095, 4550, 2, 1500, f"{IMG}k2.jpg"),
                (["Steel", "1.5"], "KET-S", 3600, 4000, 4, 1200, f"{IMG}steel.jpg"),
            ],
        ),
        "recipe": ("Kitchen", "draft", "", [], [([], "REC", 300, None, 1, None, "untaxed", "unshipped")]),
    },
    "wix": {
        "scarf": (
            *("Winter", "active", "<p>Wool</p>", [f"{WIX}a1_b2~mv2.jpg", f"{WIX}c3_d4~mv2.jpg"]),
            [(["Wine"], "SC-W", 2500, 2800, 6, 200), (["Pine"], "SC-P", 2750, 3050, 0, 200)],
        ),
        "hat": ("", "draft", "", [], [([], None, 1500, None, None, None)]),
    },
    "squarespace": {
        "bench": (
            *("garden/seats", "active", "<p>Oak</p>", [f"{IMG}bench.jpg", f"{IMG}bench-2.jpg"]),
            [(["1 m"], "BE-1", 9900, 12000, 3, 9500), (["2 m"], "BE-2", 18000, None, None, 15000)],
        ),
        "fitting": ("", "draft", "", [], [([], "FI", 4000, None, None, None, "unshipped")]),
    },
    "etsy": {
        "brooch": (
            *("", "active", "Silver &amp; glass", [f"{IMG}br1.jpg", f"{IMG}br2.jpg"]),
            [([], "BR", 3450, None, 4, None)],
        ),
        "ring": (
            *("", "active", "Plain", [f"{IMG}ring.jpg"]),
            [(["6"], None, 2000, None, 0, None), (["7"], None, 2000, None, 0, None)],
        ),
    },
    "medusa": {
        "lantern": (
            *("", "active", "Tin", [f"{IMG}la.jpg", f"{IMG}la-2.jpg"]),
            [(["Small"], "LA-S", 1850, None, 12, 700), (["Tall"], "LA-T", 2700, None, 0, 950, "continue")],
        ),
    },
    "vendure": {
        "notebook": (
            *("", "active", 'Ruled, with a "ribbon".', [f"{IMG}nb.jpg", f"{IMG}nb4.jpg"]),
            [
                (["A5", "Linen"], "NB-5L", 900, None, 40, None),
                (["A4", "Linen"], "NB-4L", 1250, None, 0, None, f"{IMG}nb4.jpg"),
            ],
        ),
        "voucher": ("", "active", "By mail", [], [([], "VO", 2500, None, None, None)]),
    },
    "spree": {
        "tent": (
            *("Outdoor/Tents", "active", "Light", [f"{IMG}te.jpg", f"{IMG}te-4.jpg"]),
            [
                (["2"], "TE-2", 15000, 18000, 5, 1451),
                (["4"], "TE-4", 24000, None, 0, 2268, "continue", f"{IMG}te-4.jpg"),
            ],
        ),
    },
    "shopify": {
        "rug": (
            *("Home & Garden/Decor/Rugs", "active", "<p>Wool</p>", [f"{IMG}rug.jpg", f"{IMG}rug-2.jpg"]),
            [
                (["Rust"], "RU-R", 8000, 9500, 3, 2200, "continue", f"{IMG}rug.jpg"),
                (["Sand"], "RU-S", 8500, None, 0, 2200, "untaxed", "unshipped"),
            ],
        ),
    },
}


@pytest.mark.parametrize("platform", sorted(PRODUCTS))
async def test_a_platforms_file_is_imported_as_it_is_meant(shop: Shop, desk: Desk, platform: str) -> None:
    file, expected = _file(platform), PRODUCTS[platform]
    previewed = await desk.import_file(file, dry_run=True)
    assert (previewed.reading and previewed.reading.platform, counts_of(previewed)) == (
        platform,
        (len(expected), 0, 0, 0),
    )
    assert await products_of(shop) == {}
    done = await desk.import_file(file, on_error=OnError.ABORT)
    assert (done.status, counts_of(done)) == (ImportStatus.COMPLETED, counts_of(previewed))
    lines = (await desk.export_file(ImportFormat.JSONL)).decode().splitlines()
    assert {found["handle"]: _values_of(found) for found in map(json.loads, lines)} == {
        handle: tuple(values) for handle, values in expected.items()
    }


@pytest.mark.parametrize("platform", sorted(PRODUCTS))
async def test_a_platforms_products_are_unchanged_by_an_export_and_an_import(
    shop: Shop, desk: Desk, platform: str
) -> None:
    file, count = _file(platform), len(PRODUCTS[platform])
    await desk.import_file(file)
    before, traces = await products_of(shop), await shop.traces()
    for file_format in ImportFormat:
        taken_out = await desk.export_file(file_format)
        again = await desk.import_file(taken_out, file_format=file_format, stock=StockPolicy.OVERWRITE)
        assert counts_of(again) == (0, 0, count, 0)
        assert await desk.export_file(file_format) == taken_out
    assert counts_of(await desk.import_file(file, stock=StockPolicy.OVERWRITE)) == (0, 0, count, 0)
    assert await products_of(shop) == before
    assert await shop.traces() == traces


def _file(platform: str) -> bytes:
    """Return a platform's file; that of PrestaShop is an archive of two."""
    paths = sorted(FILES.glob(f"{platform}*.csv"))
    if len(paths) == 1:
        return paths[0].read_bytes()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in paths:
            archive.write(path, path.name)
    return packed.getvalue()


def _values_of(line: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of a product in a line of an export."""
    images = [image["src"] for image in line["images"]]
    variants = [_values_of_variant(variant) for variant in line["variants"]]
    return line["category"], line["status"], line["description"], images, variants


def _values_of_variant(variant: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of a variant, with words for what is not usual."""
    before = variant["compare_at_price"]
    unusual = {
        "continue": variant["inventory_policy"] == "continue",
        "untaxed": not variant["taxable"],
        "unshipped": not variant["requires_shipping"],
        variant["image"]: variant["image"] is not None,
    }
    return (
        *(variant["options"], variant["sku"], variant["price"]["amount"], before and before["amount"]),
        *(variant["quantity"], variant["weight_grams"]),
        *(word for word, is_so in unusual.items() if is_so),
    )
