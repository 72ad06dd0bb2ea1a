"""Schemas in the dialect of OpenAPI 3.0: what fits the newer one fits the older."""

from typing import Any

import pytest

from luxewin.pages.openapi.older import as_openapi_3_0, older_schema


@pytest.mark.parametrize(
    ("newer", "older"),
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
def test_each_word_has_its_older_counterpart(newer: Any, older: Any) -> None:
    assert older_schema(newer) == older


def test_examples_are_values_and_stay_as_they_are() -> None:
    value = {"schema": {"type": ["string", "null"]}, "const": 1}
    paths = {"/a": {"get": {"responses": {"200": {"content": {"application/json": {"example": value}}}}}}}
    older = as_openapi_3_0({"openapi": "3.1.0", "info": {"title": "A", "version": "1"}, "paths": paths})
    assert older["paths"] == paths


def test_what_the_older_version_does_not_know_is_left_out() -> None:
    info = {"title": "A", "version": "1", "summary": "S", "license": {"name": "L", "identifier": "I"}}
    newer = {"openapi": "3.1.0", "info": info, "paths": {}, "webhooks": {"paid": {}}, "components": {"pathItems": {}}}
    assert as_openapi_3_0(newer) == {
        "openapi": "3.0.3",
        "info": {"title": "A", "version": "1", "license": {"name": "L"}},
        "paths": {},
        "components": {},
    }
