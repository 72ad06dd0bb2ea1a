"""The message of every start-up and backup error, collected from the source of the program."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import sources

_RAISED = {"StartupError", "BackupError"}
_MESSAGE_FUNCTIONS = {"_remedy", "_find_unsafe", "fault"}
"""Functions that return or yield messages for another function to raise."""
_MESSAGE_TABLES = {"_REMEDIES"}
_GAP = "…"
_PLACEHOLDER = re.compile(r"\{\w+\}")
_SETTING = re.compile(r"^LUXEWIN_[A-Z_]+: ")


def causes() -> Iterator[tuple[str, str]]:
    """Yield the location of each message and the part that names the cause, with `…` for inserted values."""
    for source in sources():
        if source.is_shipped:
            for node in _messages(source.tree):
                yield source.at(node.lineno, ""), _cause(_template(node))


def _messages(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RAISED:
            yield from (argument for argument in node.args[:1] if _names_a_cause(argument))
        if isinstance(node, ast.FunctionDef) and node.name in _MESSAGE_FUNCTIONS:
            yield from (value for value in map(_returned_or_yielded, ast.walk(node)) if value is not None)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in _MESSAGE_TABLES:
            yield from (text for text in ast.walk(node) if isinstance(text, ast.Constant) and _names_a_cause(text))


def _returned_or_yielded(node: ast.AST) -> ast.expr | None:
    value = node.value if isinstance(node, (ast.Return, ast.Yield)) else None
    return value if value is not None and _names_a_cause(value) else None


def _names_a_cause(value: ast.expr) -> bool:
    return isinstance(value, (ast.JoinedStr, ast.Constant)) and len(_cause(_template(value)).strip(_GAP)) > 1


def _template(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return _PLACEHOLDER.sub(_GAP, value.value) if isinstance(value.value, str) else ""
    assert isinstance(value, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else _GAP for part in value.values)


def _cause(template: str) -> str:
    """Return the part before the remedy, without the name of a setting."""
    return re.split(r"[:;] ", _SETTING.sub("", template), maxsplit=1)[0]
