"""Squarespace's product export, in which further variants of a product have no title."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Kinds, Listed, OptionColumns, Platform, Preset

SQUARESPACE = Preset(
    platform=Platform.SQUARESPACE,
    signatures=(
        frozenset({"product id [non editable]", "variant id [non editable]", "title"}),
        frozenset({"product id", "variant id", "product type", "product page", "title"}),
    ),
    aliases={
        "product id": "product id [non editable]",
        "variant id": "variant id [non editable]",
        "product type": "product type [non editable]",
    },
    ids=(("id:", "product id [non editable]"),),
    kinds=Kinds(column="product type [non editable]", left_out=frozenset({"gift_card"})),
    title="title",
    handles=("product url",),
    copied={"title": columns.TITLE, "description": columns.BODY, "sku": columns.SKU},
    price="price",
    sale="sale price",
    sale_flag="on sale",
    status="visible",
    statuses={"yes": "active", "no": "draft"},
    quantity="stock",
    weight="weight",
    virtual="product type [non editable]",
    virtual_words=frozenset({"digital", "service"}),
    tags=Listed(columns=("tags",), separator=","),
    images=Listed(columns=("hosted image urls",), separator=r"\s+"),
    categories=Categories(columns=("categories",), separator=",", path_separator="/"),
    options=tuple(OptionColumns(name=f"option name {n}", value=f"option value {n}") for n in range(1, 7)),
    variant_images=True,
)
