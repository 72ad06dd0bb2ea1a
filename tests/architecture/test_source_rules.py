"""All source files follow the rules, and each rule finds its violations."""

import re
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

from tests.architecture import rules
from tests.architecture.rules import Rule
from tests.architecture.tree import PACKAGE, ROOT, Source, declared, sources

# Entry points of processes, and files found by their names: manifests, tables for the migrations, payment gateways.
ENTRY_POINT = re.compile(
    r"luxewin\.(?:(?:__main__|cli|main|worker|relay|migrations|runtime\.supervision\.fork_server_preload)(?:\.|$)"
    r"|(?:modules|workflows)\.\w+\.module$|modules\.\w+\.models$"
    r"|modules\.payments\.gateways\.\w+\.(?:provider|settings)$)"
)
VIOLATING: dict[Rule, tuple[str, str]] = {
    rules.long_files: ("src/luxewin/kit/long.py", "x = 1\n" * 401),
    rules.long_functions: ("src/luxewin/kit/long.py", "def f():\n" + "    x = 1\n" * 60),
    rules.unfinished_work: ("src/luxewin/kit/half.py", "x = 1  # TODO: the other half\n"),
    rules.suppressed_checks_without_a_reason: ("src/luxewin/kit/quiet.py", "import os  # noqa: F401\n"),
    rules.prints: ("src/luxewin/kit/loud.py", "print('here')\n"),
    rules.dangerous_calls: ("src/luxewin/kit/risky.py", "client = AsyncClient(follow_redirects=True)\n"),
    rules.clients_of_other_services: ("src/luxewin/modules/catalog/service/images.py", "from httpx2 import get\n"),
    rules.missing_docstrings: ("src/luxewin/kit/mute.py", "class Shop:\n    '''Sells.'''\n    def sell(self): ...\n"),
    rules.sql_outside_the_repository: (
        "src/luxewin/modules/orders/service.py",
        "statement = f'SELECT id FROM orders_orders {where}'\n",
    ),
    rules.foreign_tables: (
        "src/luxewin/modules/orders/repository.py",
        "STATEMENT = 'SELECT id FROM orders_orders JOIN catalog_products USING (id)'\n",
    ),
    rules.named_line_kinds: ("src/luxewin/modules/cart/domain.py", "x = 1\n\nis_ticket = kind == 'goods'\n"),
}
FOLLOWING: dict[Rule, tuple[str, str]] = {
    rules.long_files: ("src/luxewin/kit/long.py", "x = 1\n" * 400),
    rules.long_functions: ("src/luxewin/kit/long.py", "def f():\n" + "    x = 1\n" * 59),
    rules.unfinished_work: ("src/luxewin/kit/whole.py", "NO_CURRENCY = 'XXX'  # ISO 4217\n"),
    rules.suppressed_checks_without_a_reason: (
        "src/luxewin/kit/quiet.py",
        "import os  # noqa: F401 - importing it registers the handlers\n",
    ),
    rules.prints: ("src/luxewin/cli.py", "print('here')\n"),
    rules.dangerous_calls: ("src/luxewin/kit/safe.py", "client = AsyncClient(follow_redirects=False)\n"),
    rules.clients_of_other_services: ("src/luxewin/modules/raffles/beacons/drand.py", "from httpx2 import get\n"),
    rules.missing_docstrings: ("src/luxewin/kit/terse.py", "def _sold(): ...\n"),
    rules.sql_outside_the_repository: (
        "src/luxewin/modules/orders/routes.py",
        "summary = 'Select what to ship from the order, then update the parcel and set its address'\n",
    ),
    rules.foreign_tables: (
        "src/luxewin/modules/orders/repository.py",
        "STATEMENT = 'WITH tax_rows AS (SELECT 1) SELECT id FROM tax_rows JOIN catalog_v_products USING (id)'\n",
    ),
    rules.named_line_kinds: ("src/luxewin/modules/line_kinds/kinds/registry.py", "KINDS = (Goods(), Tickets())\n"),
}


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_every_file_follows_the_rule(rule: Rule) -> None:
    offences = [offence for source in sources() for offence in rule(source)]
    assert not offences, "\n".join(offences)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_rule_finds_violations_and_nothing_else(rule: Rule) -> None:
    violating, following = (Source(Path(path), text) for path, text in (VIOLATING[rule], FOLLOWING[rule]))
    assert list(rule(violating)) != []
    assert list(rule(following)) == []


def test_a_module_has_only_the_declared_layers() -> None:
    known = declared("module-layers") | {"__init__", "__pycache__"}
    entries = [entry for module in _modules() for entry in module.iterdir()]
    unknown = [_below_root(entry) for entry in entries if entry.stem not in known or entry.suffix not in {"", ".py"}]
    assert not unknown, "\n".join(unknown)


def test_a_layer_is_either_a_file_or_a_folder() -> None:
    layers = [layer for module in _modules() for layer in module.glob("*.py")]
    doubled = [_below_root(layer) for layer in layers if layer.with_suffix("").exists()]
    assert not doubled, "\n".join(doubled)


@pytest.mark.parametrize(
    ("module", "table", "owner"),
    [("catalog_import", "catalog_products", "catalog"), ("catalog", "catalog_sheet_columns", "catalog_import")],
)
def test_a_table_belongs_to_the_module_that_declares_it(module: str, table: str, owner: str) -> None:
    path = Path(f"src/luxewin/modules/{module}/repository.py")
    [offence] = rules.foreign_tables(Source(path, f"STATEMENT = 'SELECT id FROM {table}'\n"))
    assert offence.endswith(f"{table} belongs to {owner}")
    own = Source(Path(f"src/luxewin/modules/{owner}/repository.py"), f"STATEMENT = 'SELECT id FROM {table}'\n")
    assert not list(rules.foreign_tables(own))


def test_every_file_is_imported() -> None:
    graph = grimp.build_graph("luxewin", cache_dir=None, exclude_type_checking_imports=True)
    imported = _reached(graph)
    shipped = (path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.read_text(encoding="utf-8"))
    unused = [_below_root(path) for path in sorted(shipped) if not _is_imported(path, imported)]
    assert not unused, "\n".join(unused)


def _modules() -> Iterator[Path]:
    return (folder for folder in (PACKAGE / "modules").iterdir() if folder.is_dir() and folder.name != "__pycache__")


def _below_root(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _reached(graph: grimp.ImportGraph) -> set[str]:
    # Importing a module also imports its parent packages.
    waiting = [name for name in graph.modules if ENTRY_POINT.match(name)]
    imported: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name and name not in imported:
            imported.add(name)
            waiting.append(name.rpartition(".")[0])
            waiting.extend(graph.find_modules_directly_imported_by(name))
    return imported


def _is_imported(path: Path, imported: set[str]) -> bool:
    # Alembic finds its revisions by path: no import leads to them.
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    if parts[1] == "migrations":
        return True
    return ".".join(parts).removesuffix(".__init__") in imported
