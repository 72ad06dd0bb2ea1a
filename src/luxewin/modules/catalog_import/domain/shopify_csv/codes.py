"""SKUs and barcodes that a spreadsheet has changed: restored where that is certain, reported where digits are lost.

To keep the digits of a number, people write an apostrophe in front (`'4006381333931`), and programs write a formula
(`="4006381333931"`). A text that begins with apostrophes before digits gets one more when it is written, so removing
exactly one always restores it. A real apostrophe (`'s-Hertogenbosch`) is before a letter, and stays.
"""

import re

from luxewin.modules.catalog.public.values import label

from .columns import BARCODE, SKU

CODE_COLUMNS = (SKU, BARCODE)
_MARKED = re.compile(r"'+[0-9]+")
_FORMULA = re.compile(r'="([^"]*)"')
_SCIENTIFIC = re.compile(r"[0-9](?:[.,][0-9]+)?E\+[0-9]{2}", re.IGNORECASE)
_WITH_DECIMALS = re.compile(r"([0-9]{8,14})[.,]0+")


def mark_code(text: str) -> str:
    """Return a SKU or barcode as a cell."""
    return f"'{text}" if _MARKED.fullmatch(text) else text


def unmark_code(cell: str) -> str:
    """Return the SKU or barcode of a cell."""
    if formula := _FORMULA.fullmatch(cell.strip()):
        return formula[1]
    return cell.strip()[1:] if _MARKED.fullmatch(cell.strip()) else cell


def restored_barcode(cell: str) -> str:
    """Return a barcode without the decimals that a spreadsheet has added to the number."""
    number = _WITH_DECIMALS.fullmatch(cell.strip())
    return number[1] if number else cell


def spelled(text: str) -> str:
    """Return a SKU or an option as it is stored; unchanged with control characters, which are refused later."""
    try:
        return label(text) or text
    except ValueError:
        return text


def has_lost_digits(cell: str) -> bool:
    """Return whether a SKU or barcode is in scientific notation: its last digits are gone."""
    return _SCIENTIFIC.fullmatch(cell.strip()) is not None
