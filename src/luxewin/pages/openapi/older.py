"""The same document in OpenAPI 3.0, whose schemas are an older dialect: what it cannot say is said more loosely."""

from collections.abc import Mapping
from typing import Any

from luxewin.pages.openapi.operations import Json

_UNKNOWN_WORDS = frozenset(
    {
        "$comment", "$defs", "$id", "$schema", "contains", "contentEncoding", "contentMediaType", "contentSchema",
        "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains", "patternProperties",
        "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_VALUES = frozenset({"default", "enum", "example"})
"""Words whose content is a value, and no schema."""
_SCHEMA_MAPS = frozenset({"properties"})
_SCHEMA_LISTS = frozenset({"allOf", "anyOf", "oneOf"})
_SCHEMAS = frozenset({"items", "not", "additionalProperties"})
_NOT_A_SCHEMA_INSIDE = frozenset({"example", "examples"})
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_NULL = "null"


def as_openapi_3_0(document: Json) -> Json:
    """Return the document in OpenAPI 3.0.3; webhooks, which it does not know, are left out."""
    older: Json = {"openapi": "3.0.3", "info": _info(document["info"])}
    for part in ("servers", "tags", "paths", "security", "externalDocs"):
        if part in document:
            older[part] = _converted(document[part])
    if "components" in document:
        older["components"] = _components(document["components"])
    return older


def older_schema(schema: Any) -> Json:
    """Return a schema of JSON Schema 2020-12 in the dialect of OpenAPI 3.0; whatever fits the first fits the second."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if "$ref" in schema:
        return _reference(schema)
    older = {word: _part(word, value) for word, value in schema.items() if word not in _UNKNOWN_WORDS}
    _say_types(older)
    _say_nullable(older)
    _say_bounds(older)
    _say_values(older)
    if older.get("nullable") and None not in older.get("enum", [None]):
        older["enum"] = [*older["enum"], None]
    _say_binary(older, schema)
    if older.get("type") == "array" or "prefixItems" in schema:
        older["items"] = _items(schema, older)
    return older


def _info(info: Json) -> Json:
    kept = {name: value for name, value in info.items() if name != "summary"}
    if "license" in kept:
        kept["license"] = {name: value for name, value in kept["license"].items() if name != "identifier"}
    return kept


def _components(components: Json) -> Json:
    return {
        part: {name: older_schema(schema) for name, schema in content.items()}
        if part == "schemas"
        else _converted(content)
        if part != "examples"
        else content
        for part, content in components.items()
        if part != "pathItems"
    }


def _converted(node: Any) -> Any:
    if isinstance(node, list):
        return [_converted(item) for item in node]
    if not isinstance(node, Mapping):
        return node
    return {
        name: older_schema(value) if name == "schema" else value if name in _NOT_A_SCHEMA_INSIDE else _converted(value)
        for name, value in node.items()
        if name != "itemSchema"
    }


def _part(word: str, value: Any) -> Any:
    if word in _SCHEMA_MAPS:
        return {name: older_schema(schema) for name, schema in value.items()}
    if word in _SCHEMA_LISTS:
        return [older_schema(schema) for schema in value]
    if word == "additionalProperties" and isinstance(value, bool):
        return value
    if word in _SCHEMAS:
        return older_schema(value)
    return value


def _reference(schema: Json) -> Json:
    beside = {word: value for word, value in schema.items() if word != "$ref"}
    reference = {"$ref": schema["$ref"]}
    return {"allOf": [reference], **older_schema(beside)} if beside else reference


def _say_types(schema: Json) -> None:
    types = schema.get("type")
    if not isinstance(types, list):
        return
    del schema["type"]
    named = [name for name in types if name != _NULL]
    if _NULL in types:
        schema["nullable"] = True
    if len(named) == 1:
        schema["type"] = named[0]
    elif named:
        schema["anyOf"] = [{"type": name} for name in named]


def _say_nullable(schema: Json) -> None:
    if schema.get("type") == _NULL:
        del schema["type"]
        schema |= {"nullable": True, "enum": [None]}
    for choice in ("anyOf", "oneOf"):
        options: list[Json] = schema.get(choice, [])
        others = [option for option in options if option != {"nullable": True, "enum": [None]}]
        if len(others) == len(options):
            continue
        del schema[choice]
        if len(others) == 1:
            _absorb(schema, others[0])
        elif others:
            schema[choice] = others
        schema["nullable"] = True


def _absorb(schema: Json, only: Json) -> None:
    """Let the only option stand for the choice; a reference takes nothing beside itself, so it is wrapped."""
    if "$ref" in only:
        schema["allOf"] = [only]
        return
    for word, value in only.items():
        schema.setdefault(word, value)


def _say_bounds(schema: Json) -> None:
    for exclusive, plain in _BOUNDS.items():
        bound = schema.get(exclusive)
        if bound is not None and not isinstance(bound, bool):
            schema[plain] = bound
            schema[exclusive] = True


def _say_values(schema: Json) -> None:
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    examples = schema.pop("examples", None)
    if examples and "example" not in schema:
        schema["example"] = examples[0]


def _say_binary(older: Json, schema: Json) -> None:
    if schema.get("contentEncoding") == "base64":
        older["format"] = "byte"
    elif schema.get("contentMediaType") == "application/octet-stream":
        older["format"] = "binary"


def _items(schema: Json, older: Json) -> Json:
    positions = schema.get("prefixItems")
    if not positions:
        items: Json = older.get("items", {})
        return items
    options = [older_schema(position) for position in positions]
    return options[0] if all(option == options[0] for option in options) else {"anyOf": options}
