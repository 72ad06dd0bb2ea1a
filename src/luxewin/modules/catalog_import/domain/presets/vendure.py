"""Vendure's product import file: the rows below a product without a name are its further variants."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Listed, OptionColumns, Platform, Preset

VENDURE = Preset(
    platform=Platform.VENDURE,
    signatures=(frozenset({"name", "slug", "optiongroups", "optionvalues", "sku", "price"}),),
    aliases={"product:name": "name", "product:slug": "slug"},
    ids=(("slug:", "slug"), ("name:", "name")),
    title="name",
    handles=("slug",),
    copied={"name": columns.TITLE, "description": columns.BODY, "sku": columns.SKU},
    price="price",
    quantity="stockonhand",
    is_tracked="trackinventory",
    status="enabled",
    statuses={"true": "active", "false": "draft"},
    images=Listed(columns=("assets", "variantassets"), separator=r"\|"),
    tags=Listed(columns=("facets",), separator=r"\|"),
    options=(OptionColumns(name="optiongroups", value="optionvalues", value_separator="|"),),
    variant_images=True,
)
