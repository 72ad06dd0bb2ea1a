"""Texts in the cells of other platforms: lists, escapes and numbers."""

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from urllib.parse import quote

from luxewin.modules.catalog_import.domain.shopify_csv.header import Row

ESCAPED_COMMA = r"(?<!\\),"
"""A comma between texts of which those with commas have a backslash before each."""
_WEB = re.compile(r"https?://", re.IGNORECASE)
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~?"
_ESCAPED_LINE = re.compile(r"\\\\n|\\n")


def split(text: str, separator: str) -> list[str]:
    """Return the texts between separators (a regular expression), without blank ones."""
    parts = re.split(separator, text) if separator else [text]
    if separator.startswith(ESCAPED_COMMA):
        parts = [part.replace("\\,", ",") for part in parts]
    return [part.strip() for part in parts if part.strip()]


def listed(row: Row, names: Sequence[str], separator: str) -> list[str]:
    """Return the texts in a row's columns with lists."""
    return [text for name in names for text in split(row.cells.get(name, ""), separator)]


def full_address(text: str, base: str) -> str:
    """Return the address of an image; one that has only a path or a name is completed with `base`."""
    text = text.strip()
    if text.startswith("//"):
        return f"https:{text}"
    if _WEB.match(text) or not base:
        return text
    return f"{base.rstrip('/')}/{quote(text.lstrip('/'), safe=_KEPT_IN_PATHS)}"


def unescaped_lines(text: str) -> str:
    r"""Return a text with line breaks that are written as `\n`; `\\n` stands for these two characters."""
    return _ESCAPED_LINE.sub(lambda found: "\n" if found[0] == "\\n" else "\\n", text)


def decimal(text: str) -> Decimal | None:
    """Return the number in a cell, 0 if it is blank; None if it is not a finite number.

    The decimal character is a point or a comma, the later one if the number has both.
    """
    plain = text.strip().lstrip("'")
    separators = [each for each in plain if each in ",."]
    if len(set(separators)) > 1:
        plain = plain.replace(separators[0], "")
    try:
        number = Decimal(plain.replace(",", ".") or "0")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def is_positive(text: str) -> bool:
    """Return whether a cell has a number above 0."""
    number = decimal(text)
    return number is not None and number > 0


def added(text: str, surcharge: str) -> str:
    """Return the sum of the numbers in two cells; the first cell if they are not numbers."""
    first, second = decimal(text), decimal(surcharge)
    return text if first is None or second is None else str(first + second)
