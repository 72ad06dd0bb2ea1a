"""The fields of a line, each with its column in a CSV file and the type of its value."""

from collections.abc import Mapping

from luxewin.modules.catalog.public.values import PRODUCT_FIELDS, VARIANT_FIELDS, Kind
from luxewin.modules.catalog_import.domain.shopify_csv import columns

TEXT, FLAG, COUNT, MONEY = "text", "true or false", "whole number", "amount with its currency"

JSON_TYPES: Mapping[Kind, str] = {
    Kind.LABEL: TEXT,
    Kind.PROSE: TEXT,
    Kind.AMOUNT: MONEY,
    Kind.GRAMS: COUNT,
    Kind.FLAG: FLAG,
}
"""The type of a field's value; labels are lists, which are read separately."""

PRODUCT: Mapping[str, tuple[str, str]] = {
    "handle": (columns.HANDLE, TEXT),
    **{f.jsonl_name: (f.column, JSON_TYPES[f.kind]) for f in PRODUCT_FIELDS if f.kind in JSON_TYPES},
    "vendor": (columns.VENDOR, TEXT),
    "category": (columns.TYPE, TEXT),
    "status": (columns.STATUS, TEXT),
    "published": (columns.PUBLISHED, FLAG),
    "gift_card": (columns.GIFT_CARD, FLAG),
    "seo_title": (columns.SEO_TITLE, TEXT),
    "seo_description": (columns.SEO_DESCRIPTION, TEXT),
}
VARIANT: Mapping[str, tuple[str, str]] = {
    **{f.jsonl_name: (f.column, JSON_TYPES[f.kind]) for f in VARIANT_FIELDS},
    "weight_unit": (columns.WEIGHT_UNIT, TEXT),
    "inventory_tracker": (columns.TRACKER, TEXT),
    "quantity": (columns.QUANTITY, COUNT),
    "inventory_policy": (columns.POLICY, TEXT),
    "fulfilment_service": (columns.FULFILMENT, TEXT),
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
"""The name of the field by its column in a CSV file."""
