"""Rules for source files: each rule reads one file and yields its violations. There are no exemptions."""

import ast
import re
from collections.abc import Callable, Iterator

from tests.architecture.tree import Source, declared, table_owners

Rule = Callable[[Source], Iterator[str]]

LONGEST_FILE_LINES = 400
LONGEST_FUNCTION_LINES = 60
SHORTEST_REASON_WORDS = 2

_UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
_SUPPRESSION = re.compile(
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

_DANGEROUS_CALLS = {"eval", "exec", "os.system", "os.popen", "asyncio.create_subprocess_shell", "yaml.load"}
_DANGEROUS_METHODS = {"set_cookie"}
_DANGEROUS_ARGUMENTS = {("shell", True), ("verify", False), ("follow_redirects", True)}
_NETWORK_CLIENTS = {"httpx", "httpx2", "aiohttp", "requests", "urllib.request", "http.client", "web3"}
_CALLERS_OF_OTHER_SERVICES = (
    "src/luxewin/cli/",
    "src/luxewin/modules/payments/gateways/",
    "src/luxewin/modules/raffles/anchors/",
    "src/luxewin/modules/raffles/beacons/",
)
"""The folders of the command line, and of the adapters of services that the administrator configures."""

_FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def long_files(source: Source) -> Iterator[str]:
    """A file has at most 400 lines; a layer that outgrows its file becomes a folder of the same name."""
    length = len(source.text.splitlines())
    if length > LONGEST_FILE_LINES:
        yield source.at(length, f"the file has {length} lines")


def long_functions(source: Source) -> Iterator[str]:
    """A function has at most 60 lines."""
    for node in ast.walk(source.tree):
        if isinstance(node, _FUNCTION) and node.end_lineno is not None:
            length = node.end_lineno - node.lineno + 1
            if length > LONGEST_FUNCTION_LINES:
                yield source.at(node.lineno, f"{node.name} has {length} lines")


def unfinished_work(source: Source) -> Iterator[str]:
    """Code contains no unfinished work."""
    for line, comment in source.comments:
        if _UNFINISHED.search(comment):
            yield source.at(line, comment)
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Raise) and node.exc and "NotImplementedError" in ast.unparse(node.exc):
            yield source.at(node.lineno, ast.unparse(node))


def suppressed_checks_without_a_reason(source: Source) -> Iterator[str]:
    """A suppressed check has its reason on the same line."""
    for line, comment in source.comments:
        suppression = _SUPPRESSION.search(comment)
        if suppression and len(_WORD.findall(suppression["reason"])) < SHORTEST_REASON_WORDS:
            yield source.at(line, comment)


def prints(source: Source) -> Iterator[str]:
    """Only the command line prints; everything else logs."""
    if not source.is_shipped or source.path.with_suffix("").parts[2] == "cli":
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
            yield source.at(node.lineno, ast.unparse(node))


def dangerous_calls(source: Source) -> Iterator[str]:
    """No shell, no evaluated code, no cookies; HTTP clients check certificates and follow no redirects."""
    for node in ast.walk(source.tree) if source.is_shipped else ():
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        arguments = {(each.arg, each.value.value) for each in node.keywords if isinstance(each.value, ast.Constant)}
        if called in _DANGEROUS_CALLS or called.rpartition(".")[2] in _DANGEROUS_METHODS:
            yield source.at(node.lineno, called)
        elif arguments & _DANGEROUS_ARGUMENTS:
            yield source.at(node.lineno, ast.unparse(node))


def clients_of_other_services(source: Source) -> Iterator[str]:
    """Only the adapters of configured services, and the command line, open connections to other services."""
    path = source.path.as_posix()
    if not source.is_shipped or path.startswith(_CALLERS_OF_OTHER_SERVICES):
        return
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Import):
            names = {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {node.module or ""}
        else:
            continue
        if any(name == client or name.startswith(f"{client}.") for name in names for client in _NETWORK_CLIENTS):
            yield source.at(node.lineno, ast.unparse(node))


def missing_docstrings(source: Source) -> Iterator[str]:
    """Public classes and functions have a docstring."""
    if not source.is_shipped:
        return
    for node in _public(source.tree):
        if not ast.get_docstring(node):
            yield source.at(node.lineno, f"{node.name} has no docstring")


def sql_outside_the_repository(source: Source) -> Iterator[str]:
    """Only the layer `repository` contains SQL; `models` describes the tables."""
    layer = source.module_and_layer
    is_workflow = source.path.parts[2:3] == ("workflows",)
    if not is_workflow and (layer is None or layer[1] in {"repository", "models"}):
        return
    for line, text in _strings(source.tree):
        if _STATEMENT.search(text):
            yield source.at(line, "SQL outside a repository")


def foreign_tables(source: Source) -> Iterator[str]:
    """A repository uses the tables that the `models` of its module declare, and only the public views of others."""
    owner = source.module_and_layer
    if owner is None or owner[1] != "repository":
        return
    others, owners = declared("modules") - {owner[0]}, table_owners()
    local = {name for _, text in _strings(source.tree) for name in _LOCAL_NAME.findall(text)}
    for line, text in _strings(source.tree):
        if not _STATEMENT.search(text):
            continue
        for table in set(_TABLE.findall(text)) - local:
            module = owners.get(table) or table.partition("_")[0]
            if module in others and not table.startswith(f"{module}_v_"):
                yield source.at(line, f"{table} belongs to {module}")


def named_line_kinds(source: Source) -> Iterator[str]:
    """Carts and orders use line kinds through their protocol only."""
    if source.module_and_layer is None or source.module_and_layer[0] not in {"cart", "orders"}:
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        if _LINE_KIND.search(line):
            yield source.at(number, line.strip())


RULES: list[Rule] = [
    long_files,
    long_functions,
    unfinished_work,
    suppressed_checks_without_a_reason,
    prints,
    dangerous_calls,
    clients_of_other_services,
    missing_docstrings,
    sql_outside_the_repository,
    foreign_tables,
    named_line_kinds,
]


def _public(tree: ast.Module | ast.ClassDef) -> Iterator[ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in tree.body:
        if not isinstance(node, (ast.ClassDef, *_FUNCTION)) or node.name.startswith("_") or _shares_docstring(node):
            continue
        yield node
        if isinstance(node, ast.ClassDef):
            yield from _public(node)


def _shares_docstring(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    # An override, a setter and an overload share the docstring of the method, the property and the implementation.
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return not decorators.isdisjoint({"override", "overload", "setter"})


def _strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    # Every string that the program uses, formatted ones as one string; a string as a statement is documentation.
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
