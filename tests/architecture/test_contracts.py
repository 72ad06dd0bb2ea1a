"""The import contracts hold, and each fails in a copy of the tree with an added violation."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.architecture.tree import PACKAGE, ROOT, contracts

LINTER = Path(sys.executable).with_name("lint-imports")


class Violation(NamedTuple):
    """An import that a contract must reject; without `imported`, a file that it must reject."""

    contract: str
    importer: str
    imported: str | None = None


VIOLATIONS = [
    Violation("layers", "luxewin.kit.money", "luxewin.modules.tenants.public"),
    Violation("layers", "luxewin.modules.tenants.service", "luxewin.workflows.check_out.workflow"),
    Violation("layers", "luxewin.workflows.check_out.workflow", "luxewin.main"),
    Violation("layers", "luxewin.worker", "luxewin.relay"),
    Violation("layers", "luxewin.demo.shops", "luxewin.main"),
    Violation("layers", "luxewin.undeclared"),
    Violation("modules", "luxewin.modules.tenants.service", "luxewin.modules.identity.public"),
    Violation("modules", "luxewin.modules.tax.service", "luxewin.modules.shipping.public"),
    Violation("modules", "luxewin.modules.undeclared"),
    Violation("module-layers", "luxewin.modules.tenants.domain", "luxewin.modules.tenants.service"),
    Violation("module-layers", "luxewin.modules.tenants.routes", "luxewin.modules.tenants.handlers"),
    Violation("module-layers", "luxewin.modules.tenants.undeclared"),
    Violation("workflow-layers", "luxewin.workflows.check_out.workflow", "luxewin.workflows.check_out.routes"),
    Violation("public-apis", "luxewin.modules.identity.service", "luxewin.modules.tenants.service"),
    Violation("public-apis", "luxewin.workflows.check_out.workflow", "luxewin.modules.tenants.repository"),
    Violation("public-apis", "luxewin.workflows.check_out.routes", "luxewin.modules.tenants.routes"),
    Violation("public-apis", "luxewin.workflows.draw_raffle.workflow", "luxewin.modules.raffles.anchors.evm"),
    Violation("public-apis", "luxewin.main", "luxewin.modules.tenants.service"),
    Violation("public-apis", "luxewin.migrations.revisions", "luxewin.modules.tenants.domain"),
    Violation("public-apis", "luxewin.worker", "luxewin.modules.tenants"),
    Violation("pure-domain", "luxewin.modules.tenants.domain", "pydantic"),
    Violation("pure-domain", "luxewin.kit.money", "asyncpg"),
    Violation("http-in-routes", "luxewin.modules.tenants.service", "fastapi"),
    Violation("http-in-routes", "luxewin.workflows.check_out.workflow", "starlette"),
    Violation("sql-in-repository", "luxewin.modules.tenants.service", "asyncpg"),
    Violation("sql-in-repository", "luxewin.workflows.check_out.workflow", "sqlalchemy"),
    Violation("no-cycles", "luxewin.kit.first", "luxewin.kit.second"),
]


def test_the_tree_keeps_every_contract() -> None:
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout


def test_every_contract_has_a_violation_that_it_rejects() -> None:
    assert {violation.contract for violation in VIOLATIONS} == set(contracts())


@pytest.mark.parametrize("violation", VIOLATIONS, ids=lambda violation: " ".join(filter(None, violation)))
def test_the_contract_rejects_the_violation(violation: Violation, tmp_path: Path) -> None:
    _copy_tree(tmp_path)
    _add(tmp_path, violation)
    linted = _lint(tmp_path, "--contract", violation.contract)
    assert linted.returncode == 1, linted.stdout
    assert "0 kept, 1 broken" in linted.stdout
    assert (violation.imported or violation.importer).removeprefix("luxewin.kit") in linted.stdout


def _copy_tree(to: Path) -> None:
    shutil.copytree(PACKAGE, to / "src" / "luxewin", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests" / "architecture", to / "tests" / "architecture")
    shutil.copy(ROOT / "pyproject.toml", to)


def _add(tree: Path, violation: Violation) -> None:
    importer = _file_of(tree, violation.importer)
    if violation.imported is None:
        return
    _append_import(importer, violation.imported)
    if violation.imported.startswith("luxewin."):
        imported = _file_of(tree, violation.imported)
        if violation.contract == "no-cycles":
            _append_import(imported, violation.importer)


def _file_of(tree: Path, name: str) -> Path:
    # The file of a module, created if it does not exist; for a package, its __init__.py.
    path = tree.joinpath("src", *name.split("."))
    if path.is_dir():
        return path / "__init__.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    for package in path.relative_to(tree / "src").parents[:-1]:
        (tree / "src" / package / "__init__.py").touch()
    file = path.with_suffix(".py")
    file.touch()
    return file


def _append_import(file: Path, imported: str) -> None:
    with file.open("a", encoding="utf-8") as text:
        text.write(f"\nimport {imported}\n")


def _lint(tree: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LINTER, "--no-logo", "--no-cache", *options],
        cwd=tree,
        env=os.environ | {"PYTHONPATH": str(tree / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
