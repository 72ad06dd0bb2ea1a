"""Product files in Shopify's CSV format: read, and written back without loss.

`DecodedText` decodes a file's bytes, `ProductReader` makes a product of its rows, and `write` writes products as text;
reading it again (`csv_files`) returns the same products.
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
from .problems import NotAProductFile, RowError, RowNote
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
    "RowError",
    "RowNote",
    "Status",
    "UnreadableAmountError",
    "VariantDraft",
    "WeightUnit",
    "decimal_text",
    "escape_formula",
    "extra_columns_of",
    "minor_from",
    "unescape_formula",
    "write",
]
