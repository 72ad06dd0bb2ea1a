"""Cells that a spreadsheet would run as formulas: escaped when written, restored exactly when read.

A text gets an apostrophe in front if it begins with one of ``= + - @``, with one of their full-width forms, which some
spreadsheets convert, or with a tab, a line break or a byte order mark, which some skip; a plain number does not. A text
that already begins with apostrophes before such a character gets one more; so removing exactly one apostrophe always
restores the original text.
"""

import re

_STARTS = r"[=+\-@\t\r\n\ufeff\uff1d\uff0b\uff0d\uff20]"
_WOULD_RUN = re.compile(f"'*{_STARTS}")
_WAS_ESCAPED = re.compile(f"'+{_STARTS}")
_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")


def escape_formula(text: str) -> str:
    """Return the text as a cell that no spreadsheet runs as a formula."""
    if _WOULD_RUN.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return "'" + text
    return text


def unescape_formula(cell: str) -> str:
    """Return the original text of a cell that `escape_formula` returned."""
    return cell[1:] if _WAS_ESCAPED.match(cell) else cell
