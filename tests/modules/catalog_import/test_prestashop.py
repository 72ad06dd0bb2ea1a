"""PrestaShop's product files: discounts, and the combinations of another file."""

import io
import zipfile

import pytest

from luxewin.modules.catalog_import.domain.imports import ImportFormat
from luxewin.modules.catalog_import.domain.product_files import ProductFile
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, RowError
from tests.modules.catalog_import.sheets import codes, prices, products, read, sheet

IMAGES = "https://img.example/"
LAMP = {
    "Product ID": "7",
    "Active (0/1)": "1",
    "Name *": "Lamp",
    "Categories (x;y;z...)": "Home",
    "Price tax excluded or Price tax included": "20.00",
    "Tax rules ID": "1",
    "Wholesale price": "8.00",
    "Discount percent": "",
    "Reference #": "LAMP",
    "EAN13": "",
    "Weight": "0.5",
    "Quantity": "99",
    "Out of stock": "1",
    "Image URLs (x;y;z...)": f"{IMAGES}1.jpg;{IMAGES}2.jpg",
}
RED = {
    "Product ID*": "7",
    "Product Reference": "",
    "Attribute (Name:Type:Position)*": "Colour:color:0, Size:select:1",
    "Value (Value:Position)*": "Red:0, 10 cm:1",
    "Reference": "LAMP-RED",
    "EAN13": "4006381333931",
    "Cost price": "9.00",
    "Impact on price": "2.50",
    "Quantity": "3",
    "Impact on weight": "0.25",
    "Choose among product images by position (1,2,3...)": "2",
    "Image URLs (x,y,z...)": "",
}
BLUE = RED | {
    "Value (Value:Position)*": "Blue:0, 10 cm:1",
    "Reference": "LAMP-BLUE",
    "EAN13": "",
    "Cost price": "0",
    "Impact on price": "-5",
    "Quantity": "0",
    "Impact on weight": "",
    "Image URLs (x,y,z...)": f"{IMAGES}blue.jpg",
}


def archive(*files: bytes) -> bytes:
    """Return a .zip archive with these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as opened:
        for number, file in enumerate(files):
            opened.writestr(f"{number}.csv", file)
    return packed.getvalue()


@pytest.mark.parametrize("is_reversed", [False, True])
def test_combinations_in_the_same_archive_become_variants(is_reversed: bool) -> None:
    files = [sheet(LAMP, {**LAMP, "Product ID": "8", "Name *": "Bulb", "Reference #": "BULB"}), sheet(RED, BLUE)]
    lamp, bulb = products(read(archive(*(reversed(files) if is_reversed else files))))
    assert (lamp.options, prices(lamp)) == (
        ("Colour", "Size"),
        [(("Red", "10 cm"), 2250, None, 3), (("Blue", "10 cm"), 1500, None, 0)],
    )
    red, blue = lamp.variants
    assert (red.sku, red.barcode, red.cost_minor, red.weight_grams) == ("LAMP-RED", "4006381333931", 900, 750)
    assert (blue.sku, blue.barcode, blue.cost_minor, blue.weight_grams) == ("LAMP-BLUE", "", 800, 500)
    assert (red.image_url, blue.image_url) == (f"{IMAGES}2.jpg", f"{IMAGES}blue.jpg")
    assert [image.src for image in lamp.images] == [f"{IMAGES}{name}.jpg" for name in ("1", "2", "blue")]
    assert [each.inventory_policy for each in lamp.variants] == ["continue", "continue"]
    assert (prices(bulb), bulb.variants[0].sku) == ([((), 2000, None, 99)], "BULB")


def test_combinations_may_name_their_product_by_its_reference_and_share_its_discount() -> None:
    semicolons = sheet(RED | {"Product ID*": "", "Product Reference": "LAMP"}, delimiter=";")
    [lamp] = products(read(archive(sheet(LAMP | {"Discount percent": "10"}), semicolons)))
    assert prices(lamp) == [(("Red", "10 cm"), 2025, 2250, 3)]


def test_a_combination_with_one_attribute_may_have_commas_in_its_value() -> None:
    one = {"Attribute (Name:Type:Position)*": "Size:select:0", "Value (Value:Position)*": "10 cm, small:0"}
    [lamp] = products(read(archive(sheet(LAMP), sheet(RED | one))))
    assert (lamp.options, lamp.variants[0].options) == (("Size",), ("10 cm, small",))


def test_a_combination_without_its_product_is_an_error() -> None:
    items = read(archive(sheet(LAMP), sheet(RED | {"Product ID*": "9"})))
    errors = [item for item in items if isinstance(item, RowError)]
    assert [(error.line, error.column, error.code) for error in errors] == [
        (2, "Product of the combination", "parent_missing")
    ]


def test_combinations_alone_and_other_pairs_of_files_are_refused_with_what_to_do() -> None:
    ours = b"Handle,Title,Variant Price\na,A,1\n"
    for file, message in (
        (sheet(RED), "These are PrestaShop's combinations: put this file and that of the products into one"),
        (archive(sheet(LAMP), sheet(LAMP)), "The archive has 2 files that do not belong together"),
        (archive(ours, sheet(RED)), "The archive has 2 files that do not belong together"),
        (archive(sheet(LAMP), b""), "The archive has 2 files that do not belong together"),
        (archive(sheet(LAMP), sheet(RED), sheet(BLUE)), "The archive has 3 files"),
    ):
        with pytest.raises(NotAProductFile, match=message):
            read(file)
    with pytest.raises(NotAProductFile, match="The archive has 2 files; send an archive with one file of JSON lines"):
        list(ProductFile([archive(b"{}", b"{}")], ImportFormat.JSONL, currency="USD"))


def test_products_without_a_tax_rule_are_not_taxed() -> None:
    without = {**LAMP, "Product ID": "8", "Name *": "Book", "Tax rules ID": "0"}
    assert [found.variants[0].taxable for found in products(read(sheet(LAMP, without)))] == [True, False]


def test_prestashop_discounts_without_dates_lower_the_price() -> None:
    usual = {"Active (0/1)": "1", "Categories (x;y;z...)": "Home", "Price tax excluded or Price tax included": "9.99"}
    period = {"Discount from (yyyy-mm-dd)": "0000-00-00", "Discount to (yyyy-mm-dd)": ""}
    file = sheet(
        {"Product ID": "1", "Name *": "A", "Reference #": "A", **usual, "Discount percent": "15", **period},
        {"Product ID": "2", "Name *": "B", "Reference #": "B", **usual, "Discount amount": "2.5", **period},
        {"Product ID": "3", "Name *": "C", "Reference #": "C", **usual, "Discount amount": "0", **period},
        {"Product ID": "4", "Name *": "D", "Reference #": "D", **usual, "Discount percent": "15"}
        | {"Discount to (yyyy-mm-dd)": "2018-12-31"},
    )
    items = read(file)
    found = products(items)
    assert [prices(product)[0][1:3] for product in found] == [(849, 999), (749, 999), (999, None), (999, None)]
    assert (5, "sale_left_out") in codes(items)
    assert all("Variant Compare At Price" in product.given_columns for product in found)
