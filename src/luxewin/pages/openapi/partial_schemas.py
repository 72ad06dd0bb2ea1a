"""Schemas of partial responses: an operation that takes `fields` returns its objects with some of their fields."""

from luxewin.kit.http.sparse_fields import ID, PARTIAL_JSON
from luxewin.pages.openapi.operations import Json, Operation, resolve

_PREFIX = "#/components/schemas/"
_COMPLETE, _PARTIAL = "View", "Partial"


def describe_partial_responses(operation: Operation, document: Json) -> None:
    """Describe the partial response of an operation that takes `fields`, under a media type of its own.

    Generated clients so have a type for each of the two: with all fields required, and with none required but the id.
    """
    if all(parameter.get("name") != "fields" for parameter in operation.parameters):
        return
    for answer in operation.successes.values():
        complete = answer.get("content", {}).get("application/json")
        if complete is not None:
            answer["content"][PARTIAL_JSON] = {"schema": _partial(complete["schema"], document)}


def _partial(reference: Json, document: Json) -> Json:
    """Return a reference to the partial schema of an object, or of what contains a list of objects as its `data`."""
    schema = resolve(reference, document)
    title: str = schema["title"].replace(_COMPLETE, _PARTIAL)
    properties: Json = schema["properties"]
    if ID in properties:
        partial = {**schema, "required": [ID], "description": f"Some fields. {schema['description']}"}
    else:
        items = {"type": "array", "items": _partial(properties["data"]["items"], document), "title": "Data"}
        partial = {**schema, "properties": {**properties, "data": items}}
        partial.pop("examples", None)
    document["components"]["schemas"][title] = {**partial, "title": title}
    return {"$ref": _PREFIX + title}
