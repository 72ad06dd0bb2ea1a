"""The program is built from the manifest of every module folder, and no manifest replaces a part of another."""

from collections import Counter
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import Any

import pytest

from luxewin.configuration import LOGIN_ROLES
from luxewin.installed import INVARIANT_CHECKS, INVARIANTS, MODULES, TAGS
from luxewin.kit import module as kit
from luxewin.kit.invariants import kit_invariants
from luxewin.migrations.tables import all_tables
from tests.architecture.tree import PACKAGE, table_owners


def _doubled(names: Iterable[Any]) -> list[Any]:
    return [name for name, count in Counter(names).items() if count > 1]


def test_every_folder_of_modules_and_workflows_is_part_of_the_program() -> None:
    folders = [
        f"luxewin.{kind}.{folder.name}.module"
        for kind in ("modules", "workflows")
        for folder in (PACKAGE / kind).iterdir()
        if any(folder.glob("*.py"))
    ]
    manifests = [kit.MODULE, *(import_module(name).MODULE for name in folders)]
    assert len(MODULES) == len(manifests)
    assert {id(module) for module in MODULES} == {id(module) for module in manifests}


def test_the_tables_of_every_module_are_found() -> None:
    found = {table.name for table in all_tables().tables.values()}
    assert set(table_owners()) - found == set()


@pytest.mark.parametrize("part", ["services", "invariants", "tags", "channels"])
def test_no_two_modules_provide_the_same(part: str) -> None:
    provided: list[Mapping[Any, Any]] = [getattr(module, part) for module in MODULES]
    assert _doubled(name for mapping in provided for name in mapping) == []


def test_no_two_statements_or_listeners_have_one_name() -> None:
    of_the_kit = kit_invariants([], LOGIN_ROLES)
    statements = [*(statement for module in MODULES for statement in module.invariants), *of_the_kit]
    assert _doubled([*statements, *(check.statement for check in INVARIANT_CHECKS.checks)]) == []
    assert len(INVARIANTS) == len(statements)
    assert _doubled(listener.name for module in MODULES for listener in module.listeners) == []
    assert _doubled(chain.table for chain in INVARIANT_CHECKS.chains) == []


def test_every_check_chain_and_tag_of_a_manifest_is_part_of_the_program() -> None:
    def all_of(part: str) -> list[Any]:
        return [one for module in MODULES for one in getattr(module, part)]

    assert list(INVARIANT_CHECKS.checks) == all_of("checks")
    assert list(INVARIANT_CHECKS.chains) == all_of("chains")
    assert set(TAGS) == set(all_of("tags"))
