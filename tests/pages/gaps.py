"""The check that the description of every operation is complete."""

from collections.abc import Iterator

from luxewin.pages.openapi.operations import Json, Operation, operations, resolve


def gaps(document: Json) -> list[str]:
    """Return a line for everything that is missing in the description of an operation."""
    described = {tag["name"] for tag in document.get("tags", []) if tag.get("description")}
    found = [gap for operation in operations(document) for gap in _gaps_of(operation, document)]
    used = {tag for operation in operations(document) for tag in operation.content.get("tags", ["(none)"])}
    return found + [f"tag {tag}: no description" for tag in sorted(used - described)]


def _gaps_of(operation: Operation, document: Json) -> Iterator[str]:
    for word in ("summary", "description", "operationId"):
        if not operation.content.get(word, "").strip():
            yield f"{operation.name}: no {word}"
    for reference in operation.parameters:
        parameter = resolve(reference, document)
        if not parameter.get("description"):
            yield f"{operation.name}: parameter {parameter['name']} has no description"
    yield from _without_example(f"{operation.name}: body", operation.content.get("requestBody", {}))
    for status, reference in operation.responses.items():
        answer = resolve(reference, document)
        if not answer.get("description"):
            yield f"{operation.name}: answer {status} has no description"
        yield from _without_example(f"{operation.name}: answer {status}", answer)


def _without_example(place: str, content: Json) -> Iterator[str]:
    for media_type, media in content.get("content", {}).items():
        if not media.get("examples"):
            yield f"{place} has no example ({media_type})"
