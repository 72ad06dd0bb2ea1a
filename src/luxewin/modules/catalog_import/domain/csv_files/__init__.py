"""Reading CSV files of any dialect and platform as products, or as updates of products."""

from .choices import Decimal, Delimiter, Encoding, ReadingOptions, WeightUnit
from .layouts import Contents, Layout
from .reading import CsvProducts, read
from .sources import Source, TextSource
from .surveys import Survey, survey
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
    "WeightUnit",
    "read",
    "survey",
]
