"""Products as lines of JSON, one object for each product.

A line is split into the rows of an equivalent CSV file and read by the same reader, so that both formats have the same
rules; only the names differ.
"""

from .fields import FIELDS_BY_COLUMN
from .reading import JsonlProducts
from .writing import line_of

__all__ = ["FIELDS_BY_COLUMN", "JsonlProducts", "line_of"]
