"""Splitting a line into the rows of its product in an equivalent CSV file."""

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
"""A limit above the number that any product may have; the reader checks the exact limits."""

Cells = dict[str, str]


class LineInvalidError(ValueError):
    """A line is not a product; `path` is the invalid field, None for the line as a whole."""

    def __init__(self, path: str | None, code: str, message: str) -> None:
        super().__init__(message)
        self.path = path
        self.code = code
        self.message = message


@dataclass(slots=True)
class Rows:
    """The rows of a line's product; `paths` are the paths of the rows in the line, by the rows' numbers.

    The first row has the line's own number, the others have negative numbers. `columns` are the columns of all rows.
    """

    line: int
    rows: list[Row] = field(default_factory=list)
    paths: dict[int, str] = field(default_factory=dict)
    columns: set[str] = field(default_factory=set)

    def add(self, cells: Mapping[str, str], path: str) -> None:
        """Add a row without its blank cells."""
        number = -len(self.rows) or self.line
        self.columns.update(cells)
        self.paths[number] = path
        self.rows.append(Row(number, {name: cell for name, cell in cells.items() if cell and not cell.isspace()}))


def rows_of(line: int, product: Any, *, currency: str) -> Rows:
    """Split a product into rows.

    Raises:
        LineInvalidError: the product is not an object, a field is unknown, or its value has the wrong type.
    """
    json_object = _object(product, "", {*fields.PRODUCT, *_PARTS})
    rows = Rows(line)
    about = _plain_cells(json_object, fields.PRODUCT, "", currency) | _tags(json_object)
    about |= _values(json_object, columns.OPTION_NAMES, "") | _cells_by_name(
        json_object, fields.GOOGLE, "", prefix=columns.GOOGLE_PREFIX
    )
    about |= _cells_by_name(json_object, fields.COLUMNS, "")
    variants = [
        _variant(each, f"variants[{index}].", currency)
        for index, each in enumerate(_list(json_object, fields.VARIANTS, ""))
    ]
    if not variants:
        raise LineInvalidError(
            fields.VARIANTS, "variants_missing", "The product has no variants; it needs at least one"
        )
    defaults = dict.fromkeys((name for name in _TRUE_BY_DEFAULT if any(name in cells for cells in variants)), "true")
    for index, cells in enumerate(variants):
        rows.add({**({} if index else about), **defaults, **cells}, f"variants[{index}].")
    for index, each in enumerate(_list(json_object, fields.IMAGES, "")):
        rows.add(_image(each, f"images[{index}].", currency), f"images[{index}].")
    if fields.IMAGES in json_object:
        rows.columns |= columns.IMAGE_COLUMNS
    if columns.HANDLE not in rows.rows[0].cells:
        raise LineInvalidError("handle", "handle_missing", "The line has no handle; add one")
    return rows


def _variant(value: Any, path: str, currency: str) -> Cells:
    json_object = _object(value, path, {*fields.VARIANT, fields.OPTIONS, fields.COLUMNS})
    cells = _plain_cells(json_object, fields.VARIANT, path, currency) | _values(
        json_object, columns.OPTION_VALUES, path
    )
    return cells | _cells_by_name(json_object, fields.COLUMNS, path, also=columns.GOOGLE_COLUMNS)


def _image(value: Any, path: str, currency: str) -> Cells:
    json_object = _object(value, path, {*fields.IMAGE, fields.COLUMNS})
    cells = _plain_cells(json_object, fields.IMAGE, path, currency)
    return cells | _cells_by_name(json_object, fields.COLUMNS, path, also=columns.GOOGLE_COLUMNS)


