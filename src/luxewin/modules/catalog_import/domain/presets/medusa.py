"""Medusa's product export (version 2), and the sheets of its starters, with a row for each variant."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Listed, OptionColumns, Platform, Preset

_PARTS = ("name", "value")
_IMAGES = tuple(f"product image {number}" for number in range(1, 21))

MEDUSA = Preset(
    platform=Platform.MEDUSA,
    signatures=(
        frozenset({"product handle", "product title", "variant title"}),
        frozenset({"product title", "variant title", "variant price", "variant option 1 name"}),
    ),
    aliases={
        "price": "variant price",
        "title": "product title",
        "description": "product description",
        "image": "product thumbnail",
        "variant_title": "variant title",
        "variant_price": "variant price",
        "variant_stock": "variant inventory quantity",
        "allow_backorder": "variant allow backorder",
        "tags": "product tags",
        "status": "product status",
        "categories": "category 1",
        "subcategories": "category 2",
        **{f"product image {number} url": f"product image {number}" for number in range(1, 21)},
        **{f"image {number} url": f"product image {number}" for number in range(1, 21)},
        **{f"option {number} {part}": f"variant option {number} {part}" for number in (1, 2, 3) for part in _PARTS},
        **{f"variant_option_{number}": f"variant option {number} name" for number in (1, 2, 3)},
        **{f"variant_option_{number}_value": f"variant option {number} value" for number in (1, 2, 3)},
    },
    ids=(("id:", "product id"), ("handle:", "product handle"), ("title:", "product title")),
    title="product title",
    handles=("product handle",),
    copied={
        "product title": columns.TITLE,
        "product description": columns.BODY,
        "variant sku": columns.SKU,
        "variant barcode": "Variant Barcode",
        "variant hs code": "Variant HS Code",
        "variant origin country": "Variant Country of Origin",
        "compare_price": "Variant Compare At Price",
        "cost_per_item": "Cost per item",
    },
    price="variant price",
    status="product status",
    statuses={"published": "active", "active": "active", "draft": "draft", "proposed": "draft", "rejected": "draft"},
    quantity="variant inventory quantity",
    is_tracked="variant manage inventory",
    backorders="variant allow backorder",
    weight="variant weight",
    weight_unit="g",
    fallbacks={
        "variant weight": "product weight",
        "variant hs code": "product hs code",
        "variant origin country": "product origin country",
        "product description": "product subtitle",
    },
    tags=Listed(columns=("product tags", *(f"product tag {number}" for number in range(1, 11))), separator=","),
    images=Listed(columns=("product thumbnail", *_IMAGES)),
    categories=Categories(columns=("category 1", "category 2"), are_levels=True),
    options=tuple(
        OptionColumns(name=f"variant option {number} name", value=f"variant option {number} value")
        for number in (1, 2, 3)
    ),
)
