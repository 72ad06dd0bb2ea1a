"""The operations of a document, and how references in it are followed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
METHODS = ("get", "put", "post", "delete", "patch")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a document; `content` is its part of the document, not a copy."""

    method: str
    path: str
    content: Json

    @property
    def name(self) -> str:
        """What the operation is called in a list."""
        return f"{self.method.upper()} {self.path}"

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "get"

    @property
    def parameters(self) -> list[Json]:
        """Its parameters, to be added to."""
        parameters: list[Json] = self.content.setdefault("parameters", [])
        return parameters

    @property
    def responses(self) -> dict[str, Json]:
        """Its answers by status."""
        responses: dict[str, Json] = self.content["responses"]
        return responses

    @property
    def successes(self) -> dict[str, Json]:
        """Its answers that say yes."""
        return {status: answer for status, answer in self.responses.items() if status.startswith("2")}


def operations(document: Json) -> Iterator[Operation]:
    """Yield every operation of a document."""
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                yield Operation(method, path, item[method])


def resolved(schema: Json, document: Json) -> Json:
    """Follow a reference into the document, if it is one."""
    while "$ref" in schema:
        target: Any = document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    return schema
