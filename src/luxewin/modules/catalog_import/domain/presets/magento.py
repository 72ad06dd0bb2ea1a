"""Magento 2's and Adobe Commerce's product export (System, Export, Products)."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Kinds, Listed, Platform, Preset

MAGENTO = Preset(
    platform=Platform.MAGENTO,
    signatures=(frozenset({"sku", "product_type", "attribute_set_code", "name", "price"}),),
    ids=(("sku:", "sku"),),
    kinds=Kinds(column="product_type", left_out=frozenset({"grouped", "bundle", "giftcard"})),
    title="name",
    handles=("url_key",),
    copied={
        "name": columns.TITLE,
        "description": columns.BODY,
        "sku": columns.SKU,
        "meta_title": columns.SEO_TITLE,
        "meta_description": columns.SEO_DESCRIPTION,
        "cost": "Cost per item",
    },
    price="price",
    sale="special_price",
    sale_dates=("special_price_from_date", "special_price_to_date"),
    status="product_online",
    statuses={"1": "active", "2": "draft", "0": "draft"},
    quantity="qty",
    is_tracked="manage_stock",
    backorders="allow_backorders",
    backorder_words=frozenset({"2"}),
    uses_default={"manage_stock": "use_config_manage_stock", "allow_backorders": "use_config_backorders"},
    virtual="product_type",
    virtual_words=frozenset({"virtual", "downloadable"}),
    tax="tax_class_name",
    untaxed=frozenset({"none"}),
    weight="weight",
    images=Listed(columns=("base_image", "additional_images"), separator=","),
    categories=Categories(columns=("categories",), separator=",", path_separator=r"\s*/\s*", has_root=True),
    child_options="configurable_variations",
    option_labels="configurable_variation_labels",
    translations="store_view_code",
    fallbacks={"description": "short_description"},
    variant_images=True,
)
