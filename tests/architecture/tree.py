"""The source tree of the project, parsed for the architecture tests."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

_TABLE = re.compile(r'\b(?:tenant_table|Table)\(\s*"(\w+)"')
ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "luxewin"


@dataclass(frozen=True)
class Source:
    """A Python file: its path relative to the root, and its text."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.text, filename=str(self.path))

    @cached_property
    def comments(self) -> list[tuple[int, str]]:
        """Every comment with its line; strings are not comments."""
        tokens = tokenize.generate_tokens(io.StringIO(self.text).readline)
        return [(token.start[0], token.string) for token in tokens if token.type == tokenize.COMMENT]

    @property
    def is_shipped(self) -> bool:
        """True if it is part of the program, not of its tests."""
        return self.path.parts[:2] == ("src", "luxewin")

    @property
    def module_and_layer(self) -> tuple[str, str] | None:
        """The module and the layer this file belongs to: `("orders", "repository")`."""
        match self.path.with_suffix("").parts:
            case ("src", "luxewin", "modules", module, layer, *_):
                return module, layer
            case _:
                return None

    def at(self, line: int, violation: str) -> str:
        """Return a violation as `path:line: text`, which editors can open."""
        return f"{self.path}:{line}: {violation}"


@cache
def table_owners() -> dict[str, str]:
    """Map each table to the module whose `models` declare it."""
    owners = {}
    for source in sources():
        if source.module_and_layer is not None and source.module_and_layer[1] == "models":
            for name in _TABLE.findall(source.text):
                owners[name] = source.module_and_layer[0]
    return owners


def sources() -> Iterator[Source]:
    """Yield every Python file of the program, its tests and its benchmarks."""
    for folder in ("src", "tests", "bench"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield Source(path.relative_to(ROOT), path.read_text(encoding="utf-8"))


def settings() -> dict[str, Any]:
    """Read pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def contracts() -> dict[str, dict[str, Any]]:
    """Read the import contracts by their id."""
    return {contract["id"]: contract for contract in settings()["tool"]["importlinter"]["contracts"]}


@cache
def declared(contract: str) -> frozenset[str]:
    """Return the names that a contract of layers declares: all layers, or all modules."""
    layers = " | ".join(contracts()[contract]["layers"])
    return frozenset(name.strip(" ()") for name in layers.split("|"))
