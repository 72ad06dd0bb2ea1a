"""Cells that a spreadsheet would run as formulas: disarmed when written, given back exactly when read.

A text that begins with one of ``= + - @``, a tab or a carriage return gets an apostrophe in front, unless it is a
plain number. A text that already begins with apostrophes before such a character gets one more; so taking off exactly
one is always the way back, and reading what was written is the identity.
"""

import re

_WOULD_RUN = re.compile(r"'*[=+\-@\t\r]")
_WAS_DISARMED = re.compile(r"'+[=+\-@\t\r]")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def disarmed(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs."""
    if _WOULD_RUN.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def rearmed(cell: str) -> str:
    """Return the text that `disarmed` was given."""
    return cell[1:] if _WAS_DISARMED.match(cell) else cell
