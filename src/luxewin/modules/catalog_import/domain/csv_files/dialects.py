"""The dialect of a CSV file: its separator, and the character before the decimals of its amounts."""

import re
from collections.abc import Iterable
from itertools import islice

from luxewin.modules.catalog_import.domain.shopify_csv.records import SEPARATOR_LINE, physical_lines

SEPARATORS = (",", ";", "\t", "|")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_HEADER_LINES = 3
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]{1,2}|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_DECIMAL_POINT = re.compile(r"[0-9]+\.[0-9]{1,2}|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+")


def separator_of(chunks: Iterable[str]) -> str:
    """Return the separator that a first line names (`sep=;`), or the one that gives the header most cells."""
    for line in islice(physical_lines(chunks), _HEADER_LINES):
        if named := SEPARATOR_LINE.fullmatch(line):
            return named["separator"]
        if line.strip().strip("\ufeff,;|"):
            unquoted = _QUOTED.sub("", line)
            return max(SEPARATORS, key=unquoted.count)
    return ","


class DecimalEvidence:
    """Counts the amounts that can only be read with a decimal comma, or only with a decimal point."""

    def __init__(self) -> None:
        self.commas = 0
        self.points = 0

    def add(self, amount: str) -> None:
        """Add the text of an amount."""
        amount = amount.strip()
        if _DECIMAL_COMMA.fullmatch(amount):
            self.commas += 1
        elif _DECIMAL_POINT.fullmatch(amount):
            self.points += 1

    @property
    def decimal(self) -> str:
        """The decimal character: a comma if it occurs and no amount has a decimal point."""
        return "," if self.commas and not self.points else "."
