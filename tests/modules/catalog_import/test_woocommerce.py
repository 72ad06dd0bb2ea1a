"""WooCommerce's product files: variations, stock, escapes, prices and what is not sold."""

import pytest

from luxewin.modules.catalog_import.domain.shopify_csv import RowError
from tests.modules.catalog_import.sheets import codes, opened, prices, products, read, sheet


def test_woocommerce_variations_are_joined_to_their_product_wherever_they_stand() -> None:
    attributes = {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S, M"}
    shirt = {"ID": "7", "Type": "variable", "SKU": "SH", "Name": "Shirt", "Published": "1", **attributes}
    file = sheet(
        {"ID": "8", "Type": "variation", "SKU": "SH-S", "Name": "Shirt - S", "Parent": "SH", "Regular price": "20"}
        | {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S", "Stock": "3", "Sale price": "15"},
        {"ID": "5", "Type": "simple", "Name": "Mug", "Published": "0", "Regular price": "9.5", "In stock?": "0"}
        | {"Images": "https://img.example/a.jpg, https://img.example/b,c.jpg", "Weight (kg)": "0.4"},
        {**shirt, "Categories": "Wear > Tops, Sale", "Tags": "new, cotton"},
        {"ID": "9", "Type": "variation", "Name": "Shirt - M", "Parent": "id:7", "Regular price": "21"}
        | {"Attribute 1 name": "Size", "Attribute 1 value(s)": "M"},
        {"ID": "6", "Type": "external", "Name": "Elsewhere", "Published": "1", "Regular price": "1"},
    )
    items = read(file)
    shirt_read, mug = products(items)
    assert (shirt_read.handle, shirt_read.type, shirt_read.tags, shirt_read.options) == (
        *("shirt", "Wear/Tops", ("new", "cotton")),
        ("Size",),
    )
    assert prices(shirt_read) == [(("S",), 1500, 2000, 3), (("M",), 2100, None, None)]
    assert [variant.sku for variant in shirt_read.variants] == ["SH-S", None]
    assert (mug.status, prices(mug), mug.variants[0].tracked) == ("draft", [((), 950, None, 0)], True)
    assert [image.src for image in mug.images] == ["https://img.example/a.jpg", "https://img.example/b,c.jpg"]
    assert mug.variants[0].weight_grams == 400
    assert {code for _, code in codes(items)} == {*("platform_detected", "categories_left_out", "product_left_out")}


def test_woocommerce_escapes_commas_and_line_breaks() -> None:
    file = sheet(
        {"ID": "1", "Type": "variable", "Name": "Table", "Published": "1", "Regular price": "9", "Tags": "a, b\\, c"}
        | {"Description": "One\\n\\nTwo \\\\n", "Categories": "Tables\\, Chairs > Oak\\, light, Sale"}
        | {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S\\, slim, M"},
        {"ID": "2", "Type": "variation", "Name": "Table", "Published": "1", "Regular price": "9", "Parent": "id:1"}
        | {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S\\, slim"},
    )
    [table] = products(read(file))
    assert table.description == "One\n\nTwo \\n"
    assert (table.type, table.tags) == ("Tables, Chairs/Oak, light", ("a", "b c"))
    assert [variant.options for variant in table.variants] == [("S, slim",)]


def test_a_woocommerce_variation_for_any_value_becomes_a_variant_for_each() -> None:
    sizes = {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S, M, L"}
    variation = {"Type": "variation", "Name": "Shirt", "Published": "1", "Regular price": "20", "Parent": "SH"}
    file = sheet(
        {"ID": "1", "Type": "variable", "SKU": "SH", "Name": "Shirt", "Published": "1", "Regular price": ""} | sizes,
        {
            **variation,
            "ID": "2",
            "SKU": "SH-L",
            "Regular price": "25",
            "Stock": "2",
            **sizes,
            "Attribute 1 value(s)": "L",
        },
        {**variation, "ID": "3", "SKU": "SH-X", "Stock": "3", "Attribute 1 name": "Size", "Attribute 1 value(s)": ""},
    )
    items = read(file)
    [shirt] = products(items)
    assert prices(shirt) == [(("L",), 2500, None, 2), (("S",), 2000, None, 3), (("M",), 2000, None, None)]
    assert [(variant.sku, variant.tracked) for variant in shirt.variants] == [
        ("SH-L", True),
        ("SH-X", True),
        (None, True),
    ]
    assert (4, "any_value_divided") in codes(items)


def test_units_that_woocommerce_variations_share_are_not_sold_twice() -> None:
    variation = {"Type": "variation", "Published": "1", "Regular price": "5", "Parent": "C", "Stock": "parent"}
    sizes = {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S, M"}
    file = sheet(
        {"ID": "1", "Type": "variable", "SKU": "C", "Name": "Cup", "Published": "1", "Stock": "9"} | sizes,
        {**variation, "ID": "2", "Name": "Cup", **sizes, "Attribute 1 value(s)": "S"},
        {**variation, "ID": "3", "Name": "Cup", **sizes, "Attribute 1 value(s)": "M"},
    )
    items = read(file)
    [cup] = products(items)
    assert [(variant.tracked, variant.quantity) for variant in cup.variants] == [(True, 9), (True, 0)]
    assert (2, "stock_shared") in codes(items)


def test_what_is_not_shipped_or_taxed_elsewhere_is_neither_here() -> None:
    plain = {"Name": "Book", "Published": "1", "Regular price": "5"}
    file = sheet(
        {**plain, "ID": "1", "Type": "simple, downloadable, virtual", "Tax status": "none"},
        {**plain, "ID": "2", "Type": "simple", "Tax status": "taxable"},
        {**plain, "ID": "3", "Type": "simple", "Tax status": ""},
    )
    found = [product.variants[0] for product in products(read(file))]
    assert [(each.requires_shipping, each.taxable) for each in found] == [(False, False), (True, True), (True, True)]


def test_a_price_that_is_missing_is_reported_in_the_column_of_the_price() -> None:
    file = sheet({"ID": "1", "Type": "simple", "Name": "A", "Published": "1", "Sale price": "", "Regular price": ""})
    errors = [item for item in read(file) if isinstance(item, RowError)]
    assert [(error.column, error.code) for error in errors] == [("Regular price", "price_missing")]


@pytest.mark.parametrize("unit", ["kg", "lbs"])
def test_the_column_of_the_weight_is_recognised_with_its_unit(unit: str) -> None:
    weight = f"Weight ({unit})"
    opened_file = opened(
        sheet({"ID": "1", "Type": "simple", "Name": "A", "Published": "1", "Regular price": "1"} | {weight: "2"})
    )
    [product] = products(list(opened_file))
    assert product.variants[0].weight_grams == {"kg": 2000, "lbs": 907}[unit]
    assert {"Variant Grams", "Variant Compare At Price"} & product.given_columns == {"Variant Grams"}


def test_products_with_the_same_title_get_handles_of_their_own() -> None:
    mug = {"Type": "simple", "Name": "Mug", "Published": "1", "Regular price": "9", "Categories": ""}
    first, second = products(read(sheet({"ID": "1", **mug}, {"ID": "2", **mug})))
    assert (first.handle, second.handle) == ("mug", "mug-2")


def test_a_variation_without_its_product_is_an_error() -> None:
    file = sheet(
        {"Type": "variation", "SKU": "A", "Name": "X", "Published": "1", "Regular price": "1", "Parent": "GONE"}
    )
    assert codes(read(file))[-1] == (2, "parent_missing")


def test_a_variant_that_is_not_for_sale_is_left_out_unless_no_variant_is() -> None:
    shirt = {"ID": "1", "Type": "variable", "SKU": "SH", "Name": "Shirt", "Published": "1", "Regular price": ""}
    sizes = {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S, M"}
    variation = {"Type": "variation", "Name": "Shirt", "Regular price": "20", "Parent": "SH", **sizes}
    small = {**variation, "ID": "2", "Attribute 1 value(s)": "S"}
    medium = {**variation, "ID": "3", "Attribute 1 value(s)": "M", "Published": "0"}
    items = read(sheet(shirt | sizes, small | {"Published": "1"}, medium))
    [found] = products(items)
    assert (found.status, prices(found)) == ("active", [(("S",), 2000, None, None)])
    assert (4, "variants_left_out") in codes(items)
    [found] = products(read(sheet(shirt | sizes, small | {"Published": "0"}, medium)))
    assert (found.status, len(found.variants)) == ("draft", 2)


def test_the_image_in_the_row_of_a_variant_is_its_own() -> None:
    image = "https://img.example/"
    sizes = {"Attribute 1 name": "Size", "Attribute 1 value(s)": "S"}
    file = sheet(
        {"ID": "1", "Type": "variable", "SKU": "SH", "Name": "Shirt", "Published": "1", "Images": image + "a.jpg"}
        | {"Regular price": ""},
        {"ID": "2", "Type": "variation", "Name": "Shirt", "Published": "1", "Parent": "SH", "Images": image + "s.jpg"}
        | {"Regular price": "20", **sizes},
    )
    [shirt] = products(read(file))
    assert [each.src for each in shirt.images] == [image + "a.jpg", image + "s.jpg"]
    assert shirt.variants[0].image_url == image + "s.jpg"


def test_a_price_that_cannot_be_read_is_reported_in_the_column_of_the_price() -> None:
    row = {"Type": "simple", "Name": "A", "Published": "1", "Date sale price starts": "", "Sale price": ""}
    errors = [item for item in read(sheet({**row, "Regular price": "9.999"})) if isinstance(item, RowError)]
    assert [error.column for error in errors] == ["Regular price"]
