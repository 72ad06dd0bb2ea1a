"""Typed values from the cells of one row; an invalid cell becomes an error in a list, not an exception."""

import re
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, TypeVar, assert_never

from luxewin.modules.catalog.public.values import Field, Kind

from .amounts import UnreadableAmountError, minor_from, point_decimals, unmark_number
from .codes import spelled
from .columns import SKU
from .header import Row
from .limits import LARGEST_COUNT, MAX_TAG_CHARACTERS, MAX_TAGS
from .problems import RowError
from .words import TRUTHS

_Word = TypeVar("_Word")

_WHOLE = re.compile(r"([+-]?[0-9]{1,15})(?:\.0*)?")
_WEIGHT = re.compile(r"([0-9]{0,15}(?:\.[0-9]{1,30})?) ?(g|gr|grams?|kg|lbs?|oz)?", re.IGNORECASE)
_GRAMS = {"kg": Decimal(1000), "lb": Decimal("453.59237"), "oz": Decimal("28.349523125")}


class Cells:
    """The cells of one row, read by type; `errors` collects the errors, `refused` is true if there is one."""

    def __init__(self, row: Row, *, exponent: int, errors: list[RowError], decimal: str = ".") -> None:
        self.row = row
        self._exponent = exponent
        self._decimal = decimal
        self._errors = errors
        self.refused = False

    def refuse(self, column: str | None, code: str, message: str) -> None:
        """Add an error of this row."""
        self.refused = True
        self._errors.append(RowError(self.row.line, column, code, message))

    def has(self, column: str) -> bool:
        """Return whether the cell has a value."""
        return column in self.row.cells

    def prose(self, column: str) -> str:
        """Return the text as written."""
        return self.row.cells.get(column, "")

    def identifier(self, column: str) -> str:
        """Return the text without the white space around it."""
        return self.prose(column).strip()

    def value(self, field: Field, *, is_given: bool) -> Any:
        """Return the value of a field: its blank value for a blank cell, its default if the file has no such column."""
        match field.kind:
            case Kind.LABEL:
                return self.label(field)
            case Kind.PROSE:
                return self.prose(field.column)
            case Kind.AMOUNT:
                return self.amount_minor(field.column)
            case Kind.GRAMS:
                return self.grams(field.column)
            case Kind.FLAG:
                return self.flag(field.column, blank=field.blank if is_given else field.default)
            case Kind.LABELS:
                return self.labels(field.column)
            case _:
                assert_never(field.kind)

    def label(self, field: Field) -> Any:
        """Return a valid text without the white space around it, and the field's blank value for a blank cell."""
        text = self.identifier(field.column)
        if text == "":
            return field.blank
        if field.column == SKU:
            text = spelled(text)
        if not field.is_valid(text):
            self.refuse(field.column, field.error_code, f"{text[:80]!r} is not {field.expected}")
        return text

    def labels(self, column: str) -> tuple[str, ...]:
        """Return the texts between commas, each once."""
        trimmed = (text.strip() for text in self.prose(column).split(","))
        texts = tuple(dict.fromkeys(text for text in trimmed if text))
        longest = max(map(len, texts), default=0)
        if len(texts) > MAX_TAGS or longest > MAX_TAG_CHARACTERS:
            message = (
                f"A product has at most {MAX_TAGS} tags of at most {MAX_TAG_CHARACTERS} characters; this one has"
                f" {len(texts):,}, the longest with {longest:,}"
            )
            self.refuse(column, "tags_too_many_or_long", message)
        return texts

    def flag(self, column: str, *, blank: bool) -> bool:
        """Return true or false, and `blank` for a blank cell."""
        return self.word(column, TRUTHS, blank=blank, examples=("true", "false"))

    def word(
        self, column: str, words: Mapping[str, _Word], *, blank: _Word, examples: Iterable[str] | None = None
    ) -> _Word:
        """Return the value of one of a set of words, and `blank` for a blank cell."""
        text = self.identifier(column)
        if text == "":
            return blank
        meaning = words.get(text.casefold())
        if meaning is None:
            self.refuse(column, "word_unknown", f"{text[:40]!r} is not one of {', '.join(examples or words)}")
            return blank
        return meaning

    def amount_minor(self, column: str) -> int | None:
        """Return an amount in minor units, None for a blank cell."""
        text = self.identifier(column)
        if text == "":
            return None
        try:
            return minor_from(text, exponent=self._exponent, decimal=self._decimal)
        except UnreadableAmountError as unreadable:
            self.refuse(column, unreadable.code, unreadable.message)
            return None

    def count(self, column: str, *, least: int) -> int | None:
        """Return an integer, None for a blank cell; '3.0' is read as 3, because spreadsheets write it."""
        text = self.identifier(column)
        if text == "":
            return None
        whole = _WHOLE.fullmatch(point_decimals(unmark_number(text), decimal=self._decimal))
        if whole is None:
            self.refuse(column, "number_unreadable", f"{text[:40]!r} is not a whole number; write it like 12")
            return None
        return self._in_range(column, int(whole[1]), least=least)

    def grams(self, column: str) -> int | None:
        """Return a weight rounded to grams, None for a blank cell; a unit behind the number is converted.

        Exports convert ounces and pounds and have many decimals; no carrier's rate depends on less than a gram.
        """
        text = self.identifier(column)
        if text == "":
            return None
        number, _, unit = text.partition(" ")
        weight = _WEIGHT.fullmatch(f"{point_decimals(unmark_number(number), decimal=self._decimal)} {unit}".strip())
        if weight is None or not weight[1]:
            self.refuse(column, "number_unreadable", f"{text[:40]!r} is not a weight in grams; write it like 250")
            return None
        grams = Decimal(weight[1]) * _GRAMS.get((weight[2] or "g").casefold().removesuffix("s"), Decimal(1))
        return self._in_range(column, int(grams.quantize(Decimal(1), ROUND_HALF_UP)), least=0)

    def _in_range(self, column: str, number: int, *, least: int) -> int | None:
        if least <= number <= LARGEST_COUNT:
            return number
        self.refuse(column, "number_out_of_range", f"{number} is not between {least:,} and {LARGEST_COUNT:,}")
        return None
