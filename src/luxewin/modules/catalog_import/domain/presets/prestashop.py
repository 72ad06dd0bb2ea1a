"""PrestaShop's sample and export of products (Advanced Parameters, Import); its combinations are in another file."""

from dataclasses import replace

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Kinds, Listed, OptionColumns, Platform, Preset

PRESTASHOP = Preset(
    platform=Platform.PRESTASHOP,
    signatures=(
        frozenset({"name *", "categories (x;y;z...)", "reference #"}),
        frozenset({"product id", "active (0/1)", "name*", "categories (x,y,z...)"}),
        frozenset({"product id", "active (0/1)", "name *", "categories (x,y,z...)"}),
    ),
    aliases={
        "name*": "name *",
        "id": "product id",
        "categories (x,y,z...)": "categories (x;y;z...)",
        "price tax excluded or price tax included": "price",
        "price tax excluded": "price",
        "price tax included": "price",
        "wholesale price": "cost",
        "cost price": "cost",
        "reference": "reference #",
        "tags (x,y,z...)": "tags (x;y;z...)",
        "image urls (x,y,z...)": "image urls (x;y;z...)",
        "brand": "manufacturer",
        "ean-13": "ean13",
        "rewritten url": "url rewritten",
        "summary": "short description",
        "out of stock action": "out of stock",
    },
    ids=(("id:", "product id"), ("sku:", "reference #")),
    title="name *",
    handles=("url rewritten",),
    copied={
        "name *": columns.TITLE,
        "description": columns.BODY,
        "reference #": columns.SKU,
        "manufacturer": columns.VENDOR,
        "ean13": "Variant Barcode",
        "cost": "Cost per item",
        "meta title": columns.SEO_TITLE,
        "meta description": columns.SEO_DESCRIPTION,
    },
    price="price",
    sale_dates=("discount from (yyyy-mm-dd)", "discount to (yyyy-mm-dd)"),
    discount_amount="discount amount",
    discount_percent="discount percent",
    status="active (0/1)",
    statuses={"1": "active", "0": "draft"},
    quantity="quantity",
    backorders="out of stock",
    virtual="virtual product",
    tax="tax rules id",
    untaxed=frozenset({"0"}),
    fallbacks={"description": "short description"},
    weight="weight",
    tags=Listed(columns=("tags (x;y;z...)",), separator=r"[;,]"),
    images=Listed(columns=("image urls (x;y;z...)",), separator=r"[;,]\s*(?=https?://)"),
    categories=Categories(columns=("categories (x;y;z...)",), separator=r"[;,]", path_separator=r"\s*/\s*"),
)

COMBINATION_COLUMNS = (
    *("combination", "product of the combination", "attribute", "value"),
    *("impact on price", "impact on weight", "image position"),
)
"""The columns that the rows of combinations have beside those of products, when both are read as one table."""

PRESTASHOP_COMBINATIONS = replace(
    PRESTASHOP,
    signatures=(frozenset(COMBINATION_COLUMNS),),
    kinds=Kinds(column="combination", variants=frozenset({"combination"})),
    parent="product of the combination",
    options=(OptionColumns(name="attribute", value="value", value_separator="|"),),
    surcharge="impact on price",
    weight_surcharge="impact on weight",
    image_position="image position",
    inherited=("cost", "weight", "out of stock"),
    variant_images=True,
)
