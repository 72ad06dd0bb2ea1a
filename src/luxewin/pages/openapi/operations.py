"""The operations of a document, and resolving its references."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document; `content` is the part of the document itself, not a copy."""

    method: str
    path: str
    content: Json

    @property
    def name(self) -> str:
        """The method and path."""
        return f"{self.method.upper()} {self.path}"

    @property
    def writes(self) -> bool:
        """True if the operation can change data."""
        return self.method != "get"

    @property
    def parameters(self) -> list[Json]:
        """The parameters; the list can be extended."""
        parameters: list[Json] = self.content.setdefault("parameters", [])
        return parameters

    @property
    def responses(self) -> dict[str, Json]:
        """The responses by status."""
        responses: dict[str, Json] = self.content["responses"]
        return responses

    @property
    def successes(self) -> dict[str, Json]:
        """The responses with a status of 2xx."""
        return {status: answer for status, answer in self.responses.items() if status.startswith("2")}


def operations(document: Json) -> Iterator[Operation]:
    """Yield every operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method])


def resolve(schema: Json, document: Json) -> Json:
    """Return the schema that a reference refers to, or the schema itself if it is no reference."""
    while "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema
