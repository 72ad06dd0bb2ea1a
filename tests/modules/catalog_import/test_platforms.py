"""Files of other platforms: products, variants, prices, stock, pictures and categories are read as they are meant."""

import pytest

from luxewin.modules.catalog_import.domain.csv_files import ReadingOptions
from luxewin.modules.catalog_import.domain.imports import ImportFormat
from luxewin.modules.catalog_import.domain.product_files import with_field_name
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowNote
from tests.modules.catalog_import.sheets import codes, opened, prices, products, read, sheet
from tests.workflows.import_catalog.files import FOREIGN_FILES


def test_images_without_an_address_are_left_out_with_a_note() -> None:
    usual = {"sku": "A", "product_type": "simple", "attribute_set_code": "Default", "name": "A", "price": "1"}
    items = read(sheet({**usual, "base_image": "/t/e/tee.jpg", "additional_images": "https://img.example/a.jpg,b.jpg"}))
    [product] = products(items)
    assert [image.src for image in product.images] == ["https://img.example/a.jpg"]
    assert (2, "images_left_out") in codes(items)


def test_images_without_an_address_are_completed_with_the_one_that_the_user_names() -> None:
    usual = {"sku": "A", "product_type": "simple", "attribute_set_code": "Default", "name": "A", "price": "1"}
    file = sheet({**usual, "base_image": "/t/a b.jpg", "additional_images": "//img.example/a.jpg,http://img.example/b"})
    items = read(file, ReadingOptions(image_base="https://shop.example/media/"))
    [product] = products(items)
    assert [image.src for image in product.images] == [
        "https://shop.example/media/t/a%20b.jpg",
        "https://img.example/a.jpg",
        "http://img.example/b",
    ]
    ours = sheet({"Handle": "a", "Title": "A", "Variant Price": "1", "Image Src": "a.jpg", "Variant Image": "/b.jpg"})
    [product] = products(read(ours, ReadingOptions(image_base="https://shop.example")))
    assert (product.images[0].src, product.variants[0].image_url) == (
        "https://shop.example/a.jpg",
        "https://shop.example/b.jpg",
    )


def test_weights_without_a_unit_have_the_one_that_the_user_names_or_a_note() -> None:
    usual = {"sku": "A", "product_type": "simple", "attribute_set_code": "Default", "name": "A", "price": "1"}
    file = sheet({**usual, "weight": "2"}, {**usual, "sku": "B", "name": "B", "weight": "3"})
    items = read(file)
    assert [product.variants[0].weight_grams for product in products(items)] == [2000, 3000]
    assert [code for _, code in codes(items)].count("weight_unit_assumed") == 1
    items = read(file, ReadingOptions(weight_unit="lb"))
    assert [product.variants[0].weight_grams for product in products(items)] == [907, 1361]
    assert "weight_unit_assumed" not in {code for _, code in codes(items)}
    ours = {"Handle": "a", "Title": "A", "Variant Price": "1"}
    file = sheet({**ours, "Variant Grams": "2"}, {**ours, "Handle": "b", "Variant Grams": "2 kg"})
    found = products(read(file, ReadingOptions(weight_unit="oz")))
    assert [product.variants[0].weight_grams for product in found] == [57, 2000]


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


def test_magento_children_become_the_variants_of_their_configurable_product() -> None:
    usual = {"attribute_set_code": "Default", "product_online": "1", "store_view_code": ""}
    child = {**usual, "product_type": "simple", "name": "Shirt-S", "price": "20", "qty": "4"}
    file = sheet(
        {**child, "sku": "SH-S", "url_key": "shirt-s", "special_price": "18"},
        {**child, "sku": "SH-M", "url_key": "shirt-m", "allow_backorders": "1"},
        {**usual, "sku": "SH", "product_type": "configurable", "name": "Shirt", "url_key": "shirt", "price": ""}
        | {"categories": "Default Category/Wear/Tops,Default Category/Wear", "weight": "1.5"}
        | {"configurable_variations": "sku=SH-S,size=S|sku=SH-M,size=M"}
        | {"configurable_variation_labels": "size=Size", "base_image": "https://img.example/s.jpg"},
        {**usual, "store_view_code": "de", "sku": "SH", "product_type": "configurable", "name": "Hemd", "price": ""},
    )
    [shirt] = products(read(file))
    assert (shirt.handle, shirt.name, shirt.type, shirt.options) == ("shirt", "Shirt", "Wear/Tops", ("Size",))
    assert prices(shirt) == [(("S",), 1800, 2000, 4), (("M",), 2000, None, 4)]
    assert [variant.inventory_policy for variant in shirt.variants] == ["deny", "continue"]
    assert [image.src for image in shirt.images] == ["https://img.example/s.jpg"]


def test_magento_children_with_the_address_of_their_product_do_not_change_its_handle() -> None:
    usual = {"attribute_set_code": "Default", "price": "20", "url_key": "Shirt", "name": "Shirt"}
    parent = {**usual, "product_type": "configurable"}
    file = sheet(
        {**usual, "sku": "A-S", "product_type": "simple"},
        {**usual, "sku": "B-S", "product_type": "simple"},
        {**parent, "sku": "A", "configurable_variations": "sku=A-S,size=S"},
        {**parent, "sku": "B", "configurable_variations": "sku=B-S,size=S"},
    )
    assert [product.handle for product in products(read(file))] == ["Shirt", "shirt-b"]


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


