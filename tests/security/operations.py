"""All operations of the OpenAPI document, from which the tests of permissions and input are generated."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

COMMITTED = Path(__file__).parents[2] / "docs" / "api" / "openapi.json"
_PARAMETER = re.compile(r"\{(\w+)\}")
_JSON = "application/json"
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Operation:
    """A method and a path, with their declaration in the document."""

    method: str
    path: str
    declared: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def roles(self) -> frozenset[str]:
        """The roles that may call it; a super admin always may."""
        return frozenset(self.declared["x-roles"]) | {"super_admin"}

    @property
    def is_read(self) -> bool:
        """True if it is a read."""
        return self.method == "GET"

    @property
    def places(self) -> tuple[str, ...]:
        """The names of the parameters in its path."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def queries(self) -> Mapping[str, Mapping[str, Any]]:
        """The schemas of its query parameters, by name."""
        return {
            parameter["name"]: parameter["schema"]
            for parameter in map(resolve, self.declared.get("parameters", ()))
            if parameter["in"] == "query"
        }

    @property
    def is_upload(self) -> bool:
        """True if its body is a multipart form with a file."""
        return MULTIPART in self._contents

    @property
    def body(self) -> Mapping[str, Any] | None:
        """The schema of its JSON body, if it has one."""
        content = self._contents.get(_JSON)
        if content is None:
            return None
        choices = content["schema"].get("anyOf", [content["schema"]])
        return resolve(choices[0])

    @property
    def example(self) -> Any:
        """The example of its JSON body in the documentation."""
        body = self.body
        return None if body is None else body["examples"][0]

    def at(self, values: Mapping[str, str]) -> str:
        """Return the path with its parameters filled in."""
        return _PARAMETER.sub(lambda match: values[match[1]], self.path)

    @property
    def _contents(self) -> Mapping[str, Any]:
        contents: Mapping[str, Any] = self.declared.get("requestBody", {}).get("content", {})
        return contents


@cache
def document() -> dict[str, Any]:
    """Return the committed OpenAPI document; generating it takes seconds."""
    declared: dict[str, Any] = orjson.loads(COMMITTED.read_bytes())
    return declared


@cache
def operations() -> tuple[Operation, ...]:
    """Return every operation of the program."""
    return tuple(
        Operation(method.upper(), path, declared)
        for path, methods in document()["paths"].items()
        for method, declared in methods.items()
    )


def operation_of(method: str, path: str) -> Operation:
    """Return the operation that serves a URL path; fixed paths have precedence over those with parameters."""
    return min((one for one in operations_at(path) if one.method == method), key=lambda one: len(one.places))


def operations_at(path: str) -> list[Operation]:
    """Return all operations whose path template matches a URL path."""
    return [one for one in operations() if re.fullmatch(_PARAMETER.sub("[^/]+", one.path), path)]


def resolve(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the schema, parameter or response that a reference refers to."""
    while "$ref" in part:
        kind, name = part["$ref"].removeprefix("#/components/").split("/")
        part = document()["components"][kind][name.replace("~1", "/")]
    return part


def leaves(schema: Mapping[str, Any], pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield every value of a schema that is neither an object nor a list, with its pointer (`*` for any member)."""
    schema = resolve(schema)
    choices = schema.get("anyOf") or schema.get("oneOf")
    if choices:
        for choice in choices:
            yield from leaves(choice, pointer)
    elif schema.get("type") == "object" or "properties" in schema:
        for name, member in schema.get("properties", {}).items():
            yield from leaves(member, f"{pointer}/{name}")
        if isinstance(schema.get("additionalProperties"), Mapping):
            yield from leaves(schema["additionalProperties"], f"{pointer}/*")
    elif schema.get("type") == "array":
        yield from leaves(schema["items"], f"{pointer}/*")
    else:
        yield pointer, schema
