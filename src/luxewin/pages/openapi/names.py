"""Names of schemas that are valid class names in generated clients: `OrdersPaymentView`, `ProductViewPage`."""

import re
from typing import Any

from luxewin.pages.openapi.operations import Json

_PREFIX = "#/components/schemas/"
_OF_A_MODULE = re.compile(r"luxewin__\w+?__(?P<module>[a-z_]+?)__\w*__(?P<name>[A-Z]\w*)")
_PAGE = re.compile(r"Page_(?P<name>\w+)_")


def with_short_names(document: Json) -> Json:
    """Return the document with short names of schemas: without the module path, and without brackets."""
    schemas = document["components"]["schemas"]
    names = {name: _short(name) for name in schemas}
    assert len(set(names.values())) == len(names), "no two schemas share a name"
    renamed: Json = _rename(document, {_PREFIX + name: _PREFIX + short for name, short in names.items()})
    described = renamed["components"]["schemas"]
    # Generators name a class after the title, so that two schemas of one title would lose one of them.
    renamed["components"]["schemas"] = {
        names[name]: {**schema, "title": names[name]} for name, schema in described.items()
    }
    return renamed


def _short(name: str) -> str:
    if page := _PAGE.fullmatch(name):
        return f"{_short(page['name'])}Page"
    if found := _OF_A_MODULE.fullmatch(name):
        return f"{found['module'].title().replace('_', '')}{found['name']}"
    return name


def _rename(node: Any, references: dict[str, str]) -> Any:
    if isinstance(node, list):
        return [_rename(item, references) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        name: references.get(value, value) if name == "$ref" else _rename(value, references)
        for name, value in node.items()
    }
