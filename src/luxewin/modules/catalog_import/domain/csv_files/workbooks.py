"""Workbooks (.xlsx): the rows of the first sheet that has any."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_CELL_CHARACTERS
from luxewin.modules.catalog_import.domain.shopify_csv.records import Record

from .unpacking import Unpacked

MOST_TEXT_BYTES = 2**27
"""The size of the table of texts, which has to be in memory."""


class WorkbookSource:
    """The first sheet of a workbook that has any rows; the numbers of its rows are the lines."""

    def __init__(self, file: Unpacked) -> None:
        self._file = file

    def separator(self) -> None:
        """Return None: a sheet has cells."""
        return

    def records(self, delimiter: str) -> Iterator[Record]:
        """Yield the rows without those that are empty.

        A workbook does not store blank cells at the end of a row: every row gets as many cells as the first one.

        Raises:
            NotAProductFile: the workbook is damaged, or its texts exceed the limit.
        """
        del delimiter
        try:
            with self._file.copied() as file:
                _check_size(zipfile.ZipFile(file))
                book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
                for sheet in book.worksheets:
                    width = 0
                    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
                        cells = _cells(values, number)
                        if cells:
                            width = width or len(cells)
                            yield Record(number, cells + [""] * (width - len(cells)))
                    if width:
                        return
        except (InvalidFileException, zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError) as error:
            message = "The workbook is damaged, or has no sheet with rows; save the sheet as CSV (UTF-8), and send that"
            raise NotAProductFile(message, reason="not_csv", line=1) from error


def _check_size(archive: zipfile.ZipFile) -> None:
    texts = sum(each.file_size for each in archive.infolist() if each.filename.endswith(("Strings.xml", "styles.xml")))
    if texts > MOST_TEXT_BYTES:
        message = f"The texts of the workbook take more than {MOST_TEXT_BYTES:,} bytes; save the sheet as CSV (UTF-8)"
        raise NotAProductFile(message, reason="archive", line=1)


def _cells(values: tuple[Any, ...], number: int) -> list[str]:
    """Return the cells of a row up to the last one that is not blank."""
    cells = [_text(value) for value in values]
    while cells and not cells[-1]:
        cells.pop()
    if any("\0" in cell for cell in cells):
        raise NotAProductFile(f"Row {number} has a NUL character; remove it", reason="nul", line=number)
    if any(len(cell) > MAX_CELL_CHARACTERS for cell in cells):
        message = f"Row {number} has a cell of more than {MAX_CELL_CHARACTERS:,} characters"
        raise NotAProductFile(message, reason="cell_too_large", line=number)
    return cells


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _LARGEST_EXACT else repr(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return str(value)


_LARGEST_EXACT = 2**53
