"""Taking a line apart into the rows that a product file would have of its product."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from luxewin.kit.money import EXPONENTS
from luxewin.modules.catalog.public.values import VARIANT_FIELDS
from luxewin.modules.catalog_import.domain.shopify_csv import columns, decimal_text
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_COLUMN_NAME_CHARACTERS

from . import fields
from .fields import COUNT, FLAG, MONEY, TEXT

_TRUE_BY_DEFAULT = tuple(field.column for field in VARIANT_FIELDS if field.default is True)
_PARTS = {fields.TAGS, fields.OPTIONS, fields.GOOGLE, fields.COLUMNS, fields.VARIANTS, fields.IMAGES}
_MOST_PARTS = 4_096
"""More than any product may have; the reader tells exactly what is too much."""

Cells = dict[str, str]


class LineInvalidError(ValueError):
    """A line is no product; `where` is the field that is wrong, None where it is the line as such."""

    def __init__(self, where: str | None, code: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.code = code
        self.message = message


@dataclass(slots=True)
class Rows:
    """The rows of a line's product; `places` tells for each row's number which part of the line it stands for.

    The first row has the line's own number, the others have numbers below zero. `said` names all columns.
    """

    line: int
    rows: list[Row] = field(default_factory=list)
    places: dict[int, str] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def add(self, cells: Mapping[str, str], place: str) -> None:
        """Add a row; what says nothing is no cell of it."""
        number = -len(self.rows) or self.line
        self.said.update(cells)
        self.places[number] = place
        self.rows.append(Row(number, {name: cell for name, cell in cells.items() if cell and not cell.isspace()}))


def rows_of(line: int, product: Any, *, currency: str) -> Rows:
    """Take a product apart.

    Raises:
        LineInvalidError: it is no object, a field is unknown, or its value is of another kind.
    """
    said = _object(product, "", {*fields.PRODUCT, *_PARTS})
    rows = Rows(line)
    about = _plain(said, fields.PRODUCT, "", currency) | _tags(said)
    about |= _values(said, columns.OPTION_NAMES, "") | _named(said, fields.GOOGLE, "", prefix=columns.GOOGLE_PREFIX)
    about |= _named(said, fields.COLUMNS, "")
    variants = [
        _variant(each, f"variants[{place}].", currency) for place, each in enumerate(_list(said, fields.VARIANTS, ""))
    ]
    if not variants:
        raise LineInvalidError(fields.VARIANTS, "variants_missing", "A product has at least one variant")
    usual = dict.fromkeys((name for name in _TRUE_BY_DEFAULT if any(name in cells for cells in variants)), "true")
    for place, cells in enumerate(variants):
        rows.add({**({} if place else about), **usual, **cells}, f"variants[{place}].")
    for place, each in enumerate(_list(said, fields.IMAGES, "")):
        rows.add(_image(each, f"images[{place}].", currency), f"images[{place}].")
    if fields.IMAGES in said:
        rows.said |= columns.IMAGE_COLUMNS
    if columns.HANDLE not in rows.rows[0].cells:
        raise LineInvalidError("handle", "handle_missing", "The line does not say which product it is")
    return rows


def _variant(value: Any, where: str, currency: str) -> Cells:
    said = _object(value, where, {*fields.VARIANT, fields.OPTIONS, fields.COLUMNS})
    cells = _plain(said, fields.VARIANT, where, currency) | _values(said, columns.OPTION_VALUES, where)
    return cells | _named(said, fields.COLUMNS, where, also=columns.GOOGLE_COLUMNS)


def _image(value: Any, where: str, currency: str) -> Cells:
    said = _object(value, where, {*fields.IMAGE, fields.COLUMNS})
    cells = _plain(said, fields.IMAGE, where, currency)
    return cells | _named(said, fields.COLUMNS, where, also=columns.GOOGLE_COLUMNS)


def _object(value: Any, where: str, names: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LineInvalidError(where.rstrip(".") or None, "field_invalid", "There must be a JSON object here")
    unknown = next((name for name in value if name not in names), None)
    if unknown is not None:
        raise LineInvalidError(f"{where}{unknown[:80]}", "field_unknown", f"There is no field {unknown[:80]!r}")
    return value


def _plain(said: Mapping[str, Any], known: Mapping[str, tuple[str, str]], where: str, currency: str) -> Cells:
    return {
        column: _cell(said[name], kind, where + name, currency)
        for name, (column, kind) in known.items()
        if name in said
    }


def _cell(value: Any, kind: str, where: str, currency: str) -> str:
    """Return a value as a cell has it; null says nothing."""
    if value is None:
        return ""
    if kind == TEXT and isinstance(value, str):
        return _text(value, where)
    if kind == FLAG and isinstance(value, bool):
        return "true" if value else "false"
    if kind == COUNT and type(value) is int:
        return str(value)
    if kind == MONEY and isinstance(value, dict):
        return _amount(value, where, currency)
    raise LineInvalidError(where, "field_invalid", f"There must be a {kind} here")


def _amount(value: Mapping[str, Any], where: str, currency: str) -> str:
    minor = value.get("amount")
    if value.keys() != {"amount", "currency"} or type(minor) is not int:
        message = f'Write an amount as {{"amount": 1999, "currency": "{currency}"}}, in the smallest unit'
        raise LineInvalidError(where, "field_invalid", message)
    if value["currency"] != currency:
        raise LineInvalidError(where, "currency_not_sold", f"This shop sells in {currency}")
    text = decimal_text(abs(minor), exponent=EXPONENTS[currency])
    return f"-{text}" if minor < 0 else text


def _text(value: str, where: str) -> str:
    if "\0" in value:
        raise LineInvalidError(where, "nul", "A text must not hold NUL characters")
    return value


def _list(said: Mapping[str, Any], name: str, where: str) -> Sequence[Any]:
    value = said.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_PARTS:
        raise LineInvalidError(where + name, "field_invalid", "There must be a list here, and not an endless one")
    return value


def _texts(said: Mapping[str, Any], name: str, where: str) -> list[str]:
    texts = []
    for place, text in enumerate(_list(said, name, where)):
        if not isinstance(text, str) or not text.strip():
            raise LineInvalidError(f"{where}{name}[{place}]", "field_invalid", "There must be a text here")
        texts.append(_text(text, f"{where}{name}[{place}]"))
    return texts


def _tags(said: Mapping[str, Any]) -> Cells:
    tags = _texts(said, fields.TAGS, "")
    if any("," in tag for tag in tags):
        raise LineInvalidError(fields.TAGS, "field_invalid", "A tag must not hold a comma")
    return {columns.TAGS: ",".join(tags)} if fields.TAGS in said else {}


def _values(said: Mapping[str, Any], names: Sequence[str], where: str) -> Cells:
    """Return the names of options, or a variant's answers to them; without the field nothing is said of options."""
    texts = _texts(said, fields.OPTIONS, where)
    if len(texts) > len(names):
        message = f"A product has at most {len(names)} options"
        raise LineInvalidError(where + fields.OPTIONS, "field_invalid", message)
    if fields.OPTIONS not in said:
        return {}
    return {name: texts[place] if place < len(texts) else "" for place, name in enumerate(names)}


def _named(said: Mapping[str, Any], name: str, where: str, *, prefix: str = "", also: Collection[str] = ()) -> Cells:
    """Return the cells of columns that are told by their names."""
    value = said.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise LineInvalidError(where + name, "field_invalid", "There must be a JSON object here")
    cells = {}
    for column, text in value.items():
        place = f"{where}{name}.{column[:80]}"
        is_known = columns.known_name(column) is not None and column not in also
        is_name = 0 < len(column.strip()) <= MAX_COLUMN_NAME_CHARACTERS and "\0" not in column and not is_known
        if not isinstance(text, str) or not is_name:
            message = "There must be the name of a column without a field of its own, and a text"
            raise LineInvalidError(place, "field_invalid", message)
        cells[prefix + column.strip()] = _text(text, place)
    return cells
