"""The shared fixtures of the tests: those defined in a conftest or a pytest plugin."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.architecture.tree import ROOT

PLUGINS = (ROOT / "tests" / "running.py",)


class Fixture(NamedTuple):
    """A fixture: its name, the folder whose tests can request it, and its scope."""

    name: str
    folder: str
    scope: str


def shared_fixtures() -> Iterator[Fixture]:
    """Yield every fixture that is available to more than one file."""
    for path in [*(ROOT / "tests").rglob("conftest.py"), *PLUGINS]:
        folder = str(path.parent.relative_to(ROOT))
        yield from fixtures_in(path, folder)


def fixtures_in(path: Path, folder: str) -> Iterator[Fixture]:
    """Yield the fixtures that a file defines, without imported ones."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            for decorator in node.decorator_list:
                if ast.unparse(decorator).startswith("pytest.fixture"):
                    yield Fixture(node.name, folder, _scope(decorator))


def _scope(decorator: ast.expr) -> str:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else []
    scopes = [keyword.value.value for keyword in keywords if isinstance(keyword.value, ast.Constant)]
    named = [keyword.arg for keyword in keywords]
    return str(scopes[named.index("scope")]) if "scope" in named else "function"
