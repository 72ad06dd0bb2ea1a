"""Sparse fields: the parameter `fields` names the fields of an object, or of the objects in a list, to return."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, Field, field_validator

from luxewin.kit.http.fields import ShortText

PARTIAL_JSON = "application/vnd.luxewin.partial+json"
"""The media type of a response with some of the fields: the schema of the complete one does not describe it."""
ID = "id"
"""The field that every object keeps, so that it can be recognised."""
MOST_FIELDS = 50


class FieldsQuery(BaseModel):
    """The parameter `fields`; the model of an operation declares the fields that its objects have."""

    known_fields: ClassVar[tuple[str, ...]] = ()

    fields: list[ShortText] = Field(
        [],
        max_length=MOST_FIELDS,
        description="Fields to return, separated by commas; `id` is always returned. Default: all of them",
    )

    @field_validator("fields", mode="before")
    @classmethod
    def _separated(cls, texts: Any) -> Any:
        return split_at_commas(texts)

    @field_validator("fields")
    @classmethod
    def _are_known(cls, names: list[str]) -> list[str]:
        return list(requested_fields(names, cls.known_fields))


def split_at_commas(texts: Any) -> Any:
    """Return the texts between the commas of several texts, without blank ones; for a validator."""
    if not isinstance(texts, list):
        return texts
    return [part.strip() for text in texts for part in str(text).split(",") if part.strip()]


def requested_fields(names: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    """Return the names in one order and with `id`, so that equal requests are equal values; none means all fields.

    Raises:
        ValueError: a name is not known; the message has the nearest one that is.
    """
    requested = set(names)
    for name in sorted(requested - set(known)):
        near = get_close_matches(name, known, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"the fields are {', '.join(known)}"
        raise ValueError(f"There is no field {name!r}; {hint}")
    return tuple(sorted(requested | {ID})) if requested else ()


def only_fields(json: bytes, names: Collection[str]) -> bytes:
    """Return a serialised object with the named fields only, in the order that they have; no names mean all fields."""
    if not names:
        return json
    fields: dict[str, Any] = orjson.loads(json)
    return orjson.dumps({name: value for name, value in fields.items() if name in names})
