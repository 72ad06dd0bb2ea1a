"""Product files in the CSV shape that Shopify made common: read, and written back without loss.

Pure: text in, values out. `DecodedText` makes text of a file's bytes, `read` makes products of the text, `write`
makes text of products, and reading what was written gives the same products.
"""

from .amounts import UnreadableAmountError, decimal_text, minor_from
from .columns import COLUMNS, GOOGLE_FIELDS
from .decoding import DecodedText
from .drafts import (
    ImageDraft,
    InvalidDraftError,
    InventoryPolicy,
    ProductDraft,
    Status,
    VariantDraft,
    WeightUnit,
)
from .formulas import disarmed, rearmed
from .problems import NotAProductFile, RowError
from .reading import ProductSheet, read
from .writing import extra_columns_of, write

__all__ = [
    "COLUMNS",
    "GOOGLE_FIELDS",
    "DecodedText",
    "ImageDraft",
    "InvalidDraftError",
    "InventoryPolicy",
    "NotAProductFile",
    "ProductDraft",
    "ProductSheet",
    "RowError",
    "Status",
    "UnreadableAmountError",
    "VariantDraft",
    "WeightUnit",
    "decimal_text",
    "disarmed",
    "extra_columns_of",
    "minor_from",
    "read",
    "rearmed",
    "write",
]
