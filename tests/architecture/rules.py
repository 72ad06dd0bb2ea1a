"""What a tidy file looks like: each rule reads one source and yields its offences. Nothing is exempt."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.architecture.tree import Source, declared

Rule = Callable[[Source], Iterator[str]]

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 60
SHORTEST_REASON_WORDS = 2

_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_SILENCER = re.compile(
    r"#\s*(?:type:\s*ignore(?:\[[\w, -]+\])?|(?:ruff:\s*)?noqa(?::[\sA-Z0-9,]*\d)?|pragma:\s*no\s+\w+)(?P<reason>.*)"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_STATEMENT = re.compile(
    r"SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s.*SET\s|DELETE\s+FROM\s"
    r"|^\s*(?:select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s.*set\s|delete\s+from\s)",
    re.DOTALL,
)
_TABLE = re.compile(r"\b(?:from|join|into|update|using)\s+(?:only\s+)?(\w+)", re.IGNORECASE)
_LINE_KIND = re.compile(r"raffle|ticket|prize", re.IGNORECASE)
_LOCAL_NAME = re.compile(r"\b(\w+)\s+as\s+(?:not\s+)?(?:materialized\s+)?\(", re.IGNORECASE)

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def long_files(source: Source) -> Iterator[str]:
    """A layer that outgrows its file becomes a folder of the same name."""
    length = len(source.text.splitlines())
    if length > LONGEST_FILE_LINES:
        yield source.at(length, f"the file has {length} lines")


def long_functions(source: Source) -> Iterator[str]:
    """A function is read in one look."""
    for node in ast.walk(source.tree):
        if isinstance(node, _FUNCTION) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION_LINES:
                yield source.at(node.lineno, f"{node.name} has {length} lines")


def unfinished_work(source: Source) -> Iterator[str]:
    """What is here is finished."""
    for line, comment in source.comments:
        if _UNFINISHED.search(comment):
            yield source.at(line, comment)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.unparse(node.exc):
            yield source.at(node.lineno, ast.unparse(node))


def silenced_checks_without_a_reason(source: Source) -> Iterator[str]:
    """Whoever silences a check says why, on the same line."""
    for line, comment in source.comments:
        silencer = _SILENCER.search(comment)
        if silencer and len(_WORD.findall(silencer["reason"])) < SHORTEST_REASON_WORDS:
            yield source.at(line, comment)


def prints(source: Source) -> Iterator[str]:
    """Only the command line writes to the terminal; everything else logs."""
    if not source.is_shipped or source.path.with_suffix("").parts[2] == "cli":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield source.at(node.lineno, ast.unparse(node))


def missing_promises(source: Source) -> Iterator[str]:
    """What others may use says what it promises."""
    if not source.is_shipped:
        return
    for node in _public(source.tree):
        if not ast.get_docstring(node):
            yield source.at(node.lineno, f"{node.name} has no docstring")


def sql_outside_the_repository(source: Source) -> Iterator[str]:
    """`repository` is the only layer that knows SQL; `models` describes the tables."""
    layer = source.module_and_layer
    is_workflow = source.path.parts[2:3] == ("workflows",)
    if not is_workflow and (layer is None or layer[1] in {"repository", "models"}):
        return
    for line, text in _strings(source.tree):
        if _STATEMENT.search(text):
            yield source.at(line, "SQL outside a repository")


def foreign_tables(source: Source) -> Iterator[str]:
    """A repository reads its own tables, and of other modules the published views alone."""
    place = source.module_and_layer
    if place is None or place[1] != "repository":
        return
    others = declared("modules") - {place[0]}
    local = {name for _, text in _strings(source.tree) for name in _LOCAL_NAME.findall(text)}
    for line, text in _strings(source.tree):
        if not _STATEMENT.search(text):
            continue
        for table in set(_TABLE.findall(text)) - local:
            owner = table.partition("_")[0]
            if owner in others and not table.startswith(f"{owner}_v_"):
                yield source.at(line, f"{table} belongs to {owner}")


def named_line_kinds(source: Source) -> Iterator[str]:
    """Carts and orders know line kinds by their protocol alone."""
    if source.module_and_layer is None or source.module_and_layer[0] not in {"cart", "orders"}:
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        if _LINE_KIND.search(line):
            yield source.at(number, line.strip())


RULES: list[Rule] = [
    long_files,
    long_functions,
    unfinished_work,
    silenced_checks_without_a_reason,
    prints,
    missing_promises,
    sql_outside_the_repository,
    foreign_tables,
    named_line_kinds,
]


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, *_FUNCTION)) or node.name.startswith("_") or _is_second(node):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node)


def _is_second(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    # An override keeps the promise of what it overrides, a setter that of its property, an overload that of its body.
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return not decorators.isdisjoint({"override", "overload", "setter"})


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    # Every string that the program uses, a formatted one as a whole; what stands alone as a statement is documentation.
    prose = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    formatted = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
    parts = {part for text in formatted for part in text.values}
    for text in formatted:
        yield text.lineno, "".join(_literal(part) for part in text.values)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in prose | parts:
            yield node.lineno, node.value


def _literal(part: ast.expr) -> str:
    return part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else "{}"
