"""The columns of a product file: their names, their order, and to what a cell in each of them belongs.

The names are the ones that exports have carried for years; the newer template calls some of them otherwise, and both
are understood. Names are compared without regard to case, because spreadsheets and people change it.
"""

from functools import lru_cache

_NAMES_REMEMBERED = 2_000
"""As many columns as a file may have; each is asked for with every row."""

HANDLE = "Handle"
TITLE = "Title"
BODY = "Body (HTML)"
VENDOR = "Vendor"
TYPE = "Type"
TAGS = "Tags"
PUBLISHED = "Published"
STATUS = "Status"
GIFT_CARD = "Gift Card"
SEO_TITLE = "SEO Title"
SEO_DESCRIPTION = "SEO Description"

OPTION_NAMES = ("Option1 Name", "Option2 Name", "Option3 Name")
OPTION_VALUES = ("Option1 Value", "Option2 Value", "Option3 Value")

SKU = "Variant SKU"
GRAMS = "Variant Grams"
TRACKER = "Variant Inventory Tracker"
QUANTITY = "Variant Inventory Qty"
POLICY = "Variant Inventory Policy"
FULFILMENT = "Variant Fulfillment Service"
PRICE = "Variant Price"
COMPARE_AT = "Variant Compare At Price"
SHIPPING = "Variant Requires Shipping"
TAXABLE = "Variant Taxable"
BARCODE = "Variant Barcode"
VARIANT_IMAGE = "Variant Image"
WEIGHT_UNIT = "Variant Weight Unit"
TAX_CODE = "Variant Tax Code"
COST = "Cost per item"

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

COLUMNS = (
    HANDLE,
    TITLE,
    BODY,
    VENDOR,
    TYPE,
    TAGS,
    PUBLISHED,
    *(column for pair in zip(OPTION_NAMES, OPTION_VALUES, strict=True) for column in pair),
    SKU,
    GRAMS,
    TRACKER,
    QUANTITY,
    POLICY,
    FULFILMENT,
    PRICE,
    COMPARE_AT,
    SHIPPING,
    TAXABLE,
    BARCODE,
    IMAGE_SRC,
    IMAGE_POSITION,
    IMAGE_ALT,
    GIFT_CARD,
    SEO_TITLE,
    SEO_DESCRIPTION,
    *GOOGLE_COLUMNS,
    VARIANT_IMAGE,
    WEIGHT_UNIT,
    TAX_CODE,
    COST,
    STATUS,
)
"""Every column with a meaning of its own, in the order in which they are written."""

REQUIRED_COLUMNS = (HANDLE, TITLE, PRICE)
"""Without a price column every product of the file would be refused; one clear answer is kinder than thousands."""

IMAGE_COLUMNS = frozenset({IMAGE_SRC, IMAGE_POSITION, IMAGE_ALT})
VARIANT_COLUMNS = frozenset(
    {
        *OPTION_VALUES,
        *(SKU, GRAMS, TRACKER, QUANTITY, POLICY, FULFILMENT, PRICE, COMPARE_AT, SHIPPING, TAXABLE, BARCODE),
        *(VARIANT_IMAGE, WEIGHT_UNIT, TAX_CODE, COST),
    }
)
"""A row that says anything here is a variant; a later row that says nothing here is an image alone."""
PRODUCT_COLUMNS = frozenset(COLUMNS) - VARIANT_COLUMNS - IMAGE_COLUMNS - frozenset(GOOGLE_COLUMNS) - {HANDLE}
"""Said on the first row of a product; a later row may repeat the same words, but not contradict them."""

_NEWER_NAMES = {
    "URL handle": HANDLE,
    "Description": BODY,
    "Published on online store": PUBLISHED,
    "SKU": SKU,
    "Barcode": BARCODE,
    "Price": PRICE,
    "Compare-at price": COMPARE_AT,
    "Charge tax": TAXABLE,
    "Tax code": TAX_CODE,
    "Inventory tracker": TRACKER,
    "Inventory quantity": QUANTITY,
    "Continue selling when out of stock": POLICY,
    "Weight value (grams)": GRAMS,
    "Weight unit for display": WEIGHT_UNIT,
    "Requires shipping": SHIPPING,
    "Fulfillment service": FULFILMENT,
    "Product image URL": IMAGE_SRC,
    "Variant image URL": VARIANT_IMAGE,
    "Google Shopping / Manufacturer part number (MPN)": GOOGLE_PREFIX + "MPN",
    "Google Shopping / Ad group name": GOOGLE_PREFIX + "AdWords Grouping",
    "Google Shopping / Ads labels": GOOGLE_PREFIX + "AdWords Labels",
}
_KNOWN = {name.casefold(): name for name in COLUMNS} | {name.casefold(): known for name, known in _NEWER_NAMES.items()}

_PRODUCT_PREFIXES = ("included / ", "option1 ", "option2 ", "option3 ")
_PRODUCT_NAMES = frozenset(
    {"product category", "standard product type", "custom product type", "standardized product type", "template suffix"}
)


@lru_cache(maxsize=_NAMES_REMEMBERED)
def known_name(name: str) -> str | None:
    """Return the name under which this column is known here, or None for a column without a meaning of its own."""
    return _KNOWN.get(name.strip().casefold())


@lru_cache(maxsize=_NAMES_REMEMBERED)
def speaks_of_the_product(name: str) -> bool:
    """Tell whether an unknown column describes the product rather than each of its variants.

    Product metafields, market inclusion and the taxonomy do; everything else (prices per market, unit prices, a
    shop's own columns) is kept with the variant of its row, which loses nothing.
    """
    folded = name.casefold()
    return folded in _PRODUCT_NAMES or folded.startswith(_PRODUCT_PREFIXES) or "(product.metafields." in folded
