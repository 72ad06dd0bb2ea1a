"""Spree's product export: the first row of a product is its master, the others are its variants."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Listed, OptionColumns, Platform, Preset

SPREE = Preset(
    platform=Platform.SPREE,
    signatures=(frozenset({"slug", "sku", "name", "price", "option1_name", "inventory_count"}),),
    ids=(("slug:", "slug"),),
    title="name",
    handles=("slug",),
    copied={
        "name": columns.TITLE,
        "description": columns.BODY,
        "sku": columns.SKU,
        "brand_name": columns.VENDOR,
        "meta_title": columns.SEO_TITLE,
        "meta_description": columns.SEO_DESCRIPTION,
        "compare_at_price": "Variant Compare At Price",
    },
    price="price",
    currency="currency",
    status="status",
    statuses={"active": "active", "draft": "draft", "archived": "archived"},
    quantity="inventory_count",
    is_tracked="track_inventory",
    backorders="inventory_backorderable",
    weight="weight",
    weight_unit_column="weight_unit",
    virtual="digital",
    tags=Listed(columns=("tags",), separator=","),
    images=Listed(columns=("image1_src", "image2_src", "image3_src")),
    categories=Categories(columns=("category1", "category2", "category3"), path_separator=r"\s*->\s*"),
    options=tuple(OptionColumns(name=f"option{n}_name", value=f"option{n}_value") for n in (1, 2, 3)),
    variant_images=True,
)
