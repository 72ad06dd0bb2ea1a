"""Files of other platforms: products, variants, prices, stock, pictures and categories are read as they are meant."""

import csv
import io
from collections.abc import Mapping, Sequence

import pytest

from luxewin.modules.catalog_import.domain.csv_files import ReadingOptions
from luxewin.modules.catalog_import.domain.imports import ImportFormat, Item
from luxewin.modules.catalog_import.domain.product_files import ProductFile
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote
from tests.workflows.import_catalog.files import FOREIGN_FILES

Cells = Mapping[str, str]


def sheet(*rows: Cells) -> bytes:
    """Return a CSV file with all columns of the rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def opened(file: bytes, options: ReadingOptions | None = None) -> ProductFile:
    return ProductFile([file], ImportFormat.SHOPIFY_CSV, currency="USD", options=options)


def read(file: bytes, options: ReadingOptions | None = None) -> list[Item]:
    return list(opened(file, options))


def products(items: Sequence[Item]) -> list[ProductDraft]:
    assert [item for item in items if isinstance(item, RowError)] == []
    return [item for item in items if isinstance(item, ProductDraft)]


def codes(items: Sequence[Item]) -> list[tuple[int, str]]:
    return [(item.line, item.code) for item in items if isinstance(item, RowNote | RowError)]


def prices(product: ProductDraft) -> list[tuple[tuple[str, ...], int, int | None, int | None]]:
    """Return the options, price, compare-at price and quantity of each variant."""
    return [(each.options, each.price_minor, each.compare_at_minor, each.quantity) for each in product.variants]


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


def test_images_without_an_address_are_left_out_with_a_note() -> None:
    usual = {"sku": "A", "product_type": "simple", "attribute_set_code": "Default", "name": "A", "price": "1"}
    items = read(sheet({**usual, "base_image": "/t/e/tee.jpg", "additional_images": "https://img.example/a.jpg,b.jpg"}))
    [product] = products(items)
    assert [image.src for image in product.images] == ["https://img.example/a.jpg"]
    assert (2, "images_left_out") in codes(items)


def test_magento_stock_that_is_not_managed_is_not_tracked() -> None:
    usual = {"product_type": "simple", "attribute_set_code": "Default", "price": "1", "qty": "0", "manage_stock": "0"}
    usual |= {"allow_backorders": "1"}
    file = sheet(
        {**usual, "sku": "A", "name": "A", "use_config_manage_stock": "0"},
        {**usual, "sku": "B", "name": "B", "use_config_manage_stock": "1", "use_config_backorders": "1"},
    )
    found = [product.variants[0] for product in products(read(file))]
    assert [(each.tracked, each.quantity, each.inventory_policy) for each in found] == [
        (False, None, "deny"),
        (True, 0, "deny"),
    ]


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


def test_products_with_the_same_title_get_handles_of_their_own() -> None:
    mug = {"Type": "simple", "Name": "Mug", "Published": "1", "Regular price": "9", "Categories": ""}
    first, second = products(read(sheet({"ID": "1", **mug}, {"ID": "2", **mug})))
    assert (first.handle, second.handle) == ("mug", "mug-2")


def test_a_variation_without_its_product_is_an_error() -> None:
    file = sheet(
        {"Type": "variation", "SKU": "A", "Name": "X", "Published": "1", "Regular price": "1", "Parent": "GONE"}
    )
    assert codes(read(file))[-1] == (2, "parent_missing")


def test_magento_children_become_the_variants_of_their_configurable_product() -> None:
    usual = {"attribute_set_code": "Default", "product_online": "1", "store_view_code": ""}
    child = {**usual, "product_type": "simple", "name": "Shirt-S", "price": "20", "qty": "4"}
    file = sheet(
        {**child, "sku": "SH-S", "url_key": "shirt-s", "special_price": "18"},
        {**child, "sku": "SH-M", "url_key": "shirt-m", "allow_backorders": "1"},
        {**usual, "sku": "SH", "product_type": "configurable", "name": "Shirt", "url_key": "shirt", "price": ""}
        | {"categories": "Default Category/Wear/Tops,Default Category/Wear", "weight": "1.5"}
        | {"configurable_variations": "sku=SH-S,size=S|sku=SH-M,size=M", "base_image": "https://img.example/s.jpg"},
        {**usual, "store_view_code": "de", "sku": "SH", "product_type": "configurable", "name": "Hemd", "price": ""},
    )
    [shirt] = products(read(file))
    assert (shirt.handle, shirt.name, shirt.type, shirt.options) == ("shirt", "Shirt", "Wear/Tops", ("size",))
    assert prices(shirt) == [(("S",), 1800, 2000, 4), (("M",), 2000, None, 4)]
    assert [variant.inventory_policy for variant in shirt.variants] == ["deny", "continue"]
    assert [image.src for image in shirt.images] == ["https://img.example/s.jpg"]


def test_squarespace_variants_follow_their_product_without_its_id() -> None:
    file = sheet(
        {"Product ID [Non Editable]": "p1", "Variant ID [Non Editable]": "v1", "Product URL": "shirt", "Title": "Shirt"}
        | {"SKU": "S1", "Option Name 1": "Size", "Option Value 1": "S", "Price": "20.00", "Sale Price": "15.00"}
        | {"On Sale": "Yes", "Stock": "Unlimited", "Visible": "Yes", "Categories": "/wear/tops"}
        | {"Hosted Image URLs": "https://img.example/1.jpg https://img.example/2.jpg"},
        {"Variant ID [Non Editable]": "v2", "SKU": "S2", "Option Name 1": "Size", "Option Value 1": "M"}
        | {"Price": "21.00", "Sale Price": "15.00", "On Sale": "No", "Stock": "2"},
    )
    [shirt] = products(read(file))
    assert (shirt.handle, shirt.type, len(shirt.images)) == ("shirt", "wear/tops", 2)
    assert prices(shirt) == [(("S",), 1500, 2000, None), (("M",), 2100, None, 2)]
    assert [variant.tracked for variant in shirt.variants] == [False, True]


def test_vendure_variants_follow_their_product_without_its_name() -> None:
    file = sheet(
        {"name": "Laptop", "slug": "laptop", "description": "<p>Fast</p>", "assets": "a.jpg|b.jpg", "facets": "brand:X"}
        | {"optionGroups": "screen size|RAM", "optionValues": "13 inch|8GB", "sku": "L138", "price": "1299.00"}
        | {"stockOnHand": "100", "trackInventory": "true"},
        {"optionValues": "15 inch|16GB", "sku": "L1516", "price": "2199.00", "stockOnHand": "5"}
        | {"trackInventory": "false"},
    )
    [laptop] = products(read(file))
    assert (laptop.handle, laptop.options, laptop.tags) == ("laptop", ("screen size", "RAM"), ("brand:X",))
    assert prices(laptop) == [(("13 inch", "8GB"), 129900, None, 100), (("15 inch", "16GB"), 219900, None, None)]
    assert [variant.tracked for variant in laptop.variants] == [True, False]


def test_medusa_has_the_price_in_the_currency_of_the_shop() -> None:
    row = {"Product Id": "prod_1", "Product Handle": "shirt", "Product Title": "Shirt", "Product Status": "published"}
    file = sheet(
        {**row, "Variant Title": "S", "Variant Option 1 Name": "Size", "Variant Option 1 Value": "S"}
        | {"Variant Price EUR": "10", "Variant Price USD": "12.5", "Variant Inventory Quantity": "3"}
    )
    [shirt] = products(read(file))
    assert (shirt.handle, prices(shirt)) == ("shirt", [(("S",), 1250, None, 3)])


def test_etsy_lists_the_values_of_variations_without_prices_of_their_own() -> None:
    file = sheet(
        {"TITLE": "Ring", "PRICE": "46", "CURRENCY_CODE": "EUR", "QUANTITY": "2", "IMAGE1": "https://img.example/1.jpg"}
        | {"VARIATION 1 NAME": "Size", "VARIATION 1 VALUES": "S,M", "SKU": "R"}
    )
    items = read(file)
    [ring] = products(items)
    assert prices(ring) == [(("S",), 4600, None, None), (("M",), 4600, None, None)]
    assert (2, "currency_differs") in codes(items)


def test_a_mapping_by_the_user_is_stronger_than_what_was_detected() -> None:
    mug = {
        "ID": "1",
        "Type": "simple",
        "Name": "Mug",
        "Published": "1",
        "Regular price": "9",
        "Meta: ean": "4006381333931",
    }
    options = ReadingOptions(mapping={"Meta: ean": "Barcode", "Name": "Variant SKU", "ID": "Title"})
    [product] = products(read(sheet(mug), options))
    assert (product.name, product.variants[0].sku, product.variants[0].barcode) == ("1", "Mug", "4006381333931")


FOREIGN = sorted(FOREIGN_FILES)


@pytest.mark.skipif(not FOREIGN, reason="the real files are not in this repository; short ones are used instead")
@pytest.mark.parametrize(
    ("name", "platform", "count", "first"),
    [
        ("etsy", "etsy", 20, ("", [((), 4600, None, 1)], 8)),
        ("magento", "magento", 3, ("Donu/Lasekis Rubisusom", [((), 1400, None, 100)], 1)),
        ("many-images", "shopify", 23, ("Apparel & Accessories/Clothing/Dresses", [((), 3000, 8900, 0)], 4)),
        ("medusa", "medusa", 2, ("teloki/rulonesi teloki", [(("1.0 m/s", "320 su"), 4500000, 5500000, 20)], 0)),
        ("prestashop", "prestashop", 7, ("vasib", [((), 10000, None, 160)], 1)),
        ("product-category-only", "shopify", 16, (None, [((), 400, None, None)], 7)),
        ("squarespace", "squarespace", 39, ("subina/sukebema/keta-debamel", [((), 750, None, 0)], 1)),
        ("woocommerce", "woocommerce", 9, ("Женская одежда", [((), 24000, None, None)], 5)),
        ("duplicate-skus", "shopify", 14, ("", None, 4)),
        ("spree", "spree", 2, ("Kin/Mokoke", None, 0)),
        ("wix", "wix", 1, ("Diterek", None, 13)),
    ],
)
def test_a_real_file_is_recognised_and_its_first_product_is_right(
    name: str, platform: str, count: int, first: tuple[str | None, object, int]
) -> None:
    file = opened(FOREIGN_FILES[name].read_bytes())
    reading = file.reading()
    assert reading is not None
    assert reading.platform == platform
    found = [item for item in file if isinstance(item, ProductDraft)]
    assert len(found) == count
    category, variants, images = first
    assert category is None or found[0].type.strip() == category
    assert variants is None or prices(found[0]) == variants
    assert len(found[0].images) == images


@pytest.mark.skipif(not FOREIGN, reason="the real files are not in this repository; short ones are used instead")
def test_the_variants_of_real_files_have_their_options_prices_and_stock() -> None:
    spree, other = products(read(FOREIGN_FILES["spree"].read_bytes()))
    assert (spree.options, len(spree.variants), spree.status) == (("Color", "Size"), 10, "draft")
    assert prices(spree)[0] == (("Bimo", "TE"), 6299, None, 100)
    assert (len(other.variants), spree.variants[0].inventory_policy) == (5, "continue")
    [wix] = products(read(FOREIGN_FILES["wix"].read_bytes()))
    assert len(wix.variants) == 59
    assert prices(wix)[:2] == [
        (("+ Rot Color 2", "150"), 11500, None, None),
        (("Tolukuki babok - Dobovam", "75"), 8500, None, None),
    ]
    assert all(image.src.startswith("https://static.wixstatic.com/media/") for image in wix.images)
