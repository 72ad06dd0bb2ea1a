"""Messages for input that is not valid: the field, the rule it breaks, and the value, unless that is secret."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any, get_args

from pydantic import BaseModel

from luxewin.kit.observability.redaction import REDACTED, redact, redact_text

MAX_VALUE_CHARACTERS = 80
_BODY = "body"
_LITERAL = re.compile(r"'([^']*)'")

MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        "missing": "is missing",
        "extra_forbidden": "is not a field of this request",
        "none_required": "must be null",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "int_type": "must be an integer",
        "int_parsing": "must be an integer",
        "int_parsing_size": "must be an integer with fewer digits",
        "int_from_float": "must be an integer",
        "float_type": "must be a number",
        "float_parsing": "must be a number",
        "finite_number": "must be a finite number",
        "decimal_type": "must be a decimal number",
        "decimal_parsing": "must be a decimal number",
        "decimal_max_digits": "must have at most {max_digits} digits",
        "decimal_max_places": "must have at most {decimal_places} decimal places",
        "greater_than": "must be greater than {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than": "must be less than {lt}",
        "less_than_equal": "must be at most {le}",
        "multiple_of": "must be a multiple of {multiple_of}",
        "string_type": "must be a string",
        "string_unicode": "must be valid Unicode text",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "must have at most {max_length} characters",
        "string_pattern_mismatch": "does not have the required form",
        "list_type": "must be a list",
        "tuple_type": "must be a list",
        "set_type": "must be a list",
        "frozen_set_type": "must be a list",
        "too_short": "must have at least {min_length} items",
        "too_long": "must have at most {max_length} items",
        "dict_type": "must be an object",
        "mapping_type": "must be an object",
        "model_type": "must be an object",
        "model_attributes_type": "must be an object",
        "enum": "must be one of {expected}",
        "literal_error": "must be one of {expected}",
        "union_tag_not_found": "needs the field {discriminator}",
        "union_tag_invalid": "must have a {discriminator} that is one of {expected_tags}",
        "uuid_type": "must be a UUID",
        "uuid_parsing": "must be a UUID",
        "date_type": "must be a date, such as 2026-05-31",
        "date_parsing": "must be a date, such as 2026-05-31",
        "date_from_datetime_parsing": "must be a date, such as 2026-05-31",
        "date_from_datetime_inexact": "must be a date without a time, such as 2026-05-31",
        "datetime_type": "must be a time, such as 2026-05-31T18:00:00Z",
        "datetime_parsing": "must be a time, such as 2026-05-31T18:00:00Z",
        "datetime_object_invalid": "must be a time, such as 2026-05-31T18:00:00Z",
        "datetime_from_date_parsing": "must be a time, such as 2026-05-31T18:00:00Z",
        "timezone_aware": "must be a time with a time zone, such as 2026-05-31T18:00:00Z",
        "url_type": "must be a URL",
        "url_parsing": "must be a URL",
        "bytes_type": "must be a file or a string",
        "value_error": "breaks the rule that the message states",
        "json_invalid": "The body is not valid JSON",
    }
)
"""The rule in a message, by the type of Pydantic's error. The field precedes it, and the value follows it."""

_WITHOUT_VALUE = frozenset({"missing", "extra_forbidden", "json_invalid", "nul_character", "union_tag_not_found"})


def input_error(item: Mapping[str, Any], *, model: Any = None) -> dict[str, str]:
    """Return one entry of `errors` for one error of Pydantic; `model` is the model of the request's body."""
    source, path = (str(item["loc"][0]), item["loc"][1:]) if item["loc"] else (_BODY, ())
    steps = [str(step) for step in path]
    pointer = "".join(map(_pointer_step, steps)) if source == _BODY else "/".join(steps)
    known = [*item.get("ctx", {}).get("known", ()), *_field_names(model, path[:-1])]
    return {"pointer": pointer, "code": str(item["type"]), "message": _message(item, source, path, known)}


def _message(item: Mapping[str, Any], source: str, path: Sequence[int | str], known: Sequence[str]) -> str:
    rule = _rule(item)
    if not path and not re.match("must|needs|is ", rule):
        return _sentence(rule)
    name = f"`{_display_name(path)}`" if path else "The body"
    if item["type"] == "extra_forbidden":
        rule = rule if source == _BODY else "is not a parameter of this request"
        similar = get_close_matches(str(path[-1]), known, n=1)
        return f"{name} {rule}" + (f"; did you mean `{similar[0]}`?" if similar else "")
    # A complete sentence follows the field after a colon.
    separator = " " if rule[:1].islower() else ": "
    value = None if item["type"] in _WITHOUT_VALUE else _display_value(item["type"], item.get("input"), path)
    return f"{name}{separator}{rule}" + (f", got {value}" if value is not None and separator == " " else "")


def _rule(item: Mapping[str, Any]) -> str:
    kind, context = str(item["type"]), dict(item.get("ctx") or {})
    if kind == "value_error":
        return str(context.get("error", item["msg"])).removeprefix("Value error, ")
    if "message" in context or kind not in MESSAGES or (kind == "json_invalid" and "error" not in context):
        return str(item["msg"])
    if {kind, context.get("min_length")} in ({"string_too_short", 1}, {"too_short", 1}):
        return "must not be empty"
    for name in ("expected", "expected_tags"):
        if name in context:
            context[name] = _alternatives(str(context[name]))
    rule = MESSAGES[kind].format(**context)
    return re.sub(r"\b1 (character|item|digit|decimal place)s\b", r"1 \1", rule).replace("one of only ", "")


def _alternatives(expected: str) -> str:
    """Return Pydantic's `'a', 'b' or 'c'` as `a, b, c`; a single one as `only a`."""
    values = _LITERAL.findall(expected) or expected.replace(" or ", ", ").split(", ")
    return ", ".join(values) if len(values) > 1 else f"only {values[0]}"


def _display_name(path: Sequence[int | str]) -> str:
    """Return a path such as `items[0].price.amount`."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{_shorten(step)}" for step in path]
    return "".join(steps).removeprefix(".").replace("`", "'")


def _display_value(kind: str, value: Any, path: Sequence[int | str]) -> str | None:
    """Return the value for a message; None if it is secret or personal."""
    if any(redact(str(step), "") == REDACTED for step in path):
        return None
    if kind in {"string_too_short", "string_too_long", "too_short", "too_long"}:
        return str(len(value)) if value else None
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, str):
        return None if REDACTED in redact_text(value) else _quote(value)
    return json.dumps(value) if value is None or isinstance(value, (bool, int, float)) else None


def _quote(text: str) -> str:
    text = _shorten(text)
    return json.dumps(text, ensure_ascii=not text.isprintable())


def _shorten(text: str) -> str:
    return text if len(text) <= MAX_VALUE_CHARACTERS else f"{text[:MAX_VALUE_CHARACTERS]}…"


def _sentence(rule: str) -> str:
    return rule[:1].upper() + rule[1:]


def _pointer_step(step: str) -> str:
    """Return one step of a JSON pointer (RFC 6901)."""
    return "/" + step.replace("~", "~0").replace("/", "~1")


def _field_names(annotation: Any, path: Sequence[int | str]) -> list[str]:
    """Return the names of the fields at a path into a model; empty if the path leads out of models."""
    models = list(_models(annotation))
    if not path:
        return [field.alias or name for model in models for name, field in model.model_fields.items()]
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return _field_names(annotation, rest)
    inner = [model.model_fields[step].annotation for model in models if step in model.model_fields]
    return [name for part in inner for name in _field_names(part, rest)]


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """Yield the models that an annotation such as `list[Line] | None` allows."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
