"""Parameters with a description, and with schemas in JSON Schema only."""

from collections.abc import Mapping

from luxewin.pages.openapi.operations import Json, Operation

_DESCRIPTIONS: Mapping[str, str] = {
    "limit": "Number of items on a page",
    "cursor": "Position of the next page: the `next_cursor` of the page before",
    "sort": "Order of the list; a leading `-` reverses it",
    "gateway": "Name of the gateway",
}
_WORDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""Pydantic's names of limits on a union of types."""

_NULL = {"type": "null"}


def tidy_parameters(operation: Operation) -> None:
    """Describe the parameters that have the same meaning everywhere, and normalise the schemas."""
    for parameter in operation.parameters:
        if "$ref" in parameter:
            continue
        parameter["schema"] = _schema(parameter["schema"])
        if not parameter.get("description"):
            parameter["description"] = _description(parameter)


def _schema(schema: Json) -> Json:
    """Return the schema without null: a parameter is omitted, never null."""
    tidy = {_WORDS.get(word, word): value for word, value in schema.items() if word not in {"title", "description"}}
    options = [_schema(option) for option in tidy.pop("anyOf", ()) if option != _NULL]
    if len(options) == 1:
        return {**options[0], **tidy}
    return {"anyOf": options, **tidy} if options else tidy


def _description(parameter: Json) -> str:
    name: str = parameter["name"]
    if name in _DESCRIPTIONS:
        return _DESCRIPTIONS[name]
    if parameter["in"] != "path":
        return ""
    subject = name.removesuffix("_id").replace("_", " ")
    return f"Id of the {subject}" if name.endswith("_id") else f"Id or slug of the {subject}"
