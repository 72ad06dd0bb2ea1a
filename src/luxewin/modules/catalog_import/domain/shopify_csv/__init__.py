"""Product files in Shopify's CSV format: read, and written back without loss.

`DecodedText` decodes a file's bytes, `read` parses products from the text, and `write` writes products as text; reading
it again returns the same products.
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
from .formulas import escape_formula, unescape_formula
from .problems import NotAProductFile, RowError
from .reading import CsvProducts, read
from .writing import extra_columns_of, write

__all__ = [
    "COLUMNS",
    "GOOGLE_FIELDS",
    "CsvProducts",
    "DecodedText",
    "ImageDraft",
    "InvalidDraftError",
    "InventoryPolicy",
    "NotAProductFile",
    "ProductDraft",
    "RowError",
    "Status",
    "UnreadableAmountError",
    "VariantDraft",
    "WeightUnit",
    "decimal_text",
    "escape_formula",
    "extra_columns_of",
    "minor_from",
    "read",
    "unescape_formula",
    "write",
]
