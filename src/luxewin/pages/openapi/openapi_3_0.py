"""The document in OpenAPI 3.0, whose schemas are an older dialect of JSON Schema.

Constraints that the older dialect cannot express are left out, so every value that is valid in 3.1 is valid in 3.0.
"""

from typing import Any

from luxewin.pages.openapi.operations import Json

_UNKNOWN_KEYWORDS = frozenset(
    {
        "$comment", "$defs", "$id", "$schema", "contains", "contentEncoding", "contentMediaType", "contentSchema",
        "dependentRequired", "dependentSchemas", "else", "if", "maxContains", "minContains", "patternProperties",
        "prefixItems", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
_VALUES = frozenset({"example", "examples"})
"""Members of the document that hold values, not schemas."""

_FORMATS = {"base64": "byte", "application/octet-stream": "binary"}
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_NULL = {"nullable": True, "enum": [None]}


def to_openapi_3_0(document: Json) -> Json:
    """Return the document in OpenAPI 3.0.3, without webhooks, which that version does not have."""
    info = {name: value for name, value in document["info"].items() if name != "summary"}
    if "license" in info:
        info["license"] = {name: value for name, value in info["license"].items() if name != "identifier"}
    content = {name: value for name, value in document.items() if name not in {"webhooks", "jsonSchemaDialect"}}
    return {**_convert(content), "openapi": "3.0.3", "info": info}


def to_schema_3_0(schema: Any) -> Json:
    """Return a schema of JSON Schema 2020-12 in the dialect of OpenAPI 3.0."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    older = {word: _keyword(word, value) for word, value in schema.items() if word not in _UNKNOWN_KEYWORDS}
    if "$ref" in older and len(older) > 1:
        older["allOf"] = [{"$ref": older.pop("$ref")}]
    if isinstance(older.get("type"), list):
        older["anyOf"] = [to_schema_3_0({"type": name}) for name in older.pop("type")]
    if older.get("type") == "null":
        older = {**older, **_NULL}
        del older["type"]
    for exclusive in _BOUNDS.keys() & older.keys():
        older |= {_BOUNDS[exclusive]: older[exclusive], exclusive: True}
    if "const" in older:
        older["enum"] = [older.pop("const")]
    if examples := older.pop("examples", None):
        older.setdefault("example", examples[0])
    if encoding := _FORMATS.get(schema.get("contentEncoding", schema.get("contentMediaType"))):
        older["format"] = encoding
    if older.get("type") == "array":
        older.setdefault("items", _items(schema.get("prefixItems", [])))
    return _nullable(older)


def _convert(node: Any) -> Any:
    """Return a part of the document; its schemas are the members `schema` and `schemas`."""
    if isinstance(node, list):
        return [_convert(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted: Json = {}
    for name, value in node.items():
        if name == "schema":
            converted[name] = to_schema_3_0(value)
        elif name == "schemas":
            converted[name] = {key: to_schema_3_0(schema) for key, schema in value.items()}
        elif name not in {"itemSchema", "pathItems"}:
            converted[name] = value if name in _VALUES else _convert(value)
    return converted


def _keyword(word: str, value: Any) -> Any:
    """Return the value of a keyword, with the schemas in it converted."""
    match word:
        case "properties":
            return {name: to_schema_3_0(schema) for name, schema in value.items()}
        case "allOf" | "anyOf" | "oneOf":
            return [to_schema_3_0(schema) for schema in value]
        case "items" | "not":
            return to_schema_3_0(value)
        case "additionalProperties" if not isinstance(value, bool):
            return to_schema_3_0(value)
    return value


def _items(positions: list[Any]) -> Json:
    """Return one schema for the items of a tuple: 3.0 has no schema for each position."""
    options: list[Json] = []
    for option in map(to_schema_3_0, positions):
        if option not in options:
            options.append(option)
    return options[0] if len(options) == 1 else {"anyOf": options} if options else {}


def _nullable(schema: Json) -> Json:
    """Return a schema in which `nullable` represents the option null, also in an enumeration."""
    for choice in ("anyOf", "oneOf"):
        options: list[Json] = schema.get(choice, [])
        others = [option for option in options if option != _NULL]
        if len(others) == len(options):
            continue
        schema = {**schema, choice: others, "nullable": True}
        if len(others) <= 1:
            del schema[choice]
        if len(others) == 1:
            schema = {**({"allOf": others} if "$ref" in others[0] else others[0]), **schema}
    if schema.get("nullable") and None not in schema.get("enum", [None]):
        schema["enum"] = [*schema["enum"], None]
    return schema
