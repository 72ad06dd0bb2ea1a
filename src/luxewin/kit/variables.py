"""Environment variables as declared fields: parsing, errors with a remedy, and documentation from one declaration."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.fields import FieldInfo

SECONDS = "give a number of seconds above 0, such as 1 or 2.5"
"""The remedy for durations."""

_SIMILARITY = 0.6
_SHOWN_CHARACTERS = 60


class Group(BaseModel):
    """Immutable settings of one part of the program; every field is declared by `variable` or is a group itself.

    The kit declares its own groups. Modules declare theirs in a `SettingsExtension`, which the entry points of the
    program pass to `Settings.load`.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_default=True, validate_by_name=True, validate_by_alias=True
    )


def variable(
    name: str,
    default: Any,
    *,
    meaning: str,
    remedy: str,
    displayed_default: str | None = None,
    secret: bool = False,
    outside_production: str | None = None,
    **bounds: Any,
) -> Any:
    """Declare a variable.

    `remedy` completes the error message for a bad value. `displayed_default` is the default in the table of
    settings. The value of a `secret` is never repeated in a message. `outside_production` is the default in development
    and tests, if it differs. `bounds` are Pydantic's constraints.
    """
    extra: dict[str, Any] = {
        "remedy": remedy,
        "displayed_default": f"`{default}`" if displayed_default is None else displayed_default,
        "secret": secret,
        "outside_production": outside_production,
    }
    return Field(default, alias=name, description=meaning, json_schema_extra=extra, **bounds)


@dataclass(frozen=True, slots=True)
class DeclaredVariable:
    """A declared variable, and its group; None for the outermost."""

    name: str
    group: str | None
    meaning: str
    remedy: str
    displayed_default: str
    secret: bool
    outside_production: str | None


def list_variables(*groups: type[Group]) -> dict[str, DeclaredVariable]:
    """Return every variable of the groups by name, in the order of declaration."""
    return {variable.name: variable for group in groups for variable in _walk(group, None)}


def group_values(group: type[Group], given: Mapping[str, str]) -> dict[str, Any]:
    """Arrange the given variables in the shape of a group; variables of other groups are left out."""
    known = list_variables(group)
    arranged: dict[str, Any] = {variable.group: {} for variable in known.values() if variable.group is not None}
    for name, value in given.items():
        if name in known:
            inner = known[name].group
            (arranged if inner is None else arranged[inner])[name] = value
    return arranged


def describe_unknown(groups: Sequence[type[Group]], given: Mapping[str, str], *, prefix: str) -> list[str]:
    """Return one line for each variable that no group declares, with the most similar name."""
    known = list_variables(*groups)
    likely = {name.removeprefix(prefix): name for name in known}
    return [_describe_unknown(name, likely, prefix) for name in sorted(given.keys() - known.keys())]


def describe_invalid(group: type[Group], given: Mapping[str, str], error: ValidationError) -> list[str]:
    """Return one line for each variable whose value cannot be used, with the remedy."""
    known = list_variables(group)
    lines: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        name = next(str(part) for part in fault["loc"] if part in known)
        reason = f"{fault['ctx']['error']}; " if fault["type"] == "value_error" else ""
        lines.setdefault(name, _describe_invalid(known[name], given, reason))
    return list(lines.values())


def table(*groups: type[Group]) -> str:
    """Return the variables as a Markdown table: name, default, meaning."""
    rows = [
        f"| `{known.name}` | {known.displayed_default} | {known.meaning} |"
        for known in list_variables(*groups).values()
    ]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows, ""])


def _walk(kind: type[Group], group: str | None) -> Iterator[DeclaredVariable]:
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, Group):
            yield from _walk(inner, name)
        else:
            yield _of(field, group)


def _of(field: FieldInfo, group: str | None) -> DeclaredVariable:
    extra: Any = field.json_schema_extra
    assert field.alias is not None
    return DeclaredVariable(name=field.alias, group=group, meaning=field.description or "", **extra)


def _describe_unknown(name: str, likely: Mapping[str, str], prefix: str) -> str:
    near = get_close_matches(name.removeprefix(prefix), likely, n=1, cutoff=_SIMILARITY)
    remedy = f"did you mean {likely[near[0]]}?" if near else "unset it"
    return f"{name}: there is no such setting; {remedy}"


def _describe_invalid(variable: DeclaredVariable, given: Mapping[str, str], reason: str) -> str:
    given_value = "" if variable.secret else f"={given[variable.name][:_SHOWN_CHARACTERS]!r}"
    return f"{variable.name}{given_value} cannot be used: {reason}{variable.remedy}"