def _object(value: Any, path: str, names: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise LineInvalidError(path.rstrip(".") or None, "field_invalid", "The value must be a JSON object")
    unknown = next((name for name in value if name not in names), None)
    if unknown is not None:
        raise LineInvalidError(
            f"{path}{unknown[:80]}",
            "field_unknown",
            f"The field {unknown[:80]!r} is unknown; remove it, or put it below 'columns'",
        )
    return value


def _plain_cells(
    json_object: Mapping[str, Any], known: Mapping[str, tuple[str, str]], path: str, currency: str
) -> Cells:
    return {
        column: _cell(json_object[name], kind, path + name, currency)
        for name, (column, kind) in known.items()
        if name in json_object
    }


def _cell(value: Any, kind: str, path: str, currency: str) -> str:
    """Return a value as a cell; null is a blank cell."""
    if value is None:
        return ""
    if kind == TEXT and isinstance(value, str):
        return _text(value, path)
    if kind == FLAG and isinstance(value, bool):
        return "true" if value else "false"
    if kind == COUNT and type(value) is int:
        return str(value)
    if kind == MONEY and isinstance(value, dict):
        return _amount(value, path, currency)
    raise LineInvalidError(path, "field_invalid", f"The value must be a {kind}, got {str(value)[:40]!r}")


def _amount(value: Mapping[str, Any], path: str, currency: str) -> str:
    minor = value.get("amount")
    if value.keys() != {"amount", "currency"} or type(minor) is not int:
        message = f'Write an amount as {{"amount": 1999, "currency": "{currency}"}}, in the smallest unit'
        raise LineInvalidError(path, "field_invalid", message)
    if value["currency"] != currency:
        raise LineInvalidError(
            path,
            "currency_not_sold",
            f"The currency must be {currency}, the shop's own, got {str(value['currency'])[:10]!r}",
        )
    text = decimal_text(abs(minor), exponent=EXPONENTS[currency])
    return f"-{text}" if minor < 0 else text


def _text(value: str, path: str) -> str:
    if "\0" in value:
        raise LineInvalidError(path, "nul", "The text has a NUL character; remove it")
    return value


def _list(json_object: Mapping[str, Any], name: str, path: str) -> Sequence[Any]:
    value = json_object.get(name)
    if value is None:
        return ()
    if not isinstance(value, list) or len(value) > _MOST_PARTS:
        raise LineInvalidError(
            path + name, "field_invalid", f"The value must be a list of at most {_MOST_PARTS:,} entries"
        )
    return value


def _texts(json_object: Mapping[str, Any], name: str, path: str) -> list[str]:
    texts = []
    for index, text in enumerate(_list(json_object, name, path)):
        if not isinstance(text, str) or not text.strip():
            raise LineInvalidError(
                f"{path}{name}[{index}]", "field_invalid", "The value must be a text that is not blank"
            )
        texts.append(_text(text, f"{path}{name}[{index}]"))
    return texts


def _tags(json_object: Mapping[str, Any]) -> Cells:
    tags = _texts(json_object, fields.TAGS, "")
    if any("," in tag for tag in tags):
        raise LineInvalidError(fields.TAGS, "field_invalid", "A tag has a comma; make it two tags")
    return {columns.TAGS: ",".join(tags)} if fields.TAGS in json_object else {}


def _values(json_object: Mapping[str, Any], names: Sequence[str], path: str) -> Cells:
    """Return the cells of option names, or of a variant's option values; an empty mapping without the field."""
    texts = _texts(json_object, fields.OPTIONS, path)
    if len(texts) > len(names):
        message = f"There are {len(texts)} options; at most {len(names)} are allowed"
        raise LineInvalidError(path + fields.OPTIONS, "field_invalid", message)
    if fields.OPTIONS not in json_object:
        return {}
    return {name: texts[place] if place < len(texts) else "" for place, name in enumerate(names)}


def _cells_by_name(
    json_object: Mapping[str, Any], name: str, path: str, *, prefix: str = "", also: Collection[str] = ()
) -> Cells:
    """Return the cells of a field that maps column names to values."""
    value = json_object.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise LineInvalidError(path + name, "field_invalid", "The value must be a JSON object")
    cells = {}
    for column, text in value.items():
        place = f"{path}{name}.{column[:80]}"
        is_known = columns.known_name(column) is not None and column not in also
        is_name = 0 < len(column.strip()) <= MAX_COLUMN_NAME_CHARACTERS and "\0" not in column and not is_known
        if not isinstance(text, str) or not is_name:
            message = "Each entry needs the name of a column without a field of its own, and a text"
            raise LineInvalidError(place, "field_invalid", message)
        cells[prefix + column.strip()] = _text(text, place)
    return cells
