"""Parameters as a reader wants them: described, and in words of JSON Schema alone."""

from collections.abc import Mapping

from luxewin.pages.openapi.operations import Json, Operation

_MEANINGS: Mapping[str, str] = {
    "limit": "How many items a page holds",
    "cursor": "Where to go on: the `next_cursor` of the page before",
    "sort": "Order of the list; a `-` in front turns it around",
    "gateway": "Name of the gateway",
}
_WORDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}
"""What Pydantic calls a bound that is given for a choice of types."""

_NULL = {"type": "null"}


def tidy_parameters(operation: Operation) -> None:
    """Describe what is called the same everywhere, and mend the schemas."""
    for parameter in operation.parameters:
        if "$ref" in parameter:
            continue
        parameter["schema"] = _schema(parameter["schema"])
        if not parameter.get("description"):
            parameter["description"] = _meaning(parameter)


def _schema(schema: Json) -> Json:
    """A parameter that is left out has no value; so it is optional, but never null."""
    tidy = {_WORDS.get(word, word): value for word, value in schema.items() if word not in {"title", "description"}}
    options = [_schema(option) for option in tidy.pop("anyOf", ()) if option != _NULL]
    if len(options) == 1:
        return {**options[0], **tidy}
    return {"anyOf": options, **tidy} if options else tidy


def _meaning(parameter: Json) -> str:
    name: str = parameter["name"]
    if name in _MEANINGS:
        return _MEANINGS[name]
    if parameter["in"] != "path":
        return ""
    thing = name.removesuffix("_id").replace("_", " ")
    return f"Id of the {thing}" if name.endswith("_id") else f"Id or slug of the {thing}"
