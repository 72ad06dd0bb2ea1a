"""Every reason for which the program does not start, back up or restore, gathered from its source."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.tree import sources

_RAISED = {"StartupError", "BackupError"}
_WORDED_BY = {"_remedy", "_unsafe", "_faults", "fault"}
"""Functions that word the reason for somebody else to raise."""
_WORDED_IN = {"_REMEDIES"}
_GAP = "…"
_PLACE = re.compile(r"\{\w+\}")
_SETTING = re.compile(r"^LUXEWIN_[A-Z_]+: ")


def causes() -> Iterator[tuple[str, str]]:
    """Yield where each reason stands and the part of it that names the cause; what is filled in later is `…`."""
    for source in sources():
        if source.is_shipped:
            for node in _worded(source.tree):
                yield source.at(node.lineno, ""), _cause(_template(node))


def _worded(tree: ast.Module) -> Iterator[ast.expr]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _RAISED:
            yield from (argument for argument in node.args[:1] if _names_a_cause(argument))
        if isinstance(node, ast.FunctionDef) and node.name in _WORDED_BY:
            yield from (value for value in map(_given_out, ast.walk(node)) if value is not None)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id in _WORDED_IN:
            yield from (text for text in ast.walk(node) if isinstance(text, ast.Constant) and _names_a_cause(text))


def _given_out(node: ast.AST) -> ast.expr | None:
    value = node.value if isinstance(node, (ast.Return, ast.Yield)) else None
    return value if value is not None and _names_a_cause(value) else None


def _names_a_cause(value: ast.expr) -> bool:
    return isinstance(value, (ast.JoinedStr, ast.Constant)) and len(_cause(_template(value)).strip(_GAP)) > 1


def _template(value: ast.expr) -> str:
    if isinstance(value, ast.Constant):
        return _PLACE.sub(_GAP, value.value) if isinstance(value.value, str) else ""
    assert isinstance(value, ast.JoinedStr)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else _GAP for part in value.values)


def _cause(template: str) -> str:
    """Return what comes before the remedy; a setting's name before it is not the cause."""
    return re.split(r"[:;] ", _SETTING.sub("", template), maxsplit=1)[0]
