"""The cursor of a list is bound to all that selects its rows: each value that `fetch` uses is in the list's name."""

import ast
from collections.abc import Iterator, Sequence

import pytest

from luxewin.kit.http.paging import paginate, paginate_with_queries
from tests.architecture.tree import sources

PAGINATING = {paginate.__name__, paginate_with_queries.__name__}
EXAMPLE = """
async def list_orders(context, paging, status):
    user_id = context.principal.user_id
    return await paginate(context, paging, listing=f"orders/{listing}", fetch={fetch})
"""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def unbound(tree: ast.AST) -> list[tuple[int, str]]:
    """Return every value that selects the rows of a list and is not part of its name, with its line."""
    return [
        (call.lineno, name)
        for function in ast.walk(tree)
        if isinstance(function, Function)
        for call in _paginating(function)
        for name in sorted(_selecting(function, call) - _names(_keyword(call, "listing")))
    ]


def _paginating(function: Function) -> Iterator[ast.Call]:
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PAGINATING:
            yield node


def _selecting(function: Function, call: ast.Call) -> set[str]:
    """Return the local values of a function that the `fetch` of its list uses."""
    named = _keyword(call, "fetch")
    inner = {node.name: node for node in function.body if isinstance(node, Function)}
    fetch = inner[named.id] if isinstance(named, ast.Name) and named.id in inner else named
    body: Sequence[ast.AST] = fetch.body if isinstance(fetch, Function) else [fetch]
    own = _parameters(fetch) if isinstance(fetch, ast.Lambda | Function) else set()
    local = _parameters(function) | {
        node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    return set().union(*map(_names, body)) & local - own


def _parameters(function: Function | ast.Lambda) -> set[str]:
    arguments = function.args
    return {argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)}


def _names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def _keyword(call: ast.Call, name: str) -> ast.expr:
    return next(keyword.value for keyword in call.keywords if keyword.arg == name)


def test_the_name_of_every_list_has_all_values_that_select_its_rows() -> None:
    shipped = [source for source in sources() if source.is_shipped]
    assert [source.at(line, name) for source in shipped for line, name in unbound(source.tree)] == []


@pytest.mark.parametrize(
    ("listing", "fetch", "found"),
    [
        ("{user_id}/{status}", "lambda tx, after, limit: rows(tx, user_id, status=status)", []),
        ("{user_id}", "lambda tx, after, limit: rows(tx, user_id, status=status)", ["status"]),
        ("all", "lambda tx, after, limit: rows(tx, user_id, status=status)", ["status", "user_id"]),
        ("all", "lambda tx, after, limit: rows(tx, after=after, limit=limit)", []),
        ("all", "lambda tx, after, limit: rows(tx, context.principal)", ["context"]),
    ],
)
def test_a_value_that_is_not_part_of_the_name_is_found(listing: str, fetch: str, found: list[str]) -> None:
    tree = ast.parse(EXAMPLE.replace("{listing}", listing).replace("{fetch}", fetch))
    assert [name for _, name in unbound(tree)] == found
