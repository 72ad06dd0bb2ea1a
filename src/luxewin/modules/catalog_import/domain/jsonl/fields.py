"""The fields of a line, and the columns of a product file that say the same."""

from collections.abc import Mapping

from luxewin.modules.catalog_import.domain.shopify_csv import columns

TEXT, FLAG, COUNT, MONEY = "text", "true or false", "whole number", "amount with its currency"

PRODUCT: Mapping[str, tuple[str, str]] = {
    "handle": (columns.HANDLE, TEXT),
    "title": (columns.TITLE, TEXT),
    "description": (columns.BODY, TEXT),
    "vendor": (columns.VENDOR, TEXT),
    "category": (columns.TYPE, TEXT),
    "status": (columns.STATUS, TEXT),
    "published": (columns.PUBLISHED, FLAG),
    "gift_card": (columns.GIFT_CARD, FLAG),
    "seo_title": (columns.SEO_TITLE, TEXT),
    "seo_description": (columns.SEO_DESCRIPTION, TEXT),
}
VARIANT: Mapping[str, tuple[str, str]] = {
    "sku": (columns.SKU, TEXT),
    "barcode": (columns.BARCODE, TEXT),
    "price": (columns.PRICE, MONEY),
    "compare_at_price": (columns.COMPARE_AT, MONEY),
    "cost": (columns.COST, MONEY),
    "weight_grams": (columns.GRAMS, COUNT),
    "weight_unit": (columns.WEIGHT_UNIT, TEXT),
    "inventory_tracker": (columns.TRACKER, TEXT),
    "quantity": (columns.QUANTITY, COUNT),
    "inventory_policy": (columns.POLICY, TEXT),
    "fulfilment_service": (columns.FULFILMENT, TEXT),
    "requires_shipping": (columns.SHIPPING, FLAG),
    "taxable": (columns.TAXABLE, FLAG),
    "tax_code": (columns.TAX_CODE, TEXT),
    "image": (columns.VARIANT_IMAGE, TEXT),
}
IMAGE: Mapping[str, tuple[str, str]] = {
    "src": (columns.IMAGE_SRC, TEXT),
    "position": (columns.IMAGE_POSITION, COUNT),
    "alt": (columns.IMAGE_ALT, TEXT),
}
COLUMNS, GOOGLE, TAGS, OPTIONS, VARIANTS, IMAGES = "columns", "google", "tags", "options", "variants", "images"

FIELDS_BY_COLUMN: Mapping[str, str] = {
    **{column: name for known in (PRODUCT, VARIANT, IMAGE) for name, (column, _) in known.items()},
    **{column: f"{OPTIONS}[{place}]" for place, column in enumerate(columns.OPTION_NAMES)},
    **{column: f"{OPTIONS}[{place}]" for place, column in enumerate(columns.OPTION_VALUES)},
    **{column: f"{GOOGLE}.{column.removeprefix(columns.GOOGLE_PREFIX)}" for column in columns.GOOGLE_COLUMNS},
    columns.TAGS: TAGS,
}
"""How a field is called that says what this column says."""
