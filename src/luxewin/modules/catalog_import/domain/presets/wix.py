"""Wix Stores' product export, whose rows of variants follow the row of their product."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Kinds, Listed, OptionColumns, Platform, Preset

WIX = Preset(
    platform=Platform.WIX,
    signatures=(frozenset({"handleid", "fieldtype", "name"}),),
    ids=(("id:", "handleid"),),
    kinds=Kinds(column="fieldtype", variants=frozenset({"variant"})),
    title="name",
    copied={
        "name": columns.TITLE,
        "description": columns.BODY,
        "sku": columns.SKU,
        "brand": columns.VENDOR,
        "cost": "Cost per item",
    },
    price="price",
    surcharge="surcharge",
    discount_amount="discountvalue",
    discount_percent="discountvalue",
    discount_mode="discountmode",
    status="visible",
    statuses={"true": "active", "false": "draft"},
    quantity="inventory",
    weight="weight",
    images=Listed(columns=("productimageurl",), separator=";"),
    image_base="https://static.wixstatic.com/media/",
    categories=Categories(columns=("collection",), separator=";"),
    options=tuple(
        OptionColumns(name=f"productoptionname{number}", value=f"productoptiondescription{number}", value_separator=";")
        for number in range(1, 7)
    ),
    inherited=("weight", "cost"),
    value_code=r"(?:#[0-9a-fA-F]{3,8}|rgba?\([^)]*\)):",
)
