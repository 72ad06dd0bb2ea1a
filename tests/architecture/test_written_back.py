"""Whatever a resource shows can be sent back to it: each field of GET is in the body of PUT, or read-only there."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

DOCUMENT: dict[str, Any] = json.loads((Path(__file__).parents[2] / "docs/api/openapi.json").read_text())
COVERED = {
    "/categories/{category}",
    "/collections/{collection}",
    "/play",
    "/product-types/{type_id}",
    "/products/{product}",
    "/raffles/{raffle_id}",
    "/users/{user_id}",
}
"""Paths with GET and PUT; tests named `…written_back…` send each response to a read back to its resource."""
PARTIAL = {"/cart"}
"""Paths whose PUT changes only the fields of its body: the items of a cart have operations of their own."""


def _both() -> list[str]:
    both = {path for path, operations in DOCUMENT["paths"].items() if {"get", "put"} <= operations.keys()}
    return sorted(both - {f"/api/v1{path}" for path in PARTIAL})


def _resolved(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the object schema that this schema refers to, also as one of several types or as the items of a list."""
    while True:
        if "$ref" in schema:
            schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "items" in schema:
            schema = schema["items"]
        elif any("$ref" in each or "items" in each for each in schema.get("anyOf", ())):
            schema = next(each for each in schema["anyOf"] if "$ref" in each or "items" in each)
        else:
            return schema


def _missing(shown: Mapping[str, Any], accepted: Mapping[str, Any], at: str = "") -> Iterator[str]:
    shown, accepted = _resolved(shown), _resolved(accepted)
    for name, schema in shown.get("properties", {}).items():
        counterpart = accepted.get("properties", {}).get(name)
        if counterpart is None:
            yield f"{at}/{name}"
        elif not counterpart.get("readOnly") and _resolved(counterpart).get("properties"):
            yield from _missing(schema, counterpart, f"{at}/{name}")


def test_every_resource_that_can_be_replaced_is_covered() -> None:
    assert {path.removeprefix("/api/v1") for path in _both()} == COVERED


@pytest.mark.parametrize("path", _both())
def test_every_field_that_is_shown_is_in_the_body(path: str) -> None:
    operations = DOCUMENT["paths"][path]
    shown = operations["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    accepted = operations["put"]["requestBody"]["content"]["application/json"]["schema"]
    assert list(_missing(shown, accepted)) == []
