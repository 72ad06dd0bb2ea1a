"""The conversion of schemas and documents to OpenAPI 3.0."""

from typing import Any

import pytest

from luxewin.pages.openapi.openapi_3_0 import to_openapi_3_0, to_schema_3_0


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "integer", "nullable": True}),
        (
            {"anyOf": [{"$ref": "#/a"}, {"type": "null"}], "description": "One or none"},
            {"allOf": [{"$ref": "#/a"}], "nullable": True, "description": "One or none"},
        ),
        (
            {"anyOf": [{"$ref": "#/a"}, {"$ref": "#/b"}, {"type": "null"}]},
            {"anyOf": [{"$ref": "#/a"}, {"$ref": "#/b"}], "nullable": True},
        ),
        (
            {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]},
            {"type": "string", "enum": ["a", None], "nullable": True},
        ),
        ({"type": "null"}, {"nullable": True, "enum": [None]}),
        ({"const": "Bearer", "type": "string"}, {"enum": ["Bearer"], "type": "string"}),
        ({"type": "integer", "exclusiveMinimum": 0}, {"type": "integer", "minimum": 0, "exclusiveMinimum": True}),
        ({"type": "integer", "exclusiveMaximum": 9}, {"type": "integer", "maximum": 9, "exclusiveMaximum": True}),
        ({"type": "string", "examples": ["a", "b"]}, {"type": "string", "example": "a"}),
        ({"$ref": "#/a", "description": "Beside"}, {"allOf": [{"$ref": "#/a"}], "description": "Beside"}),
        ({"$ref": "#/a"}, {"$ref": "#/a"}),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "maxItems": 2},
            {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "maxItems": 2},
        ),
        (
            {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}]},
            {"type": "array", "items": {"type": "string"}},
        ),
        ({"type": "array"}, {"type": "array", "items": {}}),
        (
            {"type": "string", "contentMediaType": "application/octet-stream"},
            {"type": "string", "format": "binary"},
        ),
        ({"type": "string", "contentEncoding": "base64"}, {"type": "string", "format": "byte"}),
        (
            {"type": "object", "additionalProperties": {"type": ["integer", "null"]}},
            {"type": "object", "additionalProperties": {"type": "integer", "nullable": True}},
        ),
        ({"type": "object", "additionalProperties": False}, {"type": "object", "additionalProperties": False}),
        (
            {"type": "object", "properties": {"const": {"const": 1}}},
            {"type": "object", "properties": {"const": {"enum": [1]}}},
        ),
        (True, {}),
        (False, {"not": {}}),
    ],
)
def test_a_schema_is_converted(schema: Any, expected: Any) -> None:
    assert to_schema_3_0(schema) == expected


def test_examples_are_not_converted() -> None:
    value = {"schema": {"type": ["string", "null"]}, "const": 1}
    paths = {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"example": value}}}}}}}
    expected = to_openapi_3_0({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths})
    assert expected["paths"] == paths


def test_what_openapi_3_0_does_not_have_is_left_out() -> None:
    info = {"title": "A", "version": "1", "summary": "S", "license": {"name": "L", "identifier": "I"}}
    schema = {"openapi": "3.1.0", "info": info, "paths": {}, "webhooks": {"paid": {}}, "components": {"pathItems": {}}}
    assert to_openapi_3_0(schema) == {
        "openapi": "3.0.3",
        "info": {"title": "A", "version": "1", "license": {"name": "L"}},
        "paths": {},
        "components": {},
    }
