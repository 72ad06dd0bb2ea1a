"""Products as lines of JSON, one product a line: what a product file says in rows, said in one object.

A line is taken apart into the rows of a product file and read by the same reader, so that both formats agree in every
rule; only the names differ.
"""

from .fields import FIELDS_BY_COLUMN
from .reading import ProductLines
from .writing import line_of

__all__ = ["FIELDS_BY_COLUMN", "ProductLines", "line_of"]
