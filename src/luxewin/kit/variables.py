"""Environment variables as declared fields: read, refused with a remedy, and documented from one declaration."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

SECONDS = "give a number of seconds above 0, such as 1 or 2.5"
"""The remedy for every length of time."""

_LIKENESS = 0.6
_SHOWN_CHARACTERS = 60


class Group(BaseModel):
    """Frozen settings of one part of the program; every field is declared by `variable` or is a group itself."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, validate_by_name=True, validate_by_alias=True
    )


def variable(
    name: str,
    default: Any,
    *,
    meaning: str,
    remedy: str,
    shown: str | None = None,
    secret: bool = False,
    **bounds: Any,
) -> Any:
    """Declare a variable.

    `remedy` completes the refusal of a bad value, `shown` is the default as the table shows it, the value of a `secret`
    is never repeated, and `bounds` are Pydantic's constraints.
    """
    extra: dict[str, Any] = {"remedy": remedy, "shown": f"`{default}`" if shown is None else shown, "secret": secret}
    return Field(default, alias=name, description=meaning, json_schema_extra=extra, **bounds)


@dataclass(frozen=True, slots=True)
class Declared:
    """A declared variable, and the group that it belongs to; None for the outermost."""

    name: str
    group: str | None
    meaning: str
    remedy: str
    shown: str
    secret: bool


def declared(*settings: type[Group]) -> dict[str, Declared]:
    """Return every variable of the settings by name, in the order of declaration."""
    return {variable.name: variable for kind in settings for variable in _walk(kind, None)}


def grouped(settings: type[Group], given: Mapping[str, str]) -> dict[str, Any]:
    """Lay the given variables out in the shape of the settings; unknown ones are left out."""
    places = declared(settings)
    laid_out: dict[str, Any] = {place.group: {} for place in places.values() if place.group is not None}
    for name, value in given.items():
        if name in places:
            group = places[name].group
            (laid_out if group is None else laid_out[group])[name] = value
    return laid_out


def unknown(settings: Iterable[type[Group]], given: Mapping[str, str], *, prefix: str) -> list[str]:
    """Return one line for each variable that nobody declared, with the name that was probably meant."""
    known = declared(*settings)
    likely = {name.removeprefix(prefix): name for name in known}
    return [_unknown(name, likely, prefix) for name in sorted(given.keys() - known.keys())]


def misgiven(settings: type[Group], given: Mapping[str, str], error: ValidationError) -> list[str]:
    """Return one line for each variable whose value cannot be used, with the remedy."""
    known = declared(settings)
    lines: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        name = next(str(part) for part in fault["loc"] if part in known)
        reason = f"{fault['ctx']['error']}; " if fault["type"] == "value_error" else ""
        lines.setdefault(name, _misgiven(known[name], given, reason))
    return list(lines.values())


def table(*settings: type[Group]) -> str:
    """Return the variables as a table in Markdown: name, default, meaning."""
    rows = [f"| `{known.name}` | {known.shown} | {known.meaning} |" for known in declared(*settings).values()]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows, ""])


def _walk(kind: type[Group], group: str | None) -> Iterator[Declared]:
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Group):
            yield from _walk(inner, name)
        else:
            yield _of(field, group)


def _of(field: FieldInfo, group: str | None) -> Declared:
    extra: Any = field.json_schema_extra
    assert field.alias is not None
    return Declared(name=field.alias, group=group, meaning=field.description or "", **extra)


def _unknown(name: str, likely: Mapping[str, str], prefix: str) -> str:
    near = get_close_matches(name.removeprefix(prefix), likely, n=1, cutoff=_LIKENESS)
    remedy = f"did you mean {likely[near[0]]}?" if near else "take it out"
    return f"{name}: there is no such setting; {remedy}"


def _misgiven(variable: Declared, given: Mapping[str, str], reason: str) -> str:
    shown = "" if variable.secret else f"={given[variable.name][:_SHOWN_CHARACTERS]!r}"
    return f"{variable.name}{shown} cannot be used: {reason}{variable.remedy}"
