"""The columns of a product file: their names and order, and the object that a cell in each of them describes.

The names are those of the classic export. The newer template has other names for some columns; both are read. Names are
compared without regard to case. The columns of the catalogue's fields are defined in the field table.
"""

from functools import lru_cache

from luxewin.modules.catalog.public.values import PRODUCT_FIELDS, VARIANT_FIELDS

_CACHED_NAMES = 2_000
"""The largest number of columns of a file; each is looked up for every row."""

_PRODUCT = {field.name: field.column for field in PRODUCT_FIELDS}
_VARIANT = {field.name: field.column for field in VARIANT_FIELDS}

HANDLE = "Handle"
TITLE = _PRODUCT["name"]
BODY = _PRODUCT["description"]
VENDOR = "Vendor"
TYPE = "Type"
TAGS = _PRODUCT["tags"]
PUBLISHED = "Published"
STATUS = "Status"
GIFT_CARD = "Gift Card"
SEO_TITLE = "SEO Title"
SEO_DESCRIPTION = "SEO Description"

OPTION_NAMES = ("Option1 Name", "Option2 Name", "Option3 Name")
OPTION_VALUES = ("Option1 Value", "Option2 Value", "Option3 Value")

PRICE = _VARIANT["price_minor"]
SKU = _VARIANT["sku"]
VARIANT_IMAGE = _VARIANT["image_url"]
TRACKER = "Variant Inventory Tracker"
QUANTITY = "Variant Inventory Qty"
POLICY = "Variant Inventory Policy"
FULFILMENT = "Variant Fulfillment Service"
WEIGHT = _VARIANT["weight_grams"]
WEIGHT_UNIT = "Variant Weight Unit"
COMPARE_AT = _VARIANT["compare_at_minor"]
BARCODE = _VARIANT["barcode"]
REQUIRES_SHIPPING = _VARIANT["requires_shipping"]
TAXABLE = _VARIANT["taxable"]
COUNTRY = _VARIANT["country_of_origin"]
PRODUCT_CATEGORY = "Product Category"

IMAGE_SRC = "Image Src"
IMAGE_POSITION = "Image Position"
IMAGE_ALT = "Image Alt Text"

GOOGLE_PREFIX = "Google Shopping / "
GOOGLE_FIELDS = (
    "Google Product Category",
    "Gender",
    "Age Group",
    "MPN",
    "AdWords Grouping",
    "AdWords Labels",
    "Condition",
    "Custom Product",
    "Custom Label 0",
    "Custom Label 1",
    "Custom Label 2",
    "Custom Label 3",
    "Custom Label 4",
)
GOOGLE_COLUMNS = tuple(GOOGLE_PREFIX + field for field in GOOGLE_FIELDS)

_CLASSIC_COLUMNS = (
    HANDLE,
    TITLE,
    BODY,
    VENDOR,
    TYPE,
    TAGS,
    PUBLISHED,
    *(column for pair in zip(OPTION_NAMES, OPTION_VALUES, strict=True) for column in pair),
    SKU,
    _VARIANT["weight_grams"],
    TRACKER,
    QUANTITY,
    POLICY,
    FULFILMENT,
    PRICE,
    _VARIANT["compare_at_minor"],
    _VARIANT["requires_shipping"],
    _VARIANT["taxable"],
    _VARIANT["barcode"],
    IMAGE_SRC,
    IMAGE_POSITION,
    IMAGE_ALT,
    GIFT_CARD,
    SEO_TITLE,
    SEO_DESCRIPTION,
    *GOOGLE_COLUMNS,
    VARIANT_IMAGE,
    WEIGHT_UNIT,
    _VARIANT["tax_code"],
    _VARIANT["cost_minor"],
    STATUS,
)
COLUMNS = tuple(dict.fromkeys((*_CLASSIC_COLUMNS, *_PRODUCT.values(), *_VARIANT.values())))
"""Every known column, in the order in which they are written: those of the classic export, then further fields."""

REQUIRED_COLUMNS = (HANDLE, TITLE, PRICE)
"""Without a price column every product would have an error; one error for the file is clearer."""

IMAGE_COLUMNS = frozenset({IMAGE_SRC, IMAGE_POSITION, IMAGE_ALT})
VARIANT_COLUMNS = frozenset({*OPTION_VALUES, *_VARIANT.values(), TRACKER, QUANTITY, POLICY, FULFILMENT, WEIGHT_UNIT})
"""A row with a cell in one of these is a variant; a later row without one is only an image."""
PRODUCT_COLUMNS = frozenset(COLUMNS) - VARIANT_COLUMNS - IMAGE_COLUMNS - frozenset(GOOGLE_COLUMNS) - {HANDLE}
"""Columns of the first row of a product; a later row may repeat the value, but not contradict it."""

_OTHER_NAMES = {
    **{name: field.column for field in (*PRODUCT_FIELDS, *VARIANT_FIELDS) for name in field.columns[1:]},
    "URL handle": HANDLE,
    "Published on online store": PUBLISHED,
    "Inventory tracker": TRACKER,
    "Inventory quantity": QUANTITY,
    "Continue selling when out of stock": POLICY,
    "Weight unit for display": WEIGHT_UNIT,
    "Fulfillment service": FULFILMENT,
    "Product image URL": IMAGE_SRC,
    "Google Shopping / Manufacturer part number (MPN)": GOOGLE_PREFIX + "MPN",
    "Google Shopping / Ad group name": GOOGLE_PREFIX + "AdWords Grouping",
    "Google Shopping / Ads labels": GOOGLE_PREFIX + "AdWords Labels",
}
_KNOWN = {name.casefold(): name for name in COLUMNS} | {name.casefold(): known for name, known in _OTHER_NAMES.items()}

_PRODUCT_PREFIXES = ("included / ", "option1 ", "option2 ", "option3 ")
_PRODUCT_NAMES = frozenset(
    {"product category", "standard product type", "custom product type", "standardized product type", "template suffix"}
)


@lru_cache(maxsize=_CACHED_NAMES)
def known_name(name: str) -> str | None:
    """Return the main name of a known column, or None for an unknown column."""
    return _KNOWN.get(name.strip().casefold())


def is_product_category(name: str) -> bool:
    """Return whether an unknown column has the platform's category; its name differs in case between templates."""
    return name.casefold() == PRODUCT_CATEGORY.casefold()


@lru_cache(maxsize=_CACHED_NAMES)
def describes_the_product(name: str) -> bool:
    """Return whether an unknown column describes the product, and not each of its variants.

    Product metafields, market inclusion and the taxonomy do; all others (prices per market, unit prices, a shop's own
    columns) are stored with the variant of their row, so that nothing is lost.
    """
    folded = name.casefold()
    return folded in _PRODUCT_NAMES or folded.startswith(_PRODUCT_PREFIXES) or "(product.metafields." in folded
