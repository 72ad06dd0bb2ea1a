"""Examples of bodies: declared by the models, or composed from their parts for lists and wrappers."""

import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from luxewin.kit.http.examples import NAMED_EXAMPLES
from luxewin.pages.openapi.operations import Json, Operation, resolve

NamedExamples = Mapping[str, Mapping[str, Any]]
"""Examples by the name of their schema and by their summary."""

_A_FILE = "The file"
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CLAUSE_END = re.compile(r"[;:]\s|\.(?:\s|$)")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_DEEPEST = 12
_FILE = "(the bytes of the file)"
_PLAIN_TYPES = frozenset({"string", "integer", "number", "boolean"})
_TYPE_KEYWORDS = frozenset({"type", "anyOf", "oneOf", "allOf", "$ref", "const", "enum"})
"""Keywords that restrict the type of a value; a schema without any allows every type."""


class _Missing:
    """No example exists; unlike None, which is a value."""


MISSING: Final = _Missing()


def restore_examples(document: Json) -> NamedExamples:
    """Restore the examples of every schema as the model declares them; return those that have a name, by schema."""
    named: dict[str, Mapping[str, Any]] = {}
    for name, schema in document["components"]["schemas"].items():
        if NAMED_EXAMPLES in schema:
            named[name] = orjson.loads(schema.pop(NAMED_EXAMPLES))
            schema["examples"] = [*named[name].values()]
        elif "examples" in schema:
            schema["examples"] = _examples_of(schema, document)
    return named


def add_examples(operation: Operation, document: Json, named: NamedExamples) -> None:
    """Add examples with names and summaries to the request body and to successful responses.

    A schema with several examples must name them.
    """
    contents = [operation.content.get("requestBody", {}), *operation.successes.values()]
    for media in (media for content in contents for media in content.get("content", {}).values()):
        schema = _first_option(media.get("schema", {}), document)
        title = schema.get("title", "")
        examples = named.get(title)
        if examples is not None:
            media["examples"] = {_key(summary): _example(summary, value) for summary, value in examples.items()}
        elif values := _examples_of(schema, document):
            assert len(values) == 1, f"{title} has several examples, and `named_examples` would name them"
            media["examples"] = {_key(_noun(title)): _example(_summary(schema), values[0])}


def compose(schema: Json, document: Json, *, depth: int = 0) -> Any:
    """Return an example of a schema: its own, or one composed from its parts; `MISSING` if a part has none."""
    schema = resolve(schema, document)
    if schema.get("examples"):
        return schema["examples"][0]
    for word in ("example", "const", "default"):
        if word in schema:
            return schema[word]
    if schema.get("enum"):
        return schema["enum"][0]
    if depth == _DEEPEST:
        return MISSING
    return _of_parts(schema, document, depth=depth + 1)


def is_file(schema: Json) -> bool:
    """Return whether a schema describes the bytes of a file."""
    return schema.get("contentMediaType") == "application/octet-stream" or schema.get("format") == "binary"


def _first_option(schema: Json, document: Json) -> Json:
    """Return the schema, or the first of the schemas that it allows."""
    schema = resolve(schema, document)
    return resolve(schema["anyOf"][0], document) if "anyOf" in schema else schema


def _example(summary: str, value: Any) -> Json:
    return {"summary": summary, "value": value}


def _summary(schema: Json) -> str:
    """Return the first clause of a schema's description."""
    return _CLAUSE_END.split(schema.get("description", _A_FILE), maxsplit=1)[0].replace("\n", " ")


def _noun(title: str) -> str:
    """Return the title in words: `ProductViewPage` is a product page."""
    return _CAPITAL.sub(" ", title.replace("View", "")) or "file"


def _key(text: str) -> str:
    return _NO_LETTERS.sub("_", text.lower()).strip("_")


def _examples_of(schema: Json, document: Json) -> list[Any]:
    own: list[Any] = resolve(schema, document).get("examples", [])
    examples = own or [example for example in (compose(schema, document),) if example is not MISSING]
    return [_restore(example, schema, document) for example in examples]


def _restore(example: Any, schema: Json, document: Json) -> Any:
    """Return the example with its members in the order of the schema, including those that are null.

    The framework sorts the members by name and drops every null.
    """
    schema = resolve(schema, document)
    if isinstance(example, list):
        return [_restore(item, schema.get("items", {}), document) for item in example]
    if not isinstance(example, dict):
        return example
    for option in schema.get("anyOf", ()):
        if example.keys() <= resolve(option, document).get("properties", {}).keys():
            return _restore(example, option, document)
    parts: Mapping[str, Json] = schema.get("properties", {})
    lost = {name for name in schema.get("required", ()) if name not in example and _may_be_null(parts[name])}
    names = [name for name in parts if name in example or name in lost] + [
        name for name in example if name not in parts
    ]
    return {name: _restore(example.get(name), parts.get(name, {}), document) for name in names}


def _may_be_null(schema: Json) -> bool:
    return not schema.keys() & _TYPE_KEYWORDS or any(
        option.get("type") == "null" for option in schema.get("anyOf", [schema])
    )


def _of_parts(schema: Json, document: Json, *, depth: int) -> Any:
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            examples = (compose(part, document, depth=depth) for part in schema[choice])
            return next((example for example in examples if example is not MISSING), MISSING)
    match schema.get("type"):
        case "null":
            return None
        case "string" if is_file(schema):
            return _FILE
        case "array":
            return _of_items(resolve(schema.get("items", {}), document), document, depth=depth)
        case "object" if schema.get("properties"):
            return _of_properties(schema["properties"], document, depth=depth)
    return MISSING


def _of_items(schema: Json, document: Json, *, depth: int) -> Any:
    """Return a list with one item; for plain values without an example an empty list."""
    item = compose(schema, document, depth=depth)
    if item is not MISSING:
        return [item]
    return [] if schema.get("type") in _PLAIN_TYPES else MISSING


def _of_properties(properties: Mapping[str, Json], document: Json, *, depth: int) -> Any:
    values = {name: compose(part, document, depth=depth) for name, part in properties.items()}
    return MISSING if MISSING in values.values() else values
