"""The errors of product files: of one row, or of the file as a whole."""

from dataclasses import dataclass

from luxewin.kit.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RowError:
    """A reason why a product of the file is left out.

    `line` is the first physical line of the row (the header is line 1, line ends inside quotes count), `column` the
    name of the column, or None for the row as a whole. `code` is stable, `message` is readable text.
    """

    line: int
    column: str | None
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RowNote:
    """What an import has read in another way than it is written, or has left out; not an error.

    The fields are those of `RowError`; `line` 1 and no column is a note about the file as a whole.
    """

    line: int
    column: str | None
    code: str
    message: str


class NotAProductFile(InvalidInput):
    """The file cannot be read, or not beyond `line`.

    `reason` is stable: empty, not_csv, nul, stray_quote, unterminated_quote, missing_columns, duplicate_columns,
    too_many_columns, too_many_products, cell_too_large, row_too_large, encoding, archive, mapping.
    """

    code = "catalog.not_a_product_file"
    title = "This file is not a product file"

    def __init__(self, detail: str, *, reason: str, line: int | None = None) -> None:
        super().__init__(detail, reason=reason, line=line)
        self.reason = reason
        self.line = line