def test_vendure_files_that_are_aligned_with_spaces_are_read_without_them() -> None:
    file = (
        b"name   , slug   , description , assets, optionGroups , optionValues , sku , price   , variantAssets\n"
        b'Laptop , laptop , "So, ""fast""" ,    , "size|RAM"   , "13|8 GB"    , A   , 1299.00 ,\n'
        b'       ,        ,             ,       ,              , "15|8 GB"    , B   , 1399.00 , https://img.example/b.jpg\n'
    )
    [laptop] = products(read(file))
    assert (laptop.handle, laptop.name, laptop.description, laptop.options) == (
        *("laptop", "Laptop", 'So, "fast"'),
        ("size", "RAM"),
    )
    assert prices(laptop) == [(("13", "8 GB"), 129900, None, None), (("15", "8 GB"), 139900, None, None)]
    assert [variant.image_url for variant in laptop.variants] == [None, "https://img.example/b.jpg"]


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
    assert {(2, "currency_differs"), (2, "values_listed")} <= set(codes(items))


def test_what_is_blank_is_taken_from_the_column_that_the_platform_uses_instead() -> None:
    mug = {"ID": "1", "Type": "simple", "Name": "Mug", "Published": "1", "Regular price": "9"}
    [found] = products(read(sheet({**mug, "Short description": "Big", "Description": ""})))
    assert found.description == "Big"
    shirt = {"Product Handle": "shirt", "Product Title": "Shirt", "Variant Title": "S", "Variant Price USD": "9"}
    shirt |= {"Product Weight": "400", "Product HS Code": "610910", "Product Origin Country": "pt"}
    first, second = (
        products(read(sheet({**shirt, "Variant Weight": weight})))[0].variants[0] for weight in ("", "250")
    )
    assert (first.weight_grams, first.hs_code, first.country_of_origin) == (400, "610910", "PT")
    assert second.weight_grams == 250


def test_gift_cards_are_left_out() -> None:
    card = {"Product ID [Non Editable]": "p", "Variant ID [Non Editable]": "v", "Title": "Card", "Price": "25.00"}
    shirt = {**card, "Product ID [Non Editable]": "q", "Title": "Shirt", "Product Type [Non Editable]": "PHYSICAL"}
    items = read(sheet({**card, "Product Type [Non Editable]": "GIFT_CARD"}, shirt))
    [found] = products(items)
    assert (found.name, found.variants[0].requires_shipping) == ("Shirt", True)
    assert (2, "product_left_out") in codes(items)


def test_medusa_of_the_first_version_has_shorter_names_of_columns() -> None:
    row = {
        "Product Handle": "shirt",
        "Product Title": "Shirt",
        "Variant Title": "S",
        "Price EUR": "8",
        "Price USD": "9",
    }
    row |= {"Option 1 Name": "Size", "Option 1 Value": "S", "Image 1 Url": "https://img.example/1.jpg"}
    [shirt] = products(read(sheet(row)))
    assert (prices(shirt), shirt.options, len(shirt.images)) == ([(("S",), 900, None, None)], ("Size",), 1)


def test_wix_discounts_lower_the_prices_of_a_product_and_its_variants() -> None:
    shirt = {"handleId": "p1", "fieldType": "Product", "name": "Shirt", "price": "20", "visible": "true"}
    shirt |= {"productOptionName1": "Colour", "productOptionDescription1": "#ff0000:Red;#00ff00:Green"}
    variant = {"handleId": "p1", "fieldType": "Variant", "visible": "true", "surcharge": "5"}
    variants = [variant | {"productOptionDescription1": value} for value in ("#ff0000:Red", "#00ff00:Green")]
    expected = {"PERCENT": 2000, "AMOUNT": 500}
    for mode, price in expected.items():
        [found] = products(read(sheet({**shirt, "discountMode": mode, "discountValue": "20.0"}, *variants)))
        assert prices(found) == [(("Red",), price, 2500, None), (("Green",), price, 2500, None)]
    [found] = products(read(sheet({**shirt, "discountMode": "PERCENT", "discountValue": "0.0"}, *variants)))
    assert prices(found)[0] == (("Red",), 2500, None, None)


def test_etsy_listings_with_the_same_sku_are_different_products() -> None:
    ring = {"TITLE": "Ring", "PRICE": "46", "CURRENCY_CODE": "USD", "QUANTITY": "2", "IMAGE1": "", "SKU": "R"}
    items = read(sheet(ring, {**ring, "TITLE": "Big ring"}, {**ring, "SKU": ""}))
    assert [product.handle for product in products(items)] == ["ring", "big-ring", "ring-2"]


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


def test_a_note_names_the_column_of_the_file_also_if_a_field_has_the_same_name() -> None:
    mug = {"ID": "1", "Name": "Mug", "Published": "1", "Regular price": "9", "Categories": "Cups"}
    file = opened(
        sheet({**mug, "Type": "simple", "Categories": "Cups, Glasses"}, {**mug, "ID": "2", "Type": "grouped"})
    )
    reading = file.reading()
    named = [with_field_name(item, ImportFormat.SHOPIFY_CSV, reading) for item in file if isinstance(item, RowNote)]
    assert {note.code: note.column for note in named if note.line > 1} == {
        "categories_left_out": "Categories",
        "product_left_out": "Type",
    }


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
