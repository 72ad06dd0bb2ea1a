"""Reading CSV files of any dialect and platform as products, or as updates of products."""

from .choices import Decimal, Delimiter, Encoding
from .layouts import Contents, Layout
from .reading import CsvProducts, read
from .sources import Source, TextSource
from .surveys import ReadingOptions, Survey, survey
from .updates import CsvUpdates, ProductUpdate, VariantUpdate

__all__ = [
    "Contents",
    "CsvProducts",
    "CsvUpdates",
    "Decimal",
    "Delimiter",
    "Encoding",
    "Layout",
    "ProductUpdate",
    "ReadingOptions",
    "Source",
    "Survey",
    "TextSource",
    "VariantUpdate",
    "read",
    "survey",
]
