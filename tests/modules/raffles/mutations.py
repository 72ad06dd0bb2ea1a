"""Mutations of a JSON document: each value, key and order changed once."""

import copy
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def mutations(document: Any) -> Iterator[tuple[Path, Any]]:
    """Yield the path of each mutation, and the mutated document."""
    for path in _paths(document, ()):
        for changed in _changed(_at(document, path)):
            mutated = copy.deepcopy(document)
            if not path:
                yield path, changed
                continue
            _at(mutated, path[:-1])[path[-1]] = changed
            yield path, mutated


def _paths(value: Any, path: Path) -> Iterator[Path]:
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from _paths(inner, (*path, key))


def _at(document: Any, path: Path) -> Any:
    for key in path:
        document = document[key]
    return document


def _changed(value: Any) -> Iterator[Any]:
    match value:
        case bool():
            yield from (not value, int(value))
        case int():
            yield from (value + 1, value - 1, str(value), float(value))
        case str():
            yield from (value + "0", value[:-1], _other(value[:1]) + value[1:], value[:-1] + _other(value[-1:]))
            if value.upper() != value:
                yield value.upper()
        case None:
            yield from (0, "", {})
        case list():
            yield from (None, [*value, *value[-1:], 0])
            if len(value) > 1:
                yield from (value[::-1], [value[1], value[0], *value[2:]], value[:-1], [*value, value[-1]])
        case dict():
            for name in value:
                yield {key: inner for key, inner in value.items() if key != name}
                yield {("x" + key if key == name else key): inner for key, inner in value.items()}
            yield {**value, "extra": 1}
            yield dict(reversed(value.items()))


def _other(character: str) -> str:
    return "1" if character != "1" else "2"
