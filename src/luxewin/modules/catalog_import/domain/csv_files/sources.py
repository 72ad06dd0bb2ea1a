"""Sources of records: the text of a CSV file, or the first sheet of a workbook; each can be read more than once."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from luxewin.modules.catalog_import.domain.shopify_csv.records import Record, records

from .dialects import separator_of


class Source(Protocol):
    """A table that can be read more than once."""

    def separator(self) -> str | None:
        """Return the separator of the columns; None if the table has none."""

    def records(self, delimiter: str) -> Iterator[Record]:
        """Yield the rows, the header first."""


class TextSource:
    """The text of a CSV file, in chunks of any size; it is read as often as the chunks can be iterated."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = chunks

    def separator(self) -> str:
        """Return the separator of the columns."""
        return separator_of(self._chunks)

    def records(self, delimiter: str) -> Iterator[Record]:
        """Yield the rows, the header first."""
        return records(self._chunks, delimiter)
