"""Typed attributes: their declaration and validation."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from luxewin.modules.catalog.errors import AttributeInvalid

LONGEST_TEXT = 1_000
LARGEST_JSON_INTEGER = 2**53 - 1
"""The largest integer that JSON carries exactly."""

_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")

AttributeValue = str | int | bool


class AttributeKind(StrEnum):
    """The type of an attribute's values."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute that a product type declares."""

    name: str
    kind: AttributeKind
    required: bool = False


def attribute_text(value: AttributeValue) -> str:
    """Return a value as text, as JSON writes it: `true`, `12`."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def validate_attributes(values: Mapping[str, object], declared: Sequence[Attribute]) -> dict[str, AttributeValue]:
    """Return the values as they are stored, by the names that the type declares.

    Decimals are stored as strings ("12.50"), never as floats.

    Raises:
        AttributeInvalid: a value has another type or belongs to no declared attribute, or a required value is missing.
    """
    kinds = {attribute.name: attribute.kind for attribute in declared}
    for name in values:
        if name not in kinds:
            raise AttributeInvalid(f"The product's type has no attribute {name!r}", pointer=f"/attributes/{name}")
    for attribute in declared:
        if attribute.required and values.get(attribute.name) is None:
            raise AttributeInvalid(
                f"The product's type requires the attribute {attribute.name!r}", pointer=f"/attributes/{attribute.name}"
            )
    return {name: _validate_value(name, value, kinds[name]) for name, value in values.items() if value is not None}


def is_compatible(before: Sequence[Attribute], after: Sequence[Attribute]) -> bool:
    """Return whether every valid product of the type stays valid: added attributes must be optional."""
    new = {attribute.name: attribute for attribute in after}
    are_unchanged = all(old.name in new and new[old.name].kind is old.kind for old in before)
    required = {attribute.name for attribute in after if attribute.required}
    return are_unchanged and required <= {attribute.name for attribute in before if attribute.required}


def _validate_value(name: str, value: object, kind: AttributeKind) -> AttributeValue:
    match kind:
        case AttributeKind.TEXT:
            if isinstance(value, str) and len(value) <= LONGEST_TEXT:
                return value
        case AttributeKind.INTEGER:
            if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= LARGEST_JSON_INTEGER:
                return value
        case AttributeKind.DECIMAL:
            if isinstance(value, str) and _DECIMAL.fullmatch(value):
                return value
        case AttributeKind.BOOLEAN:
            if isinstance(value, bool):
                return value
        case _:
            assert_never(kind)
    raise AttributeInvalid(f"The attribute {name!r} takes {_EXPECTED[kind]}", pointer=f"/attributes/{name}")


_EXPECTED = {
    AttributeKind.TEXT: f"a text of at most {LONGEST_TEXT} characters",
    AttributeKind.INTEGER: "a whole number",
    AttributeKind.DECIMAL: 'a decimal number, written as a text like "12.50"',
    AttributeKind.BOOLEAN: "true or false",
}
