"""What can be wrong with a product file: one row, or the file as such."""

from dataclasses import dataclass

from luxewin.kit.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class RowError:
    """One reason why a product of the file was not read; the product it belongs to is left out whole.

    `line` is the physical line on which the row begins (the header is line 1, line ends inside quotes count),
    `column` the column's name or None when the row as such is meant, `code` is stable, `message` is for people.
    """

    line: int
    column: str | None
    code: str
    message: str


class NotAProductFile(InvalidInput):
    """The file cannot be read, or cannot be read further: nothing after `line` can be trusted.

    `reason` is stable: empty, not_csv, nul, stray_quote, unterminated_quote, missing_columns, duplicate_columns,
    too_many_columns, too_many_products, cell_too_large, row_too_large, encoding.
    """

    code = "catalog.not_a_product_file"
    title = "This file is not a product file"

    def __init__(self, detail: str, *, reason: str, line: int | None = None) -> None:
        super().__init__(detail, reason=reason, line=line)
        self.reason = reason
        self.line = line
